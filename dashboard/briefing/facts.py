"""Everything that a bulletin is made of, read once: what templates, tables and charts draw on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dashboard.config_models import IndicatorEntry
from dashboard.data.few import WITHHELD
from dashboard.data.frames import Row, records
from dashboard.data.queries import attention, places, progress, returns, spending, standing
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import Doubts, doubts
from dashboard.data.scoped import kept_for_scope
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.figures import NOT_PUBLIC
from dashboard.policy.access import NotAllowed, Role, Viewer, may_see
from dashboard.policy.board import Board
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.policy.thresholds import Threshold
from dashboard.settings import Settings

NOT_TOLD = "未填报"
_LINE_RULE = "villages_beyond_line"


@dataclass(frozen=True)
class Fact:
    """One indicator of one unit in one quarter; integers in the indicator's smallest unit."""

    entry: IndicatorEntry
    unit_code: str
    period: Period
    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    baseline: int | None = None
    target: int | None = None
    scheduled: float | None = None
    rate: float | None = None
    light: Light = Light.NONE
    reported: int = 0
    expected: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    is_withheld: bool = False
    """There is a figure, which would tell the income of a few households."""

    @property
    def absent(self) -> str:
        """What stands in place of a figure that is not told."""
        return NOT_PUBLIC if self.is_withheld else NOT_TOLD

    @property
    def is_partial(self) -> bool:
        """Whether some of those who are to report have not."""
        return self.value is not None and 0 < self.reported < self.expected


Sheet = Mapping[str, Fact]
"""A unit's facts by indicator code; every indicator of the catalogue is there."""


@dataclass(frozen=True)
class Child:
    """A unit directly under the focus unit, now and a quarter ago."""

    code: str
    name: str
    now: Sheet
    before: Sheet

    def has_reported(self, reports: frozenset[str]) -> bool:
        return any(self.now[code].reported for code in reports)


@dataclass(frozen=True)
class Village:
    """A village against the year's line; None where nothing is reported."""

    code: str
    name: str
    town: str
    amount_fen: int | None
    last_year_fen: int | None
    lacks_secretary: bool
    """Weak, and no first secretary in post on the quarter's last day."""


@dataclass(frozen=True)
class Line:
    """The line that villages are to pass in the focus year, and the indicator that counts them."""

    threshold: Threshold
    entry: IndicatorEntry


@dataclass(frozen=True)
class Facts:
    """All that is known of a focus; `own` and `course` are the focus unit's."""

    focus: Focus
    settings: Settings
    is_demo: bool
    own: Sheet
    before: Sheet
    course: Mapping[Period, Sheet]
    """By quarter, oldest first, those with any figure; the focus quarter is the last."""
    children: tuple[Child, ...]
    board: Board
    villages: tuple[Village, ...]
    line: Line | None
    changed: tuple[Mapping[str, Any], ...]
    funds: tuple[Mapping[str, Any], ...]
    projects: tuple[Mapping[str, Any], ...]
    returned: tuple[Mapping[str, Any], ...]
    doubted: Doubts = NO_DOUBTS
    """What waits to be checked as the document is written."""

    def doubt(self, unit: str, *indicators: str, period: Period | None = None) -> str:
        """The mark behind a figure that is made of these indicators, "" where none waits.

        Only the focus quarter's figures are looked at.
        """
        is_now = period in (None, self.focus.period)
        return self.doubted.mark(unit, *indicators) if is_now else ""

    def doubt_of(self, fact: Fact) -> str:
        """The mark behind a fact's figure."""
        return self.doubt(fact.unit_code, fact.entry.code, period=fact.period)

    def doubt_of_score(self, unit: str) -> str:
        """The mark behind a unit's score and place, which its core indicators make."""
        return self.doubt(unit, *(entry.code for entry in self.settings.catalogue.core))

    @property
    def has_reports(self) -> bool:
        """Whether anybody has reported anything for the quarter."""
        reports = self.settings.catalogue.quarterly_reports
        return any(self.own[code].reported for code in reports)

    @property
    def late(self) -> list[Child]:
        """Children that have sent nothing in for the quarter."""
        reports = self.settings.catalogue.quarterly_reports
        return [child for child in self.children if not child.has_reported(reports)]

    @property
    def names(self) -> dict[str, str]:
        """Names of all units that a figure may be of, by code."""
        known = {self.focus.unit.code: self.focus.unit.name}
        known |= {village.code: village.name for village in self.villages}
        return known | {child.code: child.name for child in self.children}


class NothingToTell(ValueError):
    """There can be no bulletin; the message is a Chinese sentence."""


