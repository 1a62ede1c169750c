"""Units and boundaries: the district, its towns, and villages that do not exist.

Wujin's towns of 2016 are facts (towns.csv: code, name, kind, a point). Everything else is made up:
the villages, the outline of the district, and the towns of any other county.
"""

import csv
import math
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from shapely import MultiPoint, Point, Polygon, set_precision
from shapely.geometry import mapping
from shapely.geometry.polygon import orient
from shapely.ops import voronoi_diagram

from dashboard.data.demo.draws import Row, share_out, stream
from dashboard.policy.codes import district_of

TOWNS_FILE = Path(__file__).with_name("towns.csv")
FIRST_VILLAGE, LAST_VILLAGE = 200, 999
_TOWNS_ELSEWHERE = [*"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五", "十六"]
_ELSEWHERE = (105.0, 35.0)
"""A county without towns of its own here is laid out round the middle of the country."""
_MARGIN = 0.045
_SCATTER = 0.022
_GRID = 0.00001
_STREET_SHARE = 0.45
# Herbs, grains and trees before a wish: readable as names, and not those of real villages there.
_FIRST = "禾穗粟菽麦稷芸蕙芷萱荷桐梧槿樱榆枫楠柏岚霁泠澄沅汀"
_SECOND = "丰瑞祥禧裕泰和宁康乐荣盛昌庆谷畴穰"


class DemoRefused(ValueError):
    """Demo data cannot be filled in; the message is a Chinese sentence."""


@dataclass(frozen=True)
class Town:
    """`drive` runs from -1 (laggard) to 1 (leader), `wealth` likewise from poor to rich."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    drive: float
    wealth: float

    @property
    def post(self) -> str:
        """The town's responsible post. Never a name."""
        return "街道办事处主任" if self.kind == "街道" else "镇长"

    @property
    def office(self) -> str:
        return f"{self.name}办事处" if self.kind == "街道" else f"{self.name}人民政府"


@dataclass(frozen=True)
class Village:
    code: str
    name: str
    town: Town
    lon: float
    lat: float


@dataclass(frozen=True)
class Places:
    """The district, with towns and villages by code; `cells` holds each unit's boundary."""

    root: str
    name: str
    lon: float
    lat: float
    towns: tuple[Town, ...]
    villages: tuple[Village, ...]
    cells: dict[str, Polygon]

    def villages_of(self, town: Town) -> list[Village]:
        return [village for village in self.villages if village.town.code == town.code]

    def row(self, **columns: Any) -> Row:
        """A row of a fact table in this district."""
        return {"district_code": district_of(self.root)} | columns


def make(root: str, name: str, seed: int, villages: int) -> Places:
    """The district's units. Raises DemoRefused for a root that is no county and for more villages
    than codes."""
    if len(root) != 6 or root.endswith("00"):
        raise DemoRefused(f"演示数据只能为县(市、区)生成,而 root_unit 是{root}")
    points, (name, lon, lat) = _towns_of(root, name)
    draw = stream(seed, "places")
    drives, wealths = _ranks(draw, len(points)), _ranks(draw, len(points))
    towns = tuple(
        Town(*point, drive, wealth)
        for point, drive, wealth in zip(points, drives, wealths, strict=True)
    )
    cells = _cells(root, towns)
    return Places(root, name, lon, lat, towns, _villages(draw, towns, cells, villages), cells)


def unit_rows(places: Places) -> list[Row]:
    rows = [_unit(places, places.root, None, "district", places.name, "市辖区", places)]
    rows += [_unit(places, t.code, places.root, "town", t.name, t.kind, t) for t in places.towns]
    for one in places.villages:
        rows.append(_unit(places, one.code, one.town.code, "village", one.name, "行政村", one))
    return rows


def boundary_rows(places: Places) -> list[Row]:
    """GeoJSON of the district and its towns; villages have a point only."""
    return [
        places.row(unit_code=code, geometry=_as_lists(mapping(cell)))
        for code, cell in places.cells.items()
    ]


def _unit(
    places: Places,
    code: str,
    parent: str | None,
    level: str,
    name: str,
    kind: str,
    at: Places | Town | Village,
) -> Row:
    return places.row(
        code=code,
        parent_code=parent,
        level=level,
        name=name,
        kind=kind,
        lon=at.lon,
        lat=at.lat,
        valid_from=None,
        valid_to=None,
    )


_TownPoint = tuple[str, str, str, float, float]


