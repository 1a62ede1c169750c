"""How a cell of the 分解表 is put into words and digits."""

from decimal import ROUND_HALF_UP, Decimal

from dashboard.components.decomposition.table import Cell, State, UnitRow
from dashboard.config_models import IndicatorEntry
from dashboard.policy.money import FEN_A_WAN, wan_text, yuan_text

_LARGE = 1000 * FEN_A_WAN
"""From here on (fen) an amount is shown in whole 万元: a column's width is dear."""


def figure(
    value: int | None,
    entry: IndicatorEntry,
    lines: tuple[int, ...] = (),
    places: int | None = None,
) -> str:
    """A figure without its unit (the head carries it): 1,583 · 149.9999 · 90.0 · 9,800.

    Amounts in 万元 have `places` decimals, else as many as their size deserves; more where fewer
    would show them on another side of one of `lines` (fen).
    """
    if value is None:
        return State.NONE.value
    if entry.quantity == "money":
        fitting = 0 if abs(value) >= _LARGE else 2
        return wan_text(value, fitting if places is None else places, lines)
    if entry.quantity == "money_yuan":
        return yuan_text(value)
    if entry.quantity == "count":
        return f"{value:,}"
    return f"{_rounded(Decimal(value) / entry.scale):,}"


def in_unit(value: int, entry: IndicatorEntry) -> float:
    """A figure as a number in the indicator's unit: 万元, 元, percent, pieces."""
    return float(Decimal(value) / entry.scale)


def goal(target: int, entry: IndicatorEntry, places: int | None = None) -> str:
    """A target beside its figure: 目标1,200; a whole percent without its zero."""
    return f"目标{figure(target, entry, places=places).removesuffix('.0')}"


def rate(value: float | None) -> str:
    """A completion rate, 1 being 100 %. A rate just short of 100 % is not shown as 100.0%."""
    if value is None:
        return State.NONE.value
    exact = Decimal(str(value)) * 100
    shown = _rounded(exact)
    if (shown >= 100) != (exact >= 100):
        shown = Decimal("99.9")
    return f"{shown}%"


def signed(value: int, entry: IndicatorEntry) -> str:
    """A difference with its sign and unit: +20户."""
    return f"{'+' if value > 0 else ''}{figure(value, entry)}{entry.unit}"


def reached(cell: Cell, entry: IndicatorEntry, lines: tuple[int, ...] = ()) -> str:
    """The figure, or why there is none."""
    if cell.state is not State.FIGURE:
        return cell.state.value
    return figure(cell.value, entry, lines) + ("*" if cell.is_partial else "")


def basis(
    cell: Cell, entry: IndicatorEntry, lines: tuple[int, ...] = (), places: int | None = None
) -> str:
    """What a rate is made of: actual/target, and for a ratio its numerator/denominator."""
    if entry.numerator and cell.denominator is not None and entry.quantity == "ratio":
        scale = FEN_A_WAN if entry.numerator.quantity == "money" else 1
        top = _rounded(Decimal(cell.numerator or 0) / scale, "1")
        bottom = _rounded(Decimal(cell.denominator) / scale, "1")
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
    if cell.expected > 1:
        said.append(f"已填报{cell.reported}/{cell.expected}")
    return ",".join(said)


def _rounded(value: Decimal, to: str = "0.1") -> Decimal:
    return value.quantize(Decimal(to), ROUND_HALF_UP) + 0
