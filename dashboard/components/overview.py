"""What the overview says, worked out from plain frames: tiles, standing of children, attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.components.decomposition import wording
from dashboard.config_models import Catalogue, IndicatorEntry
from dashboard.data.queries.decomposition import Checked
from dashboard.policy.aggregation import Aggregation
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light

HEADLINES = ("V02", "V01", "V03", "H01", "H05")
"""Indicators that stand large at the top, where the catalogue has them."""


@dataclass(frozen=True)
class Figure:
    """One indicator of the focus unit at the focus period, ready to be shown."""

    entry: IndicatorEntry
    value: int | None
    target: int | None
    scheduled: float | None
    rate: float | None
    light: Light
    reported: int
    expected: int
    course: tuple[float, ...]
    change: int | None

    @property
    def text(self) -> str:
        return "未填报" if self.value is None else wording.figure(self.value, self.entry)

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
    def status(self) -> str:
        return f"{self.light.glyph} {self.light.label}"


def figures(catalogue: Catalogue, trend: pd.DataFrame, period: Period) -> dict[str, Figure]:
    """Figures by indicator code, from progress.trend; every indicator of the catalogue is there."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _records(trend):
        found.setdefault(row["indicator"], []).append(row)
    return {
        entry.code: _figure(entry, found.get(entry.code, []), period)
        for entry in catalogue.indicators
    }


def _figure(entry: IndicatorEntry, rows: list[dict[str, Any]], period: Period) -> Figure:
    by_period = {row["period"]: row for row in rows}
    now = by_period.get(str(period), {})
    before = by_period.get(str(period.previous()), {})
    values = [row["value"] for row in rows if row["value"] is not None]
    value = now.get("value")
    comparable = value is not None and before.get("value") is not None
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
    )


@dataclass(frozen=True)
class Standing:
    """How a child does: indicators on schedule of those that can be judged."""

    code: str
    name: str
    green: int
    yellow: int
    red: int

    @property
    def judged(self) -> int:
        return self.green + self.yellow + self.red

    @property
    def share(self) -> float:
        return self.green / self.judged if self.judged else 0.0


def standings(children: pd.DataFrame, core: Sequence[str]) -> list[Standing]:
    """Children by the share of core indicators on schedule, best first; those unjudged are absent.

    Equal shares are told apart by the number of red lights, then by code.
    """
    lights: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for row in _records(children):
        names[row["unit"]] = row["name"]
        lights.setdefault(row["unit"], [])
        if row["indicator"] in core:
            lights[row["unit"]].append(row["light"])
    found = [
        Standing(
            code,
            names[code],
            *[seen.count(light.value) for light in (Light.GREEN, Light.YELLOW, Light.RED)],
        )
        for code, seen in lights.items()
    ]
    judged = [standing for standing in found if standing.judged]
    return sorted(judged, key=lambda s: (-s.share, s.red, s.code))


def ends(best_to_worst: Sequence[Standing], many: int = 4) -> list[Standing]:
    """The best and the worst, best first; all of them where they are few."""
    if len(best_to_worst) <= 2 * many:
        return list(best_to_worst)
    return [*best_to_worst[:many], *best_to_worst[-many:]]


def on_schedule(now: Mapping[str, Figure]) -> tuple[int, int]:
    """(core indicators on schedule, core indicators that can be judged)."""
    lights = [figure.light for figure in now.values() if figure.entry.core]
    judged = [light for light in lights if light is not Light.NONE]
    return judged.count(Light.GREEN), len(judged)


def unreported(children: pd.DataFrame, catalogue: Catalogue) -> list[tuple[str, str]]:
    """(code, name) of the children that sent nothing in for the quarter.

    A register goes on by itself, and a stock told once a year holds on: neither is a report.
    """
    counted = {
        entry.code
        for entry in catalogue.indicators
        if entry.register_rule is None or entry.register_rule.rule == "village_income_total"
        if entry.aggregation is not Aggregation.LAST
        if not any(part.keep_last for part in entry.parts)
    }
    told: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in _records(children):
        names[row["unit"]] = row["name"]
        reported = int(row["reported"] or 0) if row["indicator"] in counted else 0
        told[row["unit"]] = told.get(row["unit"], 0) + reported
    return [(code, names[code]) for code, reported in told.items() if not reported]


@dataclass(frozen=True)
class Notice:
    """One thing that needs attention: what, and which page and unit it leads to."""

    icon: str
    text: str
    path: str
    unit: str | None = None


def notices(
    now: Mapping[str, Figure],
    late: Sequence[tuple[str, str]],
    checked: Checked,
    best_to_worst: Sequence[Standing],
) -> list[Notice]:
    """What needs attention, the most pressing first."""
    found: list[Notice] = []
    if late:
        names = "、".join(name for _, name in late)
        found.append(Notice(":material/schedule:", f"{len(late)}个单位未填报:{names}", "targets"))
    red = [f for f in now.values() if f.entry.core and f.light is Light.RED]
    for figure in sorted(red, key=lambda f: -f.entry.weight)[:3]:
        found.append(
            Notice(
                ":material/flag:",
                f"{figure.entry.name}明显滞后:{figure.text}{figure.entry.unit},"
                f"序时{figure.scheduled_text}{figure.entry.unit}",
                "targets",
            )
        )
    overdue = now.get("G07")
    if overdue and overdue.value:
        found.append(Notice(":material/alarm:", f"逾期任务{overdue.value:,}项", "targets"))
    relapsed = now.get("H07")
    if relapsed and relapsed.value:
        found.append(Notice(":material/trending_down:", f"本年返贫{relapsed.value:,}户", "targets"))
    if checked.discrepancies:
        count = len(checked.discrepancies)
        found.append(Notice(":material/balance:", f"目标分解有{count}处不一致", "targets"))
    worst = [s for s in reversed(best_to_worst) if s.red][:2]
    for standing in worst:
        text = f"{standing.name}:{standing.judged}项中{standing.red}项明显滞后"
        found.append(Notice(":material/location_on:", text, "unit", standing.code))
    return found


def core_table(now: Mapping[str, Figure]) -> pd.DataFrame:
    """The core indicators as a table. Columns: 指标, 实际, 目标, 序时, 完成率 (percent), 状态."""
    rows = [
        {
            "指标": f"{figure.entry.short}({figure.entry.unit})",
            "实际": _reached(figure),
            "全年目标": figure.goal,
            "序时": figure.scheduled_text,
            "完成率": None if figure.rate is None else figure.rate * 100,
            "状态": figure.status,
        }
        for figure in now.values()
        if figure.entry.core
    ]
    return pd.DataFrame(rows)


def _reached(figure: Figure) -> str:
    if figure.value is None and figure.entry.cadence == "year":
        return "年底填报"
    return figure.text


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain Python, with None for what is absent."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
