"""How a cell of the 分解表 is put into words and digits."""

from decimal import Decimal

from dashboard.components.decomposition.table import Cell, State, UnitRow
from dashboard.config_models import IndicatorEntry
from dashboard.figures import DOUBT, figure, goal, in_unit, rate, rounded, signed
from dashboard.policy.money import FEN_A_WAN

__all__ = ["basis", "figure", "goal", "in_unit", "rate", "reached", "sentence", "signed"]


def reached(cell: Cell, entry: IndicatorEntry, lines: tuple[int, ...] = ()) -> str:
    """The figure, or why there is none."""
    if cell.state is not State.FIGURE:
        return cell.state.value
    return figure(cell.value, entry, lines) + cell.marks


def basis(
    cell: Cell, entry: IndicatorEntry, lines: tuple[int, ...] = (), places: int | None = None
) -> str:
    """What a rate is made of: actual/target, and for a ratio its numerator/denominator."""
    if entry.numerator and cell.denominator is not None and entry.quantity == "ratio":
        scale = FEN_A_WAN if entry.numerator.quantity == "money" else 1
        top = rounded(Decimal(cell.numerator or 0) / scale, "1")
        bottom = rounded(Decimal(cell.denominator) / scale, "1")
        return f"{top:,}/{bottom:,}"
    actual = figure(cell.value, entry, lines, places)
    return f"{actual}/{figure(cell.target, entry, places=places)}"


def sentence(cell: Cell, row: UnitRow, entry: IndicatorEntry, lines: tuple[int, ...] = ()) -> str:
    """The whole cell in words, for a pointer resting on it and for a screen reader."""
    unit = entry.unit
    said = [f"{row.name} {entry.name}"]
    if cell.state is State.FIGURE:
        said.append(f"实际{figure(cell.value, entry, lines)}{unit}")
        if entry.numerator and cell.denominator is not None and entry.quantity == "ratio":
            said[-1] += f"({basis(cell, entry)}{entry.numerator.unit})"
    elif cell.state is not State.NONE:
        said.append(cell.state.value)
    if cell.target is not None:
        said.append(f"年度目标{figure(cell.target, entry)}{unit}")
    if cell.rate is not None:
        said.append(f"完成率{rate(cell.rate)}")
    if cell.scheduled is not None and cell.target is not None:
        said.append(f"序时进度{figure(round(cell.scheduled), entry)}{unit},{cell.light.label}")
    if DOUBT in cell.marks:
        said.append("待核实")
    if cell.expected > 1:
        said.append(f"已填报{cell.reported}/{cell.expected}")
    return ",".join(said)