def _towns_of(root: str, name: str) -> tuple[list[_TownPoint], tuple[str, float, float]]:
    """Towns by code, and the district's name and point: facts where there are any."""
    with TOWNS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    facts = {row["代码"]: row for row in rows}
    if root in facts:
        here = facts[root]
        below = [row for row in rows if row["上级代码"] == root]
        points = [
            (row["代码"], row["名称"], row["类别"], float(row["经度"]), float(row["纬度"]))
            for row in sorted(below, key=lambda row: row["代码"])
        ]
        return points, (here["名称"], float(here["经度"]), float(here["纬度"]))
    return _made_up_towns(root), (name, *_ELSEWHERE)


def _made_up_towns(root: str) -> list[_TownPoint]:
    draw = stream(0, f"towns of {root}")
    points = []
    for at, numeral in enumerate(_TOWNS_ELSEWHERE):
        lon = _ELSEWHERE[0] + (at % 4 - 1.5) * 0.09 + draw.uniform(-0.025, 0.025)
        lat = _ELSEWHERE[1] + (at // 4 - 1.5) * 0.07 + draw.uniform(-0.02, 0.02)
        code = f"{root}{101 + at}"
        points.append((code, f"演示{numeral}镇", "镇", round(lon, 3), round(lat, 3)))
    return points


def _ranks(draw: Random, count: int) -> list[float]:
    """Evenly spaced from -1 to 1, in drawn order: every draw has leaders and laggards."""
    ranks = [2 * at / (count - 1) - 1 for at in range(count)]
    draw.shuffle(ranks)
    return ranks


def _cells(root: str, towns: tuple[Town, ...]) -> dict[str, Polygon]:
    """Each town's part of a made-up outline: what lies nearest to its point."""
    points = MultiPoint([(town.lon, town.lat) for town in towns])
    outline = points.convex_hull.buffer(_MARGIN, quad_segs=4)
    parts = list(voronoi_diagram(points, envelope=outline.envelope.buffer(1)).geoms)
    cells = {root: _tidy(outline)}
    for town in towns:
        around = next(part for part in parts if part.contains(Point(town.lon, town.lat)))
        cells[town.code] = _tidy(around.intersection(outline))
    return cells


def _tidy(shape: Any) -> Polygon:
    """Rounded, so that another version of the geometry library gives the same; GeoJSON's winding
    and a fixed first corner."""
    polygon = orient(set_precision(shape, _GRID).normalize(), sign=1)
    return Polygon([(round(x, 5), round(y, 5)) for x, y in polygon.exterior.coords])


def _as_lists(value: Any) -> Any:
    """JSON has no tuples; what is read back must equal what was written."""
    if isinstance(value, dict):
        return {key: _as_lists(part) for key, part in value.items()}
    return [_as_lists(part) for part in value] if isinstance(value, list | tuple) else value


def _villages(
    draw: Random, towns: tuple[Town, ...], cells: dict[str, Polygon], count: int
) -> tuple[Village, ...]:
    weights = [cells[t.code].area * (_STREET_SHARE if t.kind == "街道" else 1) for t in towns]
    shares = share_out(count, [math.sqrt(weight) for weight in weights])
    if max(shares) > LAST_VILLAGE - FIRST_VILLAGE:
        raise DemoRefused(f"演示数据一个镇最多{LAST_VILLAGE - FIRST_VILLAGE}个村,请减少村数")
    names = iter(_village_names(draw, count))
    found = []
    for town, share in zip(towns, shares, strict=True):
        for number in range(1, share + 1):
            lon, lat = _somewhere(draw, town, cells[town.code])
            code = f"{town.code}{FIRST_VILLAGE + number}"
            found.append(Village(code, next(names), town, lon, lat))
    return tuple(found)


def _somewhere(draw: Random, town: Town, cell: Polygon) -> tuple[float, float]:
    for _ in range(20):
        lon = round(draw.gauss(town.lon, _SCATTER), 5)
        lat = round(draw.gauss(town.lat, _SCATTER), 5)
        if cell.contains(Point(lon, lat)):
            return lon, lat
    return town.lon, town.lat


def _village_names(draw: Random, count: int) -> list[str]:
    """Unique; three syllables when two do not suffice."""
    names = ["".join(pair) for pair in product(_FIRST, _SECOND)]
    draw.shuffle(names)
    if count > len(names):
        longer = ["".join(s) for s in product(_FIRST, _SECOND, _SECOND) if s[1] != s[2]]
        draw.shuffle(longer)
        names += longer
    if count > len(names):
        raise DemoRefused(f"演示数据最多{len(names)}个村,请减少村数")
    return [f"{name}村" for name in names[:count]]
