"""What a map shows, apart from how it is drawn: areas, dots, their colours and their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dashboard.components import theme
from dashboard.components.decomposition import wording
from dashboard.components.decomposition.table import Cell, State, cell_of
from dashboard.config_models import IndicatorEntry, PolicyConfig
from dashboard.data.frames import Row
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.data.queries.places import Area
from dashboard.policy.money import wan_text
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.policy.thresholds import band

NOT_TOLD = "未填报"
THIS_YEAR = "total_fen"
"""The column of a village's income so far this year."""
_SMALLEST, _LARGEST = 5, 15
"""Radius of a dot in pixels: of a village without households, and of the one with most."""


@dataclass(frozen=True)
class Shape:
    """An area with its light; `words` is its label (a bar parts lines), `said` the whole."""

    code: str
    name: str
    geometry: dict[str, Any]
    light: Light
    words: str
    said: str


@dataclass(frozen=True)
class Dot:
    """A village. `band` is its place among the lines, None without a report: then hollow."""

    code: str
    name: str
    town: str
    lon: float
    lat: float
    band: int | None
    radius: float
    said: str


@dataclass(frozen=True)
class Picture:
    shapes: tuple[Shape, ...]
    dots: tuple[Dot, ...]
    chosen: str | None
    bands: tuple[str, ...]


def bands(lines: Sequence[int]) -> tuple[str, ...]:
    """What the colours stand for: 低于120万元, 120—150万元 …, 200万元及以上."""
    words = [wan_text(line, 0) for line in lines]
    between = [f"{low}—{high}万元" for low, high in pairwise(words)]
    return (f"低于{words[0]}万元", *between, f"{words[-1]}万元及以上")


def cells(
    rows: Iterable[Row], entry: IndicatorEntry, period: Period, doubted: Doubts
) -> dict[str, Cell]:
    """What is told of one indicator, by unit, from rows of queries.progress. `doubted`: what waits
    to be checked."""
    return {
        row["unit"]: cell_of(row, entry, period, is_doubted=(row["unit"], entry.code) in doubted)
        for row in rows
        if row["indicator"] == entry.code
    }


def shapes(
    areas: Sequence[Area], told: Mapping[str, Cell], entry: IndicatorEntry | None
) -> tuple[Shape, ...]:
    """Areas that have an outline, coloured by an indicator's light where one is chosen.

    `told`: by unit code, what is told of that indicator (`cells`).
    """
    silent = Cell(state=State.MISSING)
    return tuple(
        _shape(area, told.get(area.code, silent), entry)
        for area in areas
        if area.geometry is not None
    )


def _shape(area: Area, cell: Cell, entry: IndicatorEntry | None) -> Shape:
    geometry = area.geometry or {}
    if entry is None:
        return Shape(area.code, area.name, geometry, Light.NONE, area.name, area.name)
    light = cell.light
    told = cell.state.value
    if cell.state is State.FIGURE:
        told = f"{wording.figure(cell.value, entry)}{entry.unit}{cell.marks}"
    words = f"{light.glyph} {area.name}|{told}"
    return Shape(area.code, area.name, geometry, light, words, f"{entry.name}:{told},{light.label}")


def dots(
    villages: Iterable[Row],
    towns: Mapping[str, str],
    policy: PolicyConfig,
    column: str,
    doubted: Doubts = NO_DOUBTS,
) -> tuple[Dot, ...]:
    """Villages that have a point; those without a report are there too, hollow.

    `column` is what colours them: total_fen (this year so far) or last_year_fen. `doubted`: what
    waits to be checked.
    """
    rows = [row for row in villages if row["lon"] is not None and row["lat"] is not None]
    most = max([int(row["households"] or 0) for row in rows], default=0)
    lines = policy.village_lines
    return tuple(_dot(row, towns, lines, most, column, doubted) for row in rows)


def _dot(
    row: Mapping[str, Any],
    towns: Mapping[str, str],
    lines: tuple[int, ...],
    most: int,
    column: str,
    doubted: Doubts,
) -> Dot:
    total, households = row[column], row["households"]
    share = int(households or 0) / most if most else 0.0
    return Dot(
        row["village"],
        row["name"],
        towns.get(row["town"], ""),
        float(row["lon"]),
        float(row["lat"]),
        None if total is None else band(int(total), lines),
        # The area of a dot, not its radius, grows with the households.
        _SMALLEST + (_LARGEST - _SMALLEST) * share**0.5,
        said(row, lines, doubted),
    )


def said(row: Mapping[str, Any], lines: tuple[int, ...], doubted: Doubts = NO_DOUBTS) -> str:
    """A village in words: its income, how far from the line, its households."""
    if row[THIS_YEAR] is None:
        income = f"本年累计{NOT_TOLD}"
    else:
        mark = doubted.mark(row["village"], VILLAGE_INCOME)
        income = f"本年累计{wan_text(int(row[THIS_YEAR]), 1, lines)}万元{mark}"
    if row["last_year_fen"] is not None:
        income += f",上年全年{wan_text(int(row['last_year_fen']), 1, lines)}万元"
    households = "" if row["households"] is None else f",低收入农户{int(row['households']):,}户"
    return income + households


def colour(index: int | None) -> str:
    """The colour of a band; that of what is not told for None."""
    return theme.muted() if index is None else theme.BAND_COLOURS[index]
