"""Every figure that there is for a bulletin, by the name under which it may be told."""

from dashboard.briefing.facts import Fact, Facts
from dashboard.briefing.ledger import (
    ALLOCATED,
    ARRANGED,
    INVESTED,
    LACKING_SECRETARY,
    LATE,
    NEWLY_OVER,
    NEWLY_WEAK,
    NO_LONGER_WEAK,
    ON_LINE,
    OPEN_AUDITS,
    OTHERS,
    OVERDUE_PROJECTS,
    OWN,
    PROJECTS,
    RANK,
    RETURNED,
    RETURNED_OPEN,
    SCORE,
    SHORT_OF_LINE,
    SPENT,
    TRANSFERRED,
    Key,
    Measure,
    named,
)
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.periods import Period

_INCOME_RULE = "village_income_total"


def known(facts: Facts) -> dict[Key, int]:
    """Every figure that there is, by its name, unit and measure."""
    now = facts.focus.period
    found: dict[Key, int] = {}
    for sheet in facts.course.values():
        for fact in sheet.values():
            _add_fact(found, fact, now)
    for child in facts.children:
        for sheet in (child.now, child.before):
            for fact in sheet.values():
                _add_fact(found, fact, now)
    for part in (_sources, _places, _villages, _register, _totals):
        found |= part(facts)
    return found


def _add_fact(found: dict[Key, int], fact: Fact, now: Period) -> None:
    name = named(fact.entry.code, fact.period, now)
    scheduled = None if fact.scheduled is None else round(fact.scheduled)
    values: tuple[tuple[Measure, int | None], ...] = (
        ("value", fact.value),
        ("target", fact.target),
        ("scheduled", scheduled),
        ("numerator", fact.numerator),
        ("denominator", fact.denominator),
    )
    for measure, value in values:
        if value is not None:
            found[name, fact.unit_code, measure] = value


def income_of(facts: Facts) -> str | None:
    """The indicator of the villages' income, which is told apart by source."""
    for entry in facts.settings.catalogue.indicators:
        if entry.register_rule is not None and entry.register_rule.rule == _INCOME_RULE:
            return entry.code
    return None


def _sources(facts: Facts) -> dict[Key, int]:
    """Income by where it comes from: what villages earn themselves, transfers, all else."""
    policy, code, unit = facts.settings.policy, income_of(facts), facts.focus.unit.code
    found: dict[Key, int] = {}
    for period, sheet in facts.course.items():
        fact = sheet[code] if code else None
        if fact is None or fact.value is None or not fact.classes:
            continue
        own = sum(fact.classes.get(source, 0) for source in policy.own_sources)
        moved = sum(fact.classes.get(source, 0) for source in policy.transfer_sources)
        parts = {OWN: own, TRANSFERRED: moved, OTHERS: fact.value - own - moved}
        for name, value in parts.items():
            found[named(name, period, facts.focus.period), unit, "value"] = value
    return found


def _places(facts: Facts) -> dict[Key, int]:
    """Scores in hundredths of a point, and ranks, now and a quarter ago."""
    now = facts.focus.period
    score, rank = (named(name, now.previous(), now) for name in (SCORE, RANK))
    found: dict[Key, int] = {}
    for place in facts.board.places:
        found[SCORE, place.code, "value"] = round(place.points * 100)
        found[RANK, place.code, "value"] = place.rank
        if place.rank_before is not None and place.gained is not None:
            found[score, place.code, "value"] = round((place.points - place.gained) * 100)
            found[rank, place.code, "value"] = place.rank_before
    return found


def line_income(facts: Facts) -> str:
    """What a village's amount against the line is called: the income indicator where that is made
    of the same sources, else the line's own concept."""
    line, code = facts.line, income_of(facts)
    if line is None:
        return ""
    policy = facts.settings.policy
    whole = set(policy.sources_of(line.threshold.key)) == set(INCOME_SOURCES)
    return code if whole and code else line.threshold.concept


def _villages(facts: Facts) -> dict[Key, int]:
    name, unit = line_income(facts), facts.focus.unit.code
    found: dict[Key, int] = {}
    told = [village for village in facts.villages if village.amount_fen is not None]
    # The query sums last year's over all sources: comparable only with an amount of all sources.
    is_whole = name == income_of(facts)
    last_year = named(name, facts.focus.period.year_end(1), facts.focus.period)
    for village in facts.villages:
        if village.amount_fen is not None:
            found[name, village.code, "value"] = village.amount_fen
        if village.last_year_fen is not None and is_whole:
            found[last_year, village.code, "value"] = village.last_year_fen
    if facts.line is not None and told:
        line = facts.line.threshold
        found[ON_LINE, unit, "value"] = sum(v.amount_fen == line.fen for v in told)
        found[SHORT_OF_LINE, unit, "value"] = sum(not line.holds(v.amount_fen or 0) for v in told)
    if facts.villages:
        lacking = sum(village.lacks_secretary for village in facts.villages)
        found[LACKING_SECRETARY, unit, "value"] = lacking
    return found


def crossed(facts: Facts, rule: str, now: int) -> list[str]:
    """Names of the villages whose figure has become `now`: past the year's line or weak, or not.

    A first figure is a change only where the year's count starts from nothing.
    """
    found = []
    for row in facts.changed:
        entry = facts.settings.catalogue[str(row["indicator"])]
        register = entry.register_rule
        if register is None or register.rule != rule or not _is_the_line(facts, register.threshold):
            continue
        starts = entry.cumulative and now == 1
        if row["now"] == now and (row["before"] is not None or starts):
            found.append(str(row["name"]))
    return found


def _is_the_line(facts: Facts, threshold: str | None) -> bool:
    line = facts.line
    return threshold == "weak_village" or (line is not None and threshold == line.threshold.key)


def _register(facts: Facts) -> dict[Key, int]:
    unit = facts.focus.unit.code
    found: dict[Key, int] = {}
    sides = (
        (NEWLY_OVER, "villages_beyond_line", 1),
        (NEWLY_WEAK, "weak_villages", 1),
        (NO_LONGER_WEAK, "weak_villages", 0),
    )
    for name, rule, side in sides:
        found[name, unit, "value"] = len(crossed(facts, rule, side))
    found[LATE, unit, "value"] = len(facts.late)
    found[RETURNED, unit, "value"] = sum(int(row["times"]) for row in facts.returned)
    found[RETURNED_OPEN, unit, "value"] = sum(int(row["open"]) for row in facts.returned)
    for row in facts.returned:
        found[RETURNED, str(row["unit"]), "value"] = int(row["times"])
    return found


def _totals(facts: Facts) -> dict[Key, int]:
    """Funds and projects, whole and by purpose or category; absent where there are none."""
    unit = facts.focus.unit.code
    found: dict[Key, int] = {}
    columns = ((ARRANGED, "arranged_fen"), (ALLOCATED, "allocated_fen"), (SPENT, "spent_fen"))
    counts = ((PROJECTS, "projects"), (OVERDUE_PROJECTS, "overdue"), (INVESTED, "invested_fen"))
    for rows, named_columns, kind in (
        (facts.funds, (*columns, (OPEN_AUDITS, "open_audits")), "purpose"),
        (facts.projects, counts, "category"),
    ):
        for name, column in named_columns if rows else ():
            found[name, unit, "value"] = sum(int(row[column]) for row in rows)
            for row in rows:
                found[f"{name}·{row[kind]}", unit, "value"] = int(row[column])
    return found
