"""What the overview says of what the queries tell: tiles, standing of children, attention."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pandas as pd

from dashboard.components.decomposition import wording
from dashboard.components.decomposition.table import Cell, State
from dashboard.config_models import Catalogue, IndicatorEntry, PolicyConfig
from dashboard.data.few import WITHHELD
from dashboard.data.frames import Row, records
from dashboard.data.queries.decomposition import Checked
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import Doubts
from dashboard.figures import DOUBT
from dashboard.policy.money import wan_text
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light

HEADLINES = ("V02", "V01", "V03", "H01", "H05")
"""Indicators that stand large at the top, where the catalogue has them."""


@dataclass(frozen=True)
class Figure:
    """One indicator of the focus unit at the focus period, ready to be shown.

    `is_known` tells whether anything at all is recorded: a figure, a target or a duty to report.
    `lines` are the policy's amounts in fen that a rounded figure must not seem to have crossed.
    """

    entry: IndicatorEntry
    value: int | None
    target: int | None
    scheduled: float | None
    rate: float | None
    light: Light
    reported: int
    expected: int
    course: tuple[float, ...] = ()
    change: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    is_known: bool = True
    closes_year: bool = True
    lines: tuple[int, ...] = ()
    is_doubted: bool = False
    """Whether it waits to be checked."""
    is_withheld: bool = False
    """Whether it is not for this viewer: the income of a few households."""

    @property
    def mark(self) -> str:
        """Behind a figure that waits to be checked."""
        return DOUBT if self.is_doubted and self.value is not None else ""

    @property
    def text(self) -> str:
        """The figure without its unit."""
        if self.value is None:
            return (State.WITHHELD if self.is_withheld else State.MISSING).value
        return wording.figure(self.value, self.entry, self.lines)

    @property
    def reached(self) -> str:
        """For a table: a rate with what it is made of, 85.0(17/20), or why there is no figure.

        A star marks what not all have reported yet.
        """
        if self.is_withheld:
            return State.WITHHELD.value
        if self.value is None:
            waits = self.entry.cadence == "year" and not self.closes_year
            absent = State.YEAR_END if waits else State.MISSING
            return State.NOTHING_DUE.value if self.denominator == 0 else absent.value
        star = ("*" if self.is_partial else "") + self.mark
        if self.entry.quantity != "ratio" or self.denominator is None:
            return self.text + star
        cell = Cell(self.value, numerator=self.numerator, denominator=self.denominator)
        return f"{self.text}({wording.basis(cell, self.entry)}){star}"

    @property
    def is_partial(self) -> bool:
        """Whether some of the units that are to report have not: the figure is theirs who have."""
        return self.value is not None and 0 < self.reported < self.expected

    @property
    def goal(self) -> str:
        return "—" if self.target is None else wording.figure(self.target, self.entry)

    @property
    def scheduled_text(self) -> str:
        if self.scheduled is None:
            return "—"
        whole = self.scheduled / self.entry.scale
        return f"{whole:,.0f}" if whole == round(whole) else f"{whole:,.1f}"

    @property
    def percent(self) -> float | None:
        """Completion in percent for a bar; just short of 100 is not shown as 100.0."""
        if self.rate is None:
            return None
        percent = self.rate * 100
        return min(percent, 99.9) if percent < 100 else percent

    @property
    def status(self) -> str:
        return f"{self.light.glyph} {self.light.label}"


def figures(
    catalogue: Catalogue,
    trend: Iterable[Row],
    period: Period,
    lines: Sequence[int] = (),
    doubted: Container[str] = (),
) -> dict[str, Figure]:
    """Figures by indicator code, from progress.trend; every indicator of the catalogue is there.

    `doubted`: codes of those that wait to be checked.
    """
    found: dict[str, list[Row]] = {}
    for row in trend:
        found.setdefault(row["indicator"], []).append(row)
    return {
        entry.code: replace(
            _figure(entry, found.get(entry.code, []), period, tuple(lines)),
            is_doubted=entry.code in doubted,
        )
        for entry in catalogue.indicators
    }


def _figure(
    entry: IndicatorEntry, rows: Sequence[Row], period: Period, lines: tuple[int, ...]
) -> Figure:
    by_period = {row["period"]: row for row in rows}
    now: Row = by_period.get(str(period), {})
    before: Row = by_period.get(str(period.previous()), {})
    values = [row["value"] for row in rows if row["value"] is not None]
    value = now.get("value")
    comparable = value is not None and before.get("value") is not None and _as_many(before, now)
    # A cumulative figure begins anew in January: its fall from the fourth quarter says nothing.
    starts_anew = entry.cumulative and period.quarter == 1
    return Figure(
        entry,
        value,
        now.get("target"),
        now.get("scheduled"),
        now.get("rate"),
        Light(now.get("light") or "none"),
        int(now.get("reported") or 0),
        int(now.get("expected") or 0),
        tuple(wording.in_unit(v, entry) for v in values),
        value - before["value"] if comparable and not starts_anew else None,
        now.get("numerator"),
        now.get("denominator"),
        bool(now),
        period.closes_year,
        lines if entry.quantity == "money" else (),
        is_withheld=now.get("source") == WITHHELD,
    )


def _as_many(before: Row, now: Row) -> bool:
    """Whether as many have reported as a quarter ago: else a change is that of who reported."""
    then, since = before.get("reported") or 0, now.get("reported") or 0
    return not (then and since and then != since)


@dataclass(frozen=True)
class Standing:
    """How a child does: indicators on schedule of those that can be judged.

    `mark` stands behind what is said of them where one of their figures waits to be checked.
    """

    code: str
    name: str
    green: int
    yellow: int
    red: int
    mark: str = ""

    @property
    def judged(self) -> int:
        return self.green + self.yellow + self.red

    @property
    def share(self) -> Fraction:
        return Fraction(self.green, self.judged) if self.judged else Fraction(0)


def standings(
    children: Iterable[Row], core: Sequence[str], doubted: Doubts = NO_DOUBTS
) -> list[Standing]:
    """Children by the share of core indicators on schedule, best first; those unjudged are absent.

    Equal shares are a tie (see `places`); within it, fewer red lights come first, then the code.
    `doubted`: what waits to be checked.
    """
    lights: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for row in children:
        names[row["unit"]] = row["name"]
        lights.setdefault(row["unit"], [])
        if row["indicator"] in core:
            lights[row["unit"]].append(row["light"])
    found = [
        Standing(
            code,
            names[code],
            seen.count(Light.GREEN.value),
            seen.count(Light.YELLOW.value),
            seen.count(Light.RED.value),
            doubted.mark(code, *core),
        )
        for code, seen in lights.items()
    ]
    judged = [standing for standing in found if standing.judged]
    return sorted(judged, key=lambda s: (-s.share, s.red, s.code))


def places(best_to_worst: Sequence[Standing]) -> dict[str, str]:
    """By code, the place that the share gives: "第1", and "并列第2" where others have the same."""
    shares = [standing.share for standing in best_to_worst]
    return {
        standing.code: ("并列" if shares.count(standing.share) > 1 else "")
        + f"第{1 + sum(share > standing.share for share in shares)}"
        for standing in best_to_worst
    }


def ends(best_to_worst: Sequence[Standing], many: int = 4) -> list[Standing]:
    """The best and the worst, best first; all of them where they are few."""
    if len(best_to_worst) <= 2 * many:
        return list(best_to_worst)
    return [*best_to_worst[:many], *best_to_worst[-many:]]


def on_schedule(now: Mapping[str, Figure]) -> tuple[int, int]:
    """(core indicators on schedule, core indicators that can be judged)."""
    lights = core_lights(now)
    return lights[Light.GREEN], sum(lights.values()) - lights[Light.NONE]


def core_lights(now: Mapping[str, Figure]) -> dict[Light, int]:
    """How many core indicators show each light."""
    lights = [figure.light for figure in now.values() if figure.entry.core]
    return {light: lights.count(light) for light in Light}


def unreported(children: Iterable[Row], catalogue: Catalogue) -> list[tuple[str, str]]:
    """(code, name) of the children that sent nothing in for the quarter."""
    counted = catalogue.quarterly_reports
    told: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in children:
        names[row["unit"]] = row["name"]
        reported = int(row["reported"] or 0) if row["indicator"] in counted else 0
        told[row["unit"]] = told.get(row["unit"], 0) + reported
    return [(code, names[code]) for code, reported in told.items() if not reported]


@dataclass(frozen=True)
class Notice:
    """One thing that needs attention: what, and which page, unit and indicator it leads to."""

    icon: str
    text: str
    path: str
    unit: str | None = None
    indicator: str | None = None


_TOLD_APART = {"G07", "H07"}
"""Reported in sentences of their own, whatever their light."""


def notices(
    now: Mapping[str, Figure],
    late: Sequence[tuple[str, str]],
    checked: Checked,
    best_to_worst: Sequence[Standing],
    crossed: Sequence[Notice] = (),
) -> list[Notice]:
    """What needs attention, the most pressing first; `crossed` comes from `crossings`."""
    found: list[Notice] = []
    if late:
        text = f"{len(late)}个单位未填报:{named([name for _, name in late], 6)}"
        found.append(Notice(":material/schedule:", text, "targets"))
    red = [f for f in now.values() if f.entry.core and f.light is Light.RED]
    told = [f for f in red if f.entry.code not in _TOLD_APART]
    for figure in sorted(told, key=lambda f: -f.entry.weight)[:3]:
        found.append(
            Notice(
                ":material/flag:",
                f"{figure.entry.name}明显滞后:{figure.text}{figure.entry.unit}{figure.mark},"
                f"序时{figure.scheduled_text}{figure.entry.unit}",
                "targets",
                indicator=figure.entry.code,
            )
        )
    overdue = now.get("G07")
    if overdue and overdue.value:
        said = f"逾期任务{overdue.value:,}项{overdue.mark}"
        found.append(Notice(":material/alarm:", said, "targets", indicator="G07"))
    relapsed = now.get("H07")
    if relapsed and relapsed.value:
        said = f"本年返贫{relapsed.value:,}户{relapsed.mark}"
        found.append(Notice(":material/trending_down:", said, "targets", indicator="H07"))
    if checked.discrepancies:
        count = len(checked.discrepancies)
        found.append(Notice(":material/balance:", f"目标分解有{count}处不一致", "targets"))
    worst = sorted((s for s in best_to_worst if s.red), key=lambda s: (-s.red, s.share, s.code))
    for standing in worst[:2]:
        text = f"{standing.name}:{standing.judged}项中{standing.red}项明显滞后{standing.mark}"
        found.append(Notice(":material/location_on:", text, "unit", standing.code))
    return [*found, *crossed]


def crossing_indicators(catalogue: Catalogue) -> list[str]:
    """Indicators that say of a village on which side of a line it is."""
    return [entry.code for entry in catalogue.indicators if _sides(entry)]


def _sides(entry: IndicatorEntry) -> tuple[str, str] | None:
    """What it means that a village's figure has become 1, and 0; "" says nothing."""
    rule = entry.register_rule
    if rule is not None and rule.rule == "weak_villages" and rule.threshold == "weak_village":
        return "新成为经济一般村", "退出经济一般村之列"
    # Cumulative: in January it goes back to 0 for every village, which is no fall.
    if rule is not None and rule.threshold == "village_target_2016":
        return "本年累计新{line}", ""
    return None


