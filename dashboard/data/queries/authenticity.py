"""Findings to be checked (核查线索) of a district's quarter, and who has reported what when.

Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”), 四(一) (统计审核).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from math import isnan
from typing import cast

import pandas as pd
from sqlalchemy import Connection, and_, select

from dashboard.data import evidence, versioned
from dashboard.data.evidence import Basis, Evidence
from dashboard.data.schema import finding_review, import_batch, submission, unit, village_income
from dashboard.data.store import Store
from dashboard.data.submissions import REPORTED
from dashboard.data.units import Focus, Unit
from dashboard.policy.access import Role, Viewer, may_see
from dashboard.policy.authenticity.findings import Finding, Row
from dashboard.policy.codes import prefix_of
from dashboard.policy.periods import Period
from dashboard.policy.suppression import LEAST
from dashboard.settings import Settings

_EXIT_RULE = "households_exited"
_TIMELINESS, _SENT_BACK = "timeliness", "returned"
_LOOK_BACK = 4
"""Quarters to look back for how long something has been found."""
Origins = dict[tuple[str, str], tuple[str, int | None, datetime]]
COVERAGE = ["unit", "name", "table", "period", "first_on", "days"]


@dataclass(frozen=True)
class Lead:
    """A finding as its viewer may see it; `since`: the first of the quarters in a row in which the
    same check named any of the same units; `key` stays the same whoever looks."""

    finding: Finding
    key: str
    since: Period


@dataclass(frozen=True)
class Look:
    """What there is to check under a focus; `asked`: the checks that had enough to judge by;
    `names` and `towns` (of villages) by code."""

    leads: tuple[Lead, ...]
    asked: frozenset[str]
    totals: tuple[int, ...]
    """Villages' income of the year (fen, floor support taken off), at a district's year's end."""
    names: Mapping[str, str]
    towns: Mapping[str, str]


def look(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Look | None:
    """The district's findings; under a town or village those with rows of its own, and these alone.

    None above the district and for who may not see them: findings are for the leadership group,
    the office and a town's own figures. Rows of households are for who may see households. The
    checks always compare the whole district.
    """
    district = _district(focus)
    if viewer is None or district is None or not may_see(viewer, focus.lineage):
        return None
    if viewer.role not in (Role.LEADER, Role.OFFICE, Role.TOWN):
        return None
    source = _Source(
        store.url.render_as_string(), store.version_seen, id(settings), store, settings
    )
    known, found, asked = _reviewed(source, district, focus.period)
    own = {focus.unit.code, *(v for v, t in known.towns.items() if t == focus.unit.code)}
    leads = []
    for one in found:
        told: Finding | None = one
        if not viewer.sees_households:
            told = _without_households(one, known)
        if told is not None and focus.unit.code != district.code:
            told = _of_units(told, own, known)
        if told is not None:
            leads.append(Lead(told, one.fingerprint, _since(source, district, one)))
    is_whole = focus.unit.code == district.code and focus.period.closes_year
    totals = known.inputs.incomes.total(focus.period) if is_whole else ()
    reported = tuple(int(fen) for fen in totals if not isnan(fen))
    return Look(tuple(leads), asked, reported, known.inputs.names, known.towns)


def suspected(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings
) -> frozenset[tuple[str, str]]:
    """(table, unit) of the district's rows that a finding of the focus quarter rests on and that
    the office has not done with; nothing for who may not see findings.

    Who was early or late is no doubt about a figure. Kept for as long as the store is not written
    to: the checks are made once, by whoever looks first.
    """
    district = _district(focus)
    if viewer is None or district is None or not may_see(viewer, focus.lineage):
        return frozenset()
    if viewer.role not in (Role.LEADER, Role.OFFICE, Role.TOWN):
        return frozenset()
    at = versioned.source(store)
    source = _Source(at.url, at.version, id(settings), store, settings)
    done = _done_with(store, district.code)
    return frozenset(
        (table, unit)
        for fingerprint, table, unit in _rested_on(source, district, focus.period)
        if (str(focus.period), fingerprint) not in done
    )


@versioned.kept(size=64)
def _done_with(connection: Connection, key: Hashable) -> frozenset[tuple[str, str]]:
    """(period, fingerprint) of a district's findings that were accepted or closed last."""
    table = finding_review
    statement = (
        select(table.c.period, table.c.fingerprint, table.c.action)
        .where(table.c.district_code == cast(str, key))
        .order_by(table.c.number)
    )
    newest = {(row.period, row.fingerprint): row.action for row in connection.execute(statement)}
    return frozenset(key for key, action in newest.items() if action != _SENT_BACK)


def origins(store: Store, viewer: Viewer | None, focus: Focus, rows: Sequence[Row]) -> Origins:
    """Where villages' incomes came from: (file, row in its sheet, imported at UTC) by village and
    period; nothing for who may not see the focus unit, and of villages that are not the viewer's.
    """
    if viewer is None or not may_see(viewer, focus.lineage):
        return {}
    own = prefix_of(viewer.unit_code)
    asked = {
        (row.unit, row.period)
        for row in rows
        if row.table == village_income.name and row.unit.startswith(own)
    }
    if not asked:
        return {}
    batch = and_(
        import_batch.c.district_code == village_income.c.district_code,
        import_batch.c.id == village_income.c.batch_id,
    )
    statement = (
        select(
            village_income.c.village_code,
            village_income.c.period,
            import_batch.c.file_name,
            village_income.c.source_row,
            import_batch.c.imported_at,
        )
        .select_from(village_income.join(import_batch, batch))
        .where(
            village_income.c.district_code == focus.unit.district_code,
            village_income.c.village_code.in_({code for code, _ in asked}),
            village_income.c.period.in_({period for _, period in asked}),
        )
    )
    with store.reading() as connection:
        return {
            (row.village_code, row.period): (row.file_name, row.source_row, row.imported_at)
            for row in connection.execute(statement)
            if (row.village_code, row.period) in asked
        }


def coverage(store: Store, viewer: Viewer | None, focus: Focus, quarters: int = 8) -> pd.DataFrame:
    """When each town under the focus first sent each table, over the newest quarters.

    Columns: unit (code), name, table (observation, village_income), period, first_on (date on the
    office's clock), days (after the quarter's end; negative: before it). A row a town, table and
    quarter; first_on and days None where nothing came. Empty above the district.
    """
    district = _district(focus)
    if district is None or focus.unit.is_village or not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=COVERAGE, dtype=object)
    whose = unit.c.code if focus.unit.level == "town" else unit.c.parent_code
    towns = (
        select(unit.c.code, unit.c.name)
        .where(
            unit.c.district_code == district.code,
            whose == focus.unit.code,
            unit.c.level == "town",
            unit.c.valid_to.is_(None),
        )
        .order_by(unit.c.code)
    )
    first = focus.period.shift(1 - quarters)
    sent = select(submission).where(
        submission.c.district_code == district.code,
        submission.c.period.between(str(first), str(focus.period)),
    )
    with store.reading() as connection:
        listed = connection.execute(towns).all()
        came = {
            (row.unit_code, row.table_name, row.period): evidence.day_of(row.first_at)
            for row in connection.execute(sent)
        }
    rows = []
    for town in listed:
        for table in REPORTED:
            # A quarter in which nobody has sent the table was not asked for.
            told = {period for _, name, period in came if name == table}
            for period in sorted(told | {str(focus.period)}):
                on = came.get((town.code, table, period))
                late = None if on is None else (on - Period.parse(period).last_day).days
                rows.append((town.code, town.name, table, period, on, late))
    return pd.DataFrame(rows, columns=COVERAGE, dtype=object)


