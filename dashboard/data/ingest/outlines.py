"""Outlines of units: repaired to surfaces, and simplified together so that neighbours stay so."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Surfaces: TypeAlias = Polygon | MultiPolygon


def surfaces(area: BaseGeometry) -> Surfaces | None:
    """The valid surfaces of a geometry, without heights; None where there are none.

    Repair may leave lines and points beside the surfaces: only surfaces bound a unit.
    """
    area = shapely.force_2d(area)
    area = area if area.is_valid else shapely.make_valid(area)
    parts = [part for part in _parts(area) if isinstance(part, Polygon) and not part.is_empty]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _parts(area: BaseGeometry) -> list[BaseGeometry]:
    """Collections may lie within collections."""
    inside = getattr(area, "geoms", None)
    return [area] if inside is None else [part for one in inside for part in _parts(one)]


def simplified(
    areas: Mapping[str, Surfaces], tolerance: float
) -> tuple[dict[str, Surfaces], list[str]]:
    """Areas by unit code with fewer points, and the codes whose neighbours do not fit.

    `tolerance` in degrees; 0 leaves all as they are. Units of one level are simplified together:
    where they share a border they share it afterwards. A town and its villages lie upon each other
    and are never one set.
    """
    if tolerance <= 0:
        return dict(areas), []
    levels: dict[int, list[str]] = defaultdict(list)
    for code in areas:
        levels[_level(code)].append(code)
    done: dict[str, Surfaces] = {}
    misfits: list[str] = []
    for codes in levels.values():
        before = [areas[code] for code in codes]
        fitted = _fitted(before, tolerance)
        if fitted is None:
            misfits += _misfits(codes, before)
            after = [area.simplify(tolerance, preserve_topology=True) for area in before]
        else:
            after = list(shapely.coverage_simplify(fitted, tolerance))
        done |= {c: _kept(a, b) for c, a, b in zip(codes, after, before, strict=True)}
    return {code: done[code] for code in areas}, misfits


def _level(code: str) -> int:
    """Units of one level share borders: 省 2, 市 4, 区 6, 镇 9, 村 12 digits that say something."""
    return len(code) if len(code) > 6 else max(len(code.rstrip("0")) + 1 & ~1, 2)


def _fitted(areas: Sequence[Surfaces], tolerance: float) -> Sequence[Surfaces] | None:
    """The areas as a coverage (no overlap, no gap along borders), mended by less than `tolerance`.

    None where they overlap or gape more: whose the land is, is not for us to say.
    """
    if shapely.coverage_is_valid(areas):
        return areas
    cleaned = shapely.coverage_clean(areas, gap_width=tolerance)
    if not shapely.coverage_is_valid(cleaned):
        return None
    near = shapely.hausdorff_distance(areas, cleaned) <= tolerance
    return list(cleaned) if near.all() else None


def _misfits(codes: Sequence[str], areas: Sequence[Surfaces]) -> list[str]:
    edges = shapely.coverage_invalid_edges(areas)
    return [code for code, edge in zip(codes, edges, strict=True) if not edge.is_empty]


def _kept(simple: BaseGeometry, before: Surfaces) -> Surfaces:
    """A small area that nothing would be left of stays as it was."""
    if isinstance(simple, Polygon | MultiPolygon) and not simple.is_empty and simple.is_valid:
        return simple
    return before
