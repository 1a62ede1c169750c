"""What the 目标任务分解表 says, as plain immutable data: screen and workbook render the same."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby

from dashboard.config_models import Catalogue, IndicatorEntry
from dashboard.data.few import WITHHELD
from dashboard.data.frames import Row
from dashboard.data.units import Focus
from dashboard.figures import DOUBT, DOUBT_NOTE, NOT_PUBLIC, NOT_PUBLIC_NOTE, as_of
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light

TRACKS = {"village": "经济一般村", "household": "低收入农户", "process": "过程管理"}
"""Column groups of the table, in its order."""

TITLE = "目标任务分解完成情况表"


class State(StrEnum):
    """What a cell has to say when it has no figure."""

    FIGURE = "有数"
    MISSING = "未填报"
    YEAR_END = "年底填报"
    NOTHING_DUE = "无此项"
    """Reported, and over a denominator of 0: a town without weak villages."""
    WITHHELD = NOT_PUBLIC
    """Of a few households: not for this viewer."""
    NONE = "—"


@dataclass(frozen=True)
class Cell:
    """One unit's figure for one indicator, in the indicator's smallest unit."""

    value: int | None = None
    target: int | None = None
    scheduled: float | None = None
    rate: float | None = None
    light: Light = Light.NONE
    numerator: int | None = None
    denominator: int | None = None
    reported: int = 0
    expected: int = 0
    state: State = State.NONE
    is_doubted: bool = False
    """Whether the figure waits to be checked."""

    @property
    def marks(self) -> str:
        """Behind the figure: * where some have not reported, ◇ where it waits to be checked."""
        doubt = DOUBT if self.is_doubted and self.state is State.FIGURE else ""
        return ("*" if self.is_partial else "") + doubt

    @property
    def is_partial(self) -> bool:
        """Whether some of the units that report have not."""
        return self.state is State.FIGURE and self.reported < self.expected


@dataclass(frozen=True)
class UnitRow:
    """A row: a unit. `is_total` marks the focus unit itself, whose children the others are."""

    code: str
    name: str
    is_total: bool = False


@dataclass(frozen=True)
class Decomposition:
    """The table. `cells` is complete: every unit has a cell for every indicator."""

    title: str
    focus: Focus
    rows: tuple[UnitRow, ...]
    entries: tuple[IndicatorEntry, ...]
    cells: Mapping[tuple[str, str], Cell]
    is_demo: bool
    notes: tuple[str, ...] = ()
    lines: tuple[int, ...] = field(default=(), repr=False)
    """Amounts in fen that a rounded figure must not seem to have crossed."""

    @property
    def tracks(self) -> list[tuple[str, tuple[IndicatorEntry, ...]]]:
        """Column groups with their indicators, in order."""
        return [
            (TRACKS[track], tuple(entries))
            for track, entries in groupby(self.entries, key=lambda entry: entry.track)
        ]

    @property
    def has_figures(self) -> bool:
        """Whether anything at all is known: a target or a figure."""
        return any(cell != Cell() for cell in self.cells.values())

    def core(self) -> "Decomposition":
        """The same table with the leadership screen's indicators only."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.core))

    @property
    def money_places(self) -> int | None:
        """Decimals of 万元: whole ones above the village, where a column's width is dear."""
        return None if self.focus.unit.level in ("town", "village") else 0

    def entry(self, code: str) -> IndicatorEntry:
        return next(entry for entry in self.entries if entry.code == code)

    def cell(self, unit: str, indicator: str) -> Cell:
        return self.cells[unit, indicator]

    def lights(self, unit: str) -> dict[Light, int]:
        """How many of the row's indicators with a target show each light."""
        shown = [self.cell(unit, entry.code) for entry in self.entries]
        return {
            light: sum(cell.light is light and cell.target is not None for cell in shown)
            for light in Light
        }