def crossings(
    catalogue: Catalogue,
    policy: PolicyConfig,
    changed: pd.DataFrame,
    doubted: Doubts = NO_DOUBTS,
) -> list[Notice]:
    """Villages that have newly become weak, left the weak ones or passed the year's line.

    `changed` is attention.changed_villages, `doubted` what waits to be checked. Those that fell
    come first.
    """
    found = []
    for entry in catalogue.indicators:
        sides = _sides(entry)
        if sides is None:
            continue
        line = policy.threshold(entry.register_rule.threshold)  # type: ignore[union-attr, arg-type]
        words = f"{line.wording}{wan_text(line.fen, 0)}万元"
        rows = [row for row in records(changed) if row["indicator"] == entry.code]
        for now, sentence in ((1, sides[0]), (0, sides[1])):
            # A first figure is a change only where the year's count starts from nothing.
            villages = [
                row
                for row in rows
                if row["now"] == now
                and (row["before"] is not None or (entry.cumulative and now == 1))
            ]
            if sentence and villages:
                waits = any((row["village"], entry.code) in doubted for row in villages)
                said = f"{len(villages)}个村{DOUBT if waits else ''}{sentence.format(line=words)}"
                found.append(_crossing(said, now == 1 and not entry.cumulative, villages))
    return sorted(found, key=lambda notice: notice.icon != _FELL)


