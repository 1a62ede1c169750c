"""数出有源: what a figure is made of, down to the file and the row, and what it was before.

Rows of households are for the office and their own town; everybody else is told that there are
such rows and which files they came in, not how many of them a file had.
Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”), 二(三) (建立扶贫信息平台).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from dashboard.config_models import IndicatorEntry
from dashboard.data import contributions, few, schema, units
from dashboard.data.contributions import PERSONAL_RULES, Part, Trace
from dashboard.data.few import Withheld
from dashboard.data.origins import Batch, Origin, Span, batches_of, history_of, origins_of
from dashboard.data.registers import rule_of
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.aggregation import Aggregation, Figure
from dashboard.settings import Settings

_LEAF_LEVELS = ("district", "town", "village")


@dataclass(frozen=True)
class Piece:
    """A child's figure within its parent's; numerator and denominator None where hidden, all of it
    where it is withheld."""

    unit: str
    name: str
    figure: Figure
    span: Span
    is_withheld: bool = False


@dataclass(frozen=True)
class Lineage:
    """All that is known of a figure's origin.

    `row`: the figure as a row of summary, None where there is none. `pieces`: the children whose
    figures are in it; `left_out`: names of those without one. `origins`: the unit's own rows that
    are in it, `target`: the row of its target. `span`: of all rows down to the villages.
    `is_withheld`: there are rows of households that the viewer may not see.
    """

    focus: Focus
    entry: IndicatorEntry
    row: Mapping[str, Any] | None
    pieces: tuple[Piece, ...] = ()
    left_out: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    target: Origin | None = None
    span: Span = field(default_factory=Span)
    is_withheld: bool = False


def lineage(
    store: Store, viewer: Viewer | None, focus: Focus, settings: Settings, indicator: str
) -> Lineage | None:
    """Where the focus unit's figure of an indicator comes from, one level down; at the bottom the
    very rows. In up to eight statements, none of which a page's own run asks.

    None for who may not see the unit, and for an indicator that the catalogue does not have.
    """
    entry = settings.catalogue.by_code.get(indicator)
    if viewer is None or entry is None or not may_see(viewer, focus.lineage):
        return None
    if focus.unit.level not in _LEAF_LEVELS:
        return _above_districts(store, viewer, focus, settings, entry)
    tree = units.within(store, viewer, focus)
    names = {unit.code: unit.name for unit in tree}
    with store.reading() as connection:
        traced = _traced(connection, settings, focus, names, [entry])
        target = _target(connection, focus, indicator)
        here = list(traced.own.get((focus.unit.code, indicator), ()))
        every = list(traced.leaves(focus.unit.code, indicator))
        parts = [*here, *([target] if target else [])]
        district = focus.unit.district_code
        history = history_of(connection, district, parts)
        known = batches_of(connection, district, _batch_ids([*every, *parts], history))
    look = _Look(viewer, entry, traced, known, few.withheld(store, viewer, focus))
    is_withheld = bool(here) and not look.is_open
    told = origins_of([] if is_withheld else here, known, history)
    below = [unit for unit in tree if unit.parent_code == focus.unit.code]
    row = traced.summaries.get((focus.unit.code, indicator))
    codes = traced.children(focus.unit.code, indicator)
    return Lineage(
        focus,
        entry,
        None if row is None else look.shown(row),
        tuple(look.piece(code, names[code]) for code in codes),
        tuple(unit.name for unit in below if codes and unit.code not in codes),
        told,
        origins_of([target], known, history)[0] if target else None,
        look.span(every),
        is_withheld,
    )


@dataclass(frozen=True)
class Source:
    """Where one figure of a file comes from, in short: `children` figures and `rows` of its own."""

    unit: str
    indicator: str
    children: int
    span: Span


def sources(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    indicators: Sequence[str],
) -> dict[tuple[str, str], Source]:
    """The origin of the figures of the focus unit and of the units directly under it, by (unit,
    indicator): what an exported file says of each. Figures that are not there are not told of.

    Above the district, children alone are counted: rows are for each district's own files.
    """
    if viewer is None or not may_see(viewer, focus.lineage):
        return {}
    entries = [e for e in settings.catalogue.indicators if e.code in set(indicators)]
    if focus.unit.level not in _LEAF_LEVELS:
        return _sources_above(store, focus, entries)
    tree = units.within(store, viewer, focus)
    shown = [u.code for u in tree if focus.unit.code in (u.code, u.parent_code)]
    with store.reading() as connection:
        traced = _traced(connection, settings, focus, [u.code for u in tree], entries)
        rows = {cell: list(traced.leaves(*cell)) for cell in traced.summaries if cell[0] in shown}
        ids = _batch_ids((part for parts in rows.values() for part in parts), {})
        known = batches_of(connection, focus.unit.district_code, ids)
    by_code = {entry.code: entry for entry in entries}
    return {
        (unit, indicator): Source(
            unit,
            indicator,
            len(traced.children(unit, indicator)),
            _Look(viewer, by_code[indicator], traced, known).span(parts),
        )
        for (unit, indicator), parts in rows.items()
        if traced.summaries[unit, indicator]["source"] != "none"
    }


def _traced(
    connection: Connection,
    settings: Settings,
    focus: Focus,
    codes: Collection[str],
    entries: Sequence[IndicatorEntry],
) -> Trace:
    district = focus.unit.district_code
    return contributions.trace(connection, settings, district, codes, entries, focus.period)


class _Look:
    """A figure's parts as their viewer may see them."""

    def __init__(
        self,
        viewer: Viewer,
        entry: IndicatorEntry,
        traced: Trace,
        batches: Mapping[str, Batch],
        withheld: Withheld | None = None,
    ) -> None:
        self.entry, self.traced, self.batches = entry, traced, batches
        self.withheld = withheld or Withheld()
        self.is_open = viewer.sees_households or rule_of(entry) not in PERSONAL_RULES

    def span(self, parts: Sequence[Part]) -> Span:
        ids = {part.batch for part in parts if not part.is_basis} & self.batches.keys()
        newest_first = sorted(
            (self.batches[one] for one in ids), key=lambda b: (b.imported_at, b.id), reverse=True
        )
        rows = sum(not part.is_basis for part in parts)
        return Span(rows if self.is_open else None, tuple(newest_first))

    def piece(self, code: str, name: str) -> Piece:
        row = self.shown(self.traced.summaries[code, self.entry.code])
        parts = list(self.traced.leaves(code, self.entry.code))
        is_withheld = row["source"] == few.WITHHELD
        return Piece(code, name, figure_of(row), self.span(parts), is_withheld)

    def shown(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Without what would tell of few households: the persons behind a mean, or all of it."""
        if self.withheld.has(row["unit_code"], row["indicator_code"], row["period"]):
            return self.withheld.told(row)
        if self.is_open or self.entry.aggregation is not Aggregation.WEIGHTED_MEAN:
            return row
        return {**row, "numerator": None, "denominator": None}


def figure_of(row: Mapping[str, Any]) -> Figure:
    """A row of summary as a figure."""
    return Figure(
        row["value"],
        row["numerator"],
        row["denominator"],
        dict(row["classes"] or {}),
        row["reported"],
        row["expected"],
    )


def _target(connection: Connection, focus: Focus, indicator: str) -> Part | None:
    table = schema.target
    statement = select(table).where(
        table.c.district_code == focus.unit.district_code,
        table.c.unit_code == focus.unit.code,
        table.c.indicator_code == indicator,
        table.c.year == focus.period.year,
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else Part(table.name, dict(row), Figure(int(row["value"])))


def _batch_ids(parts: Iterable[Part], history: Mapping[tuple[str, str], Sequence[Any]]) -> set[str]:
    told = {part.batch for part in parts}
    rows = [row for some in history.values() for row in some]
    return told | {row.batch_id for row in rows} | {row.replaced_by for row in rows}


def _above_districts(
    store: Store, viewer: Viewer, focus: Focus, settings: Settings, entry: IndicatorEntry
) -> Lineage:
    """Of a city or above: its children's figures; each child's rows are in its own files."""
    names = {unit.code: unit.name for unit in units.children(store, viewer, focus)}
    with store.reading() as connection:
        rows = _children_and_itself(connection, focus, [entry])
        target = _target(connection, focus, entry.code)
        history = history_of(connection, focus.unit.district_code, [target] if target else [])
        ids = _batch_ids([target] if target else [], history)
        known = batches_of(connection, focus.unit.district_code, ids)
    own = rows.pop((focus.unit.code, entry.code), None)
    counted = {code: row for (code, _), row in rows.items()}
    traced = Trace({(code, entry.code): row for code, row in counted.items()}, {}, {})
    look = _Look(viewer, entry, traced, known)
    pieces = tuple(
        replace(look.piece(code, names.get(code, code)), span=Span()) for code in sorted(counted)
    )
    told = origins_of([target], known, history)[0] if target else None
    shown = None if own is None else look.shown(own)
    return Lineage(focus, entry, shown, pieces, target=told)


def _sources_above(
    store: Store, focus: Focus, entries: Sequence[IndicatorEntry]
) -> dict[tuple[str, str], Source]:
    with store.reading() as connection:
        rows = _children_and_itself(connection, focus, entries)
    here = focus.unit.code
    counts = {e.code: sum(i == e.code and u != here for u, i in rows) for e in entries}
    return {
        (unit, indicator): Source(unit, indicator, counts[indicator] if unit == here else 0, Span())
        for (unit, indicator), row in rows.items()
        if row["source"] != "none"
    }


def _children_and_itself(
    connection: Connection, focus: Focus, entries: Sequence[IndicatorEntry]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Figures of a unit above the districts and of those under it, each in its own district."""
    table = schema.summary
    itself = and_(
        table.c.district_code == focus.unit.district_code, table.c.unit_code == focus.unit.code
    )
    statement = select(table).where(
        or_(itself, table.c.parent_code == focus.unit.code),
        table.c.period == str(focus.period),
        table.c.indicator_code.in_([entry.code for entry in entries]),
        or_(itself, table.c.value.is_not(None), table.c.denominator.is_not(None)),
    )
    return {
        (row["unit_code"], row["indicator_code"]): dict(row)
        for row in connection.execute(statement).mappings()
    }
