"""Who came, left, is kept and fell back between two quarters: one picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from dashboard.components import drawing, theme
from dashboard.components.drawing import Drawing
from dashboard.policy.households import ABSENT, EXPIRED, ON, RETAINED, Count, Flow
from dashboard.policy.periods import Period

CAME, STAYED, LEFT, KEPT, OVER, BACK = "新登记", "继续在册", "退出", "政策保留", "保留期满", "返贫"
_KINDS = {
    (ABSENT, ON): CAME,
    (ON, ON): STAYED,
    (ON, RETAINED): LEFT,
    (RETAINED, ON): BACK,
    (EXPIRED, ON): BACK,
    (RETAINED, RETAINED): KEPT,
    (RETAINED, EXPIRED): OVER,
    (EXPIRED, EXPIRED): OVER,
}
_COLOURS = {
    STAYED: "#8A8F98",
    CAME: "#56B4E9",
    LEFT: "#009E73",
    KEPT: "#0072B2",
    OVER: "#CC79A7",
    BACK: "#D55E00",
}
_ORDER = (ABSENT, ON, RETAINED, EXPIRED)
_SPREAD = {LEFT: 0.74, BACK: 0.26, CAME: 0.3}
"""How far along its band a label stands, where bands cross; else in the middle."""
_LEAST, _GAP, _STEPS = 0.05, 0.07, 24
"""Thinnest band and the gap between nodes, as shares of the whole; points along a band's edge."""


@dataclass(frozen=True)
class _Band:
    kind: str
    count: Count
    left: float
    right: float
    height: float

    def edge(self, at: float) -> float:
        """Upper edge at a share of the way, smooth at both ends."""
        return self.left + (self.right - self.left) * at * at * (3 - 2 * at)


def kind(way: tuple[str, str]) -> str:
    """What a change of state is called."""
    return _KINDS.get(way, LEFT if way[1] in (RETAINED, EXPIRED) else CAME)


def counted(flow: Flow) -> dict[str, Count]:
    """Households by what they did in the quarter, in the order of the legend."""
    found: dict[str, Count] = {}
    for way, count in flow.items():
        found[kind(way)] = found.get(kind(way), Count()) + count
    return {name: found[name] for name in _COLOURS if name in found}


def chart(flow: Flow, period: Period, height: int = 400) -> Drawing:
    """Where did the households of the last quarter's end go, and where did today's come from?"""
    total = sum(count.households for count in flow.values())
    thick = {way: max(count.households, total * _LEAST) for way, count in flow.items()}
    lefts, rights = _nodes(thick, 0), _nodes(thick, 1)
    bands = list(_bands(flow, thick, lefts, rights))
    return _chart().filled(
        {
            "ribbons": _ribbons(bands),
            "nodes": _node_rows(flow, lefts, rights),
            "labels": _labels(bands),
        },
        height,
        title=f"谁来了、谁走了:{period.previous().label}末到{period.label}末(户)",
        bottom=max(end for _, end in (*lefts.values(), *rights.values())),
    )


@drawing.template
def _chart() -> Any:
    y = alt.Y("上:Q", axis=None, scale=alt.Scale(domain=[drawing.text("bottom"), 0], nice=False))
    x = alt.X("位:Q", axis=None, scale=alt.Scale(domain=[-0.22, 1.22], nice=False))
    colour = alt.Color(
        "去向:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=None,
    )
    ribbons = (
        alt.Chart(drawing.data("ribbons"))
        .mark_area(opacity=0.6)
        .encode(x=x, y=y, y2="下:Q", color=colour, detail="带:N", tooltip=["去向:N", "说:N"])
    )
    title = alt.TitleParams(
        drawing.text("title"),
        subtitle="按季末状态;过细的带子加宽到看得见,以数字为准",
        subtitleFontSize=14,
    )
    return alt.layer(ribbons, *_node_marks(x, y), *_label_marks(x, y), title=title)