_FELL = ":material/south_east:"


def _crossing(said: str, fell: bool, villages: list[dict[str, Any]]) -> Notice:
    names = named([row["name"] for row in villages], 3)
    alone = villages[0]["village"] if len(villages) == 1 else None
    return Notice(_FELL if fell else ":material/north_east:", f"{said}:{names}", "unit", alone)


def named(names: Sequence[str], most: int) -> str:
    """Names in a row, the first ones where they are many: 甲镇、乙镇等."""
    return "、".join(names[:most]) + ("等" if len(names) > most else "")


def core_figures(now: Mapping[str, Figure], *, all_rows: bool = True) -> list[Figure]:
    """The core indicators in the catalogue's order.

    Without `all_rows`, those that nothing is recorded about are left out: a village answers for
    fewer than a town.
    """
    return [f for f in now.values() if f.entry.core and (all_rows or f.is_known)]


def core_table(shown: Sequence[Figure]) -> pd.DataFrame:
    """A row a figure. Columns: 指标, 实际, 全年目标, 序时, 完成率 (percent), 状态."""
    rows = [
        {
            "指标": f"{figure.entry.short}({figure.entry.unit})",
            "实际": figure.reached,
            "全年目标": figure.goal,
            "序时": figure.scheduled_text,
            "完成率": figure.percent,
            "状态": figure.status,
        }
        for figure in shown
    ]
    return pd.DataFrame(rows)
