"""Lights in documents: a figure's status in a shape of its own, never by colour alone."""

from collections.abc import Sequence

from dashboard.briefing.content import Cell, Table
from dashboard.policy.progress import Light

LEGEND = " ".join(f"{one.glyph}{one.label}" for one in Light if one is not Light.NONE)


def glyph(cell: Cell, row: Sequence[Cell]) -> str:
    """The shape to put before a cell's text; "" where its row shows it in words already."""
    if not cell.light:
        return ""
    shape = Light(cell.light).glyph
    return "" if any(shape in each.text for each in row) else shape


def has_glyphs(table: Table) -> bool:
    """Whether the table needs a legend: some shape in it stands without its words."""
    return any(glyph(cell, row) for row in table.rows for cell in row)