def gather(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Facts:
    """Read everything for a focus (a unit with units below it) in one state of the store.

    Raises NotAllowed where the viewer may not see the unit, NothingToTell for a village.
    """
    if not may_see(viewer, focus.lineage):
        raise NotAllowed(f"您的账号无权查看{focus.unit.name}")
    if focus.unit.is_village:
        raise NothingToTell(f"通报按区、镇(街道)编发,{focus.unit.name}是村,没有通报")
    return _gathered(store, _for_all(viewer), focus, settings)


def _for_all(viewer: Viewer | None) -> Viewer | None:
    """A document is read by others than who asks for it: what only who sees households may be told
    stays out of it, whoever makes it."""
    if viewer is None or not viewer.sees_households:
        return viewer
    return replace(viewer, role=Role.LEADER)


@kept_for_scope(32)
def _gathered(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Facts:
    while True:
        version = store.version_seen
        found = _gather(store, viewer, focus, settings)
        now = store.version
        if now == version:
            return found
        if store.has_seen:
            # Else what this look has kept of the version before would be gathered again.
            store.see(now, store.is_demo_seen)


def _gather(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Facts:
    period = focus.period
    before = focus.at(period.previous())
    since = Period(period.year - 1, 1)
    rows = progress.rows_around(store, viewer, focus, since, (period, before.period))
    own, below = _split(rows, focus.unit.code)
    course = _course(focus, settings, own)
    board = standing.of_children(store, viewer, focus, settings, before.period).board
    line = line_of(settings, period.year)
    if focus.unit.level == "town":
        moved = attention.changed_children(below, _sides(settings), period)
    else:
        moved = records(attention.changed_villages(store, viewer, focus, _sides(settings)))
    detail = places.villages(store, viewer, focus, settings)
    children = _children(focus, settings, below)
    return Facts(
        focus,
        settings,
        store.is_demo_seen,
        course.get(period) or _sheet(focus.unit.code, period, settings, {}),
        course.get(before.period) or _sheet(focus.unit.code, before.period, settings, {}),
        course,
        children,
        board,
        _villages(settings, line, detail, children),
        line,
        tuple(moved),
        tuple(spending.funds(store, viewer, focus)),
        tuple(spending.projects(store, viewer, focus)),
        tuple(returns.of_children(store, viewer, focus)),
        doubts(store, viewer, focus, settings),
    )


def line_of(settings: Settings, year: int) -> Line | None:
    """The newest line for villages that is in force in a year, and the indicator counting by it."""
    lines = settings.policy.thresholds
    found = []
    for entry in settings.catalogue.indicators:
        rule = entry.register_rule
        if rule is not None and rule.rule == _LINE_RULE and rule.threshold is not None:
            since = lines[rule.threshold].year
            if since is not None and since <= year:
                found.append((since, Line(settings.policy.threshold(rule.threshold), entry)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _sides(settings: Settings) -> list[str]:
    """Indicators that say of a village on which side of a line it is."""
    rules = (_LINE_RULE, "weak_villages")
    return [
        entry.code
        for entry in settings.catalogue.indicators
        if entry.register_rule is not None and entry.register_rule.rule in rules
    ]


_Rows = Sequence[Row]


def _split(rows: _Rows, code: str) -> tuple[_Rows, _Rows]:
    """The unit's own, and those of the units under it."""
    return [r for r in rows if r["unit"] == code], [r for r in rows if r["unit"] != code]


def _sheet(code: str, period: Period, settings: Settings, rows: Mapping[str, Row]) -> Sheet:
    """`rows` by indicator."""
    return {
        entry.code: fact(entry, code, period, rows.get(entry.code, {}))
        for entry in settings.catalogue.indicators
    }


def fact(entry: IndicatorEntry, unit: str, period: Period, row: Row) -> Fact:
    """From a row of queries.progress; an empty one where nothing is recorded."""
    if not row:
        return Fact(entry, unit, period)
    return Fact(
        entry,
        unit,
        period,
        row["value"],
        row["numerator"],
        row["denominator"],
        row["baseline"],
        row["target"],
        row["scheduled"],
        row["rate"],
        Light(row["light"]),
        row["reported"],
        row["expected"],
        row["classes"] or {},
        row["source"] == WITHHELD,
    )


def _course(focus: Focus, settings: Settings, rows: _Rows) -> dict[Period, Sheet]:
    by_period: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["indicator"] in settings.catalogue.by_code:
            by_period.setdefault(row["period"], {})[row["indicator"]] = row
    quarters = {text: Period.parse(text) for text in sorted(by_period)}
    return {
        period: _sheet(focus.unit.code, period, settings, by_period[text])
        for text, period in quarters.items()
    }


def _children(focus: Focus, settings: Settings, rows: _Rows) -> tuple[Child, ...]:
    """From rows of both quarters."""
    told: dict[tuple[str, str], dict[str, Row]] = {}
    names = {row["unit"]: row["name"] for row in rows}
    for row in rows:
        told.setdefault((row["unit"], row["period"]), {})[row["indicator"]] = row
    quarters = (focus.period, focus.period.previous())

    def sheets(code: str) -> Iterator[Sheet]:
        for period in quarters:
            yield _sheet(code, period, settings, told.get((code, str(period)), {}))

    return tuple(Child(code, names[code], *sheets(code)) for code in sorted(names))


def _villages(
    settings: Settings, line: Line | None, detail: _Rows, children: Sequence[Child]
) -> tuple[Village, ...]:
    """Each village with what the line's own concept of income comes to."""
    if line is None:
        return ()
    towns = {child.code: child.name for child in children}
    sources = settings.policy.sources_of(line.threshold.key)
    made = []
    for row in detail:
        parts = [row[f"{source}_fen"] for source in sources]
        made.append(
            Village(
                row["village"],
                row["name"],
                towns.get(row["town"], ""),
                None if None in parts else sum(parts),
                row["last_year_fen"],
                row["weak"] == 1 and not row["first_secretary"],
            )
        )
    return tuple(made)