@dataclass(frozen=True)
class _Source:
    """A store at one version and the settings: what is read with them stays true."""

    url: str
    version: int
    configured: int
    store: Store = field(compare=False)
    settings: Settings = field(compare=False)


@lru_cache(maxsize=4)
def _basis(source: _Source, district: Unit) -> Basis:
    with source.store.reading(of_district=True) as connection:
        return evidence.read(connection, district, _exits_indicator(source.settings))


@lru_cache(maxsize=64)
def _reviewed(
    source: _Source, district: Unit, period: Period
) -> tuple[Evidence, tuple[Finding, ...], frozenset[str]]:
    # A fifth of a MB a quarter beside the district's own evidence (5,000 households).
    # Two seconds of the statistics library, and only this page needs it.
    from dashboard.policy.authenticity.review import reviewed  # noqa: PLC0415

    policy = source.settings.policy
    known = _basis(source, district).at(period, policy)
    found, asked = reviewed(known.inputs, policy.authenticity_rules)
    return known, tuple(found), asked


@lru_cache(maxsize=256)
def _rested_on(source: _Source, district: Unit, period: Period) -> frozenset[tuple[str, str, str]]:
    """(fingerprint, table, unit) of the rows that the quarter's findings about figures rest on:
    little beside the evidence, so that it is kept for many more quarters."""
    known, found, _ = _reviewed(source, district, period)
    when = (str(period), str(period.year))
    return frozenset(
        (one.fingerprint, row.table, row.unit or known.homes.get(row.subject, ""))
        for one in found
        if one.check != _TIMELINESS
        for row in one.rows
        if row.period in when
    )


def _since(source: _Source, district: Unit, finding: Finding) -> Period:
    since = finding.period
    for _ in range(_LOOK_BACK):
        _, before, _ = _reviewed(source, district, since.previous())
        same = (one for one in before if (one.check, one.title) == (finding.check, finding.title))
        if not any(set(one.units) & set(finding.units) for one in same):
            break
        since = since.previous()
    return since


def _exits_indicator(settings: Settings) -> str:
    entries = settings.catalogue.indicators
    named = (e.code for e in entries if e.register_rule and e.register_rule.rule == _EXIT_RULE)
    return next(named, "")


def _district(focus: Focus) -> Unit | None:
    line = (*focus.ancestors, focus.unit)
    return next((one for one in line if one.level == "district"), None)


def _without_households(finding: Finding, known: Evidence) -> Finding:
    """Without rows of households and the villages they live in, and with no count below LEAST."""
    kept = tuple(row for row in finding.rows if row.subject not in known.homes)
    # A village that has left is in `homes` as its own home.
    kept += tuple(row for row in finding.rows if known.homes.get(row.subject) == row.subject)
    count = len(finding.rows) - len(kept)
    if not count:
        return finding
    told = f"{count}户" if count >= LEAST else f"少于{LEAST}户"
    sentence = f"涉及{told},名单只向扶贫办和本镇(街道)提供。"
    return replace(finding, rows=kept, units=tuple(r.unit for r in kept), sentence=sentence)


def _of_units(finding: Finding, own: set[str], known: Evidence) -> Finding | None:
    """What concerns the given units alone, in words that tell nothing of others."""

    def is_own(row: Row) -> bool:
        return (row.unit or known.homes.get(row.subject, "")) in own

    rows = tuple(row for row in finding.rows if is_own(row))
    units = tuple(code for code in finding.units if code in own)
    if not rows and not units:
        return None
    names = "、".join(dict.fromkeys(known.inputs.name(code) for code in units))
    where = f"({names})" if names else ""
    sentence = f"全区核查提示本单位有{max(len(rows), len(units))}条数据需要核实{where}。"
    return replace(finding, rows=rows, units=units, sentence=sentence)
