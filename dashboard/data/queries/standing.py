"""The ranking of a focus unit's children: their figures over the quarters, and the board."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from dashboard.data import few, units
from dashboard.data.queries import conduct
from dashboard.data.queries.conduct import Conduct
from dashboard.data.schema import summary
from dashboard.data.scoped import kept_for_scope
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import Source, kept, source
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.board import (
    Board,
    Entrant,
    Penalties,
    Rules,
    Score,
    Weighing,
    board,
    scored,
)
from dashboard.policy.periods import Period, report_due, span
from dashboard.policy.progress import Direction, on_schedule
from dashboard.settings import Settings

_OVERDUE_RULE = "overdue_tasks"


@dataclass(frozen=True)
class Figure:
    """One indicator of one child in the focus quarter, in the indicator's smallest unit.

    `share` is actual over scheduled progress (1: on schedule).
    """

    unit: str
    indicator: str
    value: int | None
    numerator: int | None
    denominator: int | None
    target: int | None
    scheduled: float | None
    share: float | None
    light: str
    reported: int
    expected: int


@dataclass(frozen=True)
class Standing:
    """The board of the focus quarter, the ranks of the quarters before, and what they rest on.

    `history`: by quarter, oldest first, the score of each child by code. `figures` are those that
    the viewer may see; `own` is the only child whose reasons are shown, None for all.
    """

    board: Board
    history: dict[Period, dict[str, Score]]
    figures: tuple[Figure, ...]
    villages: dict[str, int]
    own: str | None = None


def rules_of(settings: Settings, *, of_villages: bool = False) -> Rules:
    """The rules of the score from config/: core indicators, their weights, and `scoring`.

    Villages are ranked without what single households earn, whoever looks: a village has few of
    them, and its points would tell their income.
    """
    scoring = settings.policy.scoring
    core = [
        entry
        for entry in settings.catalogue.core
        if entry.weight and not (of_villages and few.is_personal(entry))
    ]
    shown = scoring.penalties
    return Rules(
        tuple(Weighing(entry.code, entry.weight, entry.track) for entry in core),
        scoring.method,
        Penalties(shown.overdue_task, shown.late_report, shown.returned_figure, shown.most),
        scoring.both_tracks,
        scoring.least_weight_percent / 100,
        scoring.certainty.draws,
        scoring.certainty.spread_percent / 100,
        scoring.certainty.seed,
    )


@kept_for_scope(32)
def of_children(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings, since: Period
) -> Standing:
    """Rank the units directly under the focus unit, from `since` to the focus quarter.

    Whoever may see the focus unit sees everything. A unit among those ranked (a town) sees the
    ranking of its like with names, places and points, and reasons and figures of its own only.
    Everybody else gets an empty standing. Source: 武发〔2016〕68号 二(三), 四(二).
    """
    own = _own(viewer, focus)
    sees_all = may_see(viewer, focus.lineage)
    if not sees_all and own is None:
        return Standing(Board(), {}, (), {})
    is_town = focus.unit.level == "town"
    rules = rules_of(settings, of_villages=is_town)
    children = units.names_under(store, focus.unit)
    if not sees_all and own not in children:
        return Standing(Board(), {}, (), {})
    under = _Under.of(focus, settings)
    ranked = _Ranked(source(store), under, rules, id(settings), focus, settings)
    history = {period: _scores(ranked, period) for period in span(since, focus.period)}
    before = focus.period.previous()
    now = _board(ranked, focus.period, before if before in history else None)
    rows = _rows(store, under)
    withheld = few.withheld(store, viewer, focus)
    figures = tuple(
        figure
        for figure in _figures(settings, rows, focus.period)
        if not withheld.has(figure.unit, figure.indicator, str(focus.period))
    )
    villages = _villages(settings, rows, focus.period)
    if sees_all:
        return Standing(now, history, figures, villages)
    places = tuple(p if p.code == own else p.without_reasons() for p in now.places)
    figures = tuple(figure for figure in figures if figure.unit == own)
    return Standing(replace(now, places=places), history, figures, villages, own)


def _own(viewer: Viewer | None, focus: Focus) -> str | None:
    """The viewer's own unit where it is one of those ranked, by its code."""
    if viewer is None or not viewer.sees_ranking:
        return None
    return viewer.unit_code


_Rows = dict[tuple[str, str], list[Any]]
"""Rows of summary by (unit, quarter)."""


@dataclass(frozen=True)
class _Under:
    """Whose past is asked for: units directly under one. `district`: their own where all have one,
    None above the district. `wanted`: codes of indicators."""

    code: str
    district: str | None
    wanted: tuple[str, ...]

    @classmethod
    def of(cls, focus: Focus, settings: Settings) -> "_Under":
        wanted = {entry.code for entry in settings.catalogue.core}
        wanted |= {e.code for e in settings.catalogue.indicators if _counts_overdue(e)}
        wanted |= set(settings.catalogue.quarterly_reports)
        district = focus.unit.district_code if focus.is_in_a_district else None
        return cls(focus.unit.code, district, tuple(sorted(wanted)))