def describe(
    focus: Focus,
    catalogue: Catalogue,
    own: Iterable[Row],
    children: Sequence[Row],
    *,
    is_demo: bool,
    lines: Sequence[int] = (),
    doubted: Container[tuple[str, str]] = (),
) -> Decomposition:
    """The table of the focus unit and its children.

    `own` is progress.trend or progress.of_unit of the focus unit, `children` progress.of_children,
    `doubted` the (unit, indicator) whose figures wait to be checked. Below a district, indicators
    that nothing is known about in any row are left out: a village has fewer than a town.
    """
    rows, now = _rows(focus, children), str(focus.period)
    figures = {(focus.unit.code, r["indicator"]): r for r in own if r["period"] == now}
    figures |= {(r["unit"], r["indicator"]): r for r in children if r["indicator"] is not None}
    entries = _entries(catalogue)
    if focus.unit.level in ("town", "village"):
        known = {indicator for _, indicator in figures}
        entries = [entry for entry in entries if entry.code in known]
    cells = {
        (row.code, entry.code): cell_of(
            figures.get((row.code, entry.code)),
            entry,
            focus.period,
            is_doubted=(row.code, entry.code) in doubted,
        )
        for row in rows
        for entry in entries
    }
    return Decomposition(
        title=f"{focus.unit.name}{focus.period.label}{TITLE}"
        + (f"({as_of(focus.as_of)})" if focus.as_of else ""),
        focus=focus,
        rows=tuple(rows),
        entries=tuple(entries),
        cells=cells,
        is_demo=is_demo,
        notes=_notes(rows, cells),
        lines=tuple(lines),
    )


def _rows(focus: Focus, children: Iterable[Row]) -> list[UnitRow]:
    below = {row["unit"]: row["name"] for row in children}
    total = f"{focus.unit.name}合计" if below else focus.unit.name
    return [
        UnitRow(focus.unit.code, total, is_total=True),
        *[UnitRow(code, name) for code, name in below.items()],
    ]


def _entries(catalogue: Catalogue) -> list[IndicatorEntry]:
    order = list(TRACKS)
    return sorted(catalogue.indicators, key=lambda entry: order.index(entry.track))


def cell_of(
    row: Row | None, entry: IndicatorEntry, period: Period, *, is_doubted: bool = False
) -> Cell:
    """What a row of queries.progress says, and what it says where there is no figure."""
    if row is None:
        return Cell()
    state = State.FIGURE
    if row["value"] is None:
        waits = entry.cadence == "year" and not period.closes_year
        state = State.YEAR_END if waits else State.MISSING
        if row["denominator"] == 0:
            state = State.NOTHING_DUE
        if row["source"] == WITHHELD:
            state = State.WITHHELD
    return Cell(
        value=row["value"],
        target=row["target"],
        scheduled=row["scheduled"],
        rate=row["rate"],
        light=Light(row["light"]),
        numerator=row["numerator"],
        denominator=row["denominator"],
        reported=row["reported"],
        expected=row["expected"],
        state=state,
        is_doubted=is_doubted,
    )


def _notes(rows: Sequence[UnitRow], cells: Mapping[tuple[str, str], Cell]) -> tuple[str, ...]:
    lights = "  ".join(f"{light.glyph} {light.label}" for light in Light)
    notes = [f"亮灯(实际与序时进度相比):{lights}。"]
    if any(cell.is_partial for cell in cells.values()):
        notes.append("标 * 的,所辖单位尚未全部填报,数字为已填报单位的合计。")
    if any(DOUBT in cell.marks for cell in cells.values()):
        notes.append(DOUBT_NOTE)
    if any(cell.state is State.WITHHELD for cell in cells.values()):
        notes.append(NOT_PUBLIC_NOTE)
    late = [row.name for row in rows if not row.is_total and _is_late(row.code, cells)]
    if late:
        notes.append(f"半数以上指标未填报:{'、'.join(late)}。")
    return tuple(notes)


def _is_late(unit: str, cells: Mapping[tuple[str, str], Cell]) -> bool:
    states = [cell.state for (code, _), cell in cells.items() if code == unit]
    due = [state for state in states if state in (State.MISSING, State.FIGURE)]
    return 2 * due.count(State.MISSING) > len(due)