def _nodes(thick: Mapping[tuple[str, str], float], side: int) -> dict[str, tuple[float, float]]:
    """Top and bottom of each node of one side, in _ORDER; ABSENT only stands on the left."""
    gap, at, found = sum(thick.values()) * _GAP, 0.0, {}
    for state in _ORDER:
        size = sum(height for way, height in thick.items() if way[side] == state)
        if size:
            found[state] = at, at + size
            at += size + gap
    return found


def _bands(
    flow: Flow,
    thick: Mapping[tuple[str, str], float],
    lefts: Mapping[str, tuple[float, float]],
    rights: Mapping[str, tuple[float, float]],
) -> Iterator[_Band]:
    used: dict[tuple[int, str], float] = {}
    for way in sorted(flow, key=lambda w: (_ORDER.index(w[0]), _ORDER.index(w[1]))):
        left, right = (0, way[0]), (1, way[1])
        starts = lefts[way[0]][0] + used.get(left, 0.0), rights[way[1]][0] + used.get(right, 0.0)
        used[left] = used.get(left, 0.0) + thick[way]
        used[right] = used.get(right, 0.0) + thick[way]
        yield _Band(kind(way), flow[way], *starts, thick[way])


def _ribbons(bands: Sequence[_Band]) -> list[dict[str, Any]]:
    return [
        {
            "带": number,
            "去向": band.kind,
            "说": said(band.count),
            "位": step / _STEPS,
            "上": band.edge(step / _STEPS),
            "下": band.edge(step / _STEPS) + band.height,
        }
        for number, band in enumerate(bands)
        for step in range(_STEPS + 1)
    ]


def said(count: Count) -> str:
    return f"{count.households:,}户({count.persons:,}人)"


def _labels(bands: Sequence[_Band]) -> list[dict[str, Any]]:
    rows = []
    for band in bands:
        at = _SPREAD.get(band.kind, 0.5)
        middle = band.edge(at) + band.height / 2
        rows.append({"位": at, "上": middle, "文": f"{band.kind} {said(band.count)}"})
    return rows


def _label_marks(x: Any, y: Any) -> list[Any]:
    base = alt.Chart(drawing.data("labels")).encode(x=x, y=y, text="文:N")
    look: Any = {"fontSize": 15, "fontWeight": "bold"}
    under = base.mark_text(**look, color=theme.page(), stroke=theme.page(), strokeWidth=4)
    return [under, base.mark_text(**look, color=theme.ink())]


def _node_rows(
    flow: Flow,
    lefts: Mapping[str, tuple[float, float]],
    rights: Mapping[str, tuple[float, float]],
) -> list[dict[str, Any]]:
    rows = []
    for side, nodes in enumerate((lefts, rights)):
        for state, (top, bottom) in nodes.items():
            count = sum((count for way, count in flow.items() if way[side] == state), Count())
            rows.append(
                {
                    "位": float(side) - (0 if side else 0.012),
                    "到": float(side) + (0.012 if side else 0),
                    "上": top,
                    "下": bottom,
                    "中": (top + bottom) / 2,
                    "侧": "右" if side else "左",
                    "文": f"{state}|{count.households:,}户",
                }
            )
    return rows


def _node_marks(x: Any, y: Any) -> list[Any]:
    base = alt.Chart(drawing.data("nodes"))
    bars = base.mark_rect(color=theme.ink()).encode(x=x, x2="到:Q", y=y, y2="下:Q")
    marks = [bars]
    places: Any = (("左", "right", -10), ("右", "left", 16))
    for name, align, shift in places:
        text = base.transform_filter(f"datum['侧'] == '{name}'").mark_text(
            align=align, dx=shift, fontSize=15, color=theme.ink(), lineBreak="|", baseline="middle"
        )
        marks.append(text.encode(x=x, y=alt.Y("中:Q", axis=None), text="文:N"))
    return marks