@dataclass(frozen=True)
class _Ranked:
    """Units that are ranked, and by what: the same for everybody who may see the ranking.
    `settings` by what they are, not by what they say; the key holds them."""

    at: Source
    under: _Under
    rules: Rules
    identity: int
    focus: Focus = field(compare=False)
    settings: Settings = field(compare=False)

    def entrants(self, period: Period) -> list[Entrant]:
        store, focus = self.at.store, self.focus
        children = units.names_under(store, focus.unit)
        rows, behaved = _rows(store, self.under), conduct.of_district(store, focus)
        return _entrants(self.settings, self.rules, children, rows, behaved, period)


@lru_cache(maxsize=512)
def _scores(ranked: _Ranked, period: Period) -> dict[str, Score]:
    return scored(ranked.entrants(period), ranked.rules)


@lru_cache(maxsize=64)
def _board(ranked: _Ranked, period: Period, before: Period | None) -> Board:
    """With the movement since the quarter before, where that is among those asked for."""
    scores = {} if before is None else _scores(ranked, before)
    return board(ranked.entrants(period), ranked.rules, scores)


@kept(size=8)
def _rows(connection: Connection, under: Any) -> _Rows:
    """Of all quarters, so that going from one to the next asks nothing."""
    conditions = [
        summary.c.parent_code == under.code,
        summary.c.indicator_code.in_(under.wanted),
    ]
    if under.district is not None:
        conditions.append(summary.c.district_code == under.district)
    statement = select(
        summary.c.unit_code,
        summary.c.indicator_code,
        summary.c.period,
        summary.c.value,
        summary.c.numerator,
        summary.c.denominator,
        summary.c.baseline,
        summary.c.target,
        summary.c.scheduled,
        summary.c.light,
        summary.c.reported,
        summary.c.expected,
    ).where(*conditions)
    found: _Rows = {}
    for row in connection.execute(statement):
        found.setdefault((row.unit_code, row.period), []).append(row)
    return found


def _entrants(
    settings: Settings,
    rules: Rules,
    children: dict[str, str],
    rows: _Rows,
    behaved: Conduct,
    period: Period,
) -> list[Entrant]:
    weighed = {weighing.indicator for weighing in rules.weighings}
    reports = settings.catalogue.quarterly_reports
    counting = {e.code for e in settings.catalogue.indicators if _counts_overdue(e)}
    found, quarter = [], str(period)
    due = report_due(period, settings.policy.scoring.report_due_days)
    sent_back = Counter(one.unit for one in behaved.sent_back.get(quarter, ()))
    for code, name in children.items():
        mine = rows.get((code, quarter), [])
        shares = {
            row.indicator_code: share
            for row in mine
            if row.indicator_code in weighed
            for share in [_share(settings, row)]
            if share is not None
        }
        first = behaved.first_sent.get((code, quarter))
        found.append(
            Entrant(
                code,
                name,
                shares,
                any(row.reported for row in mine if row.indicator_code in reports),
                sum(int(row.value or 0) for row in mine if row.indicator_code in counting),
                int(first is not None and first >= due),
                sent_back[code],
            )
        )
    return found


def _share(settings: Settings, row: Any) -> float | None:
    """Actual over scheduled progress; None without figure or schedule, 1 for what nobody must."""
    if row.value is None or row.scheduled is None or row.denominator == 0:
        return None
    direction = settings.catalogue[row.indicator_code].direction
    return _of_schedule(row.value, row.scheduled, direction, row.baseline)


@lru_cache(maxsize=32_768)
def _of_schedule(
    value: int, scheduled: float, direction: Direction, baseline: int | None
) -> float | None:
    """Kept: a ranking goes through all quarters, and from one to the next one is new."""
    expected = Fraction(scheduled).limit_denominator(1_000_000)
    share = on_schedule(value, expected, direction, baseline)
    return None if share is None else float(share)


def _counts_overdue(entry: Any) -> bool:
    return entry.register_rule is not None and entry.register_rule.rule == _OVERDUE_RULE


def _figures(settings: Settings, rows: _Rows, period: Period) -> tuple[Figure, ...]:
    core, quarter = {entry.code for entry in settings.catalogue.core}, str(period)
    return tuple(
        Figure(
            row.unit_code,
            row.indicator_code,
            row.value,
            row.numerator,
            row.denominator,
            row.target,
            row.scheduled,
            _share(settings, row),
            row.light,
            row.reported,
            row.expected,
        )
        for key in sorted(key for key in rows if key[1] == quarter)
        for row in rows[key]
        if row.indicator_code in core
    )


def _villages(settings: Settings, rows: _Rows, period: Period) -> dict[str, int]:
    """How many villages each child's figures stand on, by code."""
    quarter = str(period)
    income: Sequence[str] = [
        entry.code
        for entry in settings.catalogue.indicators
        if entry.register_rule is not None and entry.register_rule.rule == "village_income_total"
    ]
    return {
        code: int(row.expected)
        for (code, text), found in rows.items()
        if text == quarter
        for row in found
        if row.indicator_code in income
    }
