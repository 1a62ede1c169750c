"""Money as integer fen; 万元 only where a person reads it."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

FEN_A_YUAN = 100
FEN_A_WAN = 1_000_000
_FINEST_PLACES = 6


def fen_from(amount: Decimal, fen_a_unit: int) -> int:
    """Exact fen of an amount in yuan (100) or 万元 (1,000,000).

    Raises ValueError where the amount is finer than one fen: nothing is rounded on the way in.
    """
    fen = amount * fen_a_unit
    if fen != fen.to_integral_value():
        raise ValueError("金额应精确到分")
    return int(fen)


def wan_text(fen: int, places: int = 2, lines: Iterable[int] = ()) -> str:
    """An amount in 万元 with separators: 1,234.50.

    `lines` are thresholds in fen. A rounded figure must not seem to lie on another side of a line
    than the exact one: 149.9999 万元 is below 150 and is not shown as 150.00, so decimals are added
    until both agree (six of them are exact).
    """
    watched = tuple(lines)
    exact = Decimal(fen) / FEN_A_WAN
    for digits in range(places, _FINEST_PLACES + 1):
        rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if all(_side(rounded * FEN_A_WAN, line) == _side(Decimal(fen), line) for line in watched):
            break
    return f"{rounded:,}"


def yuan_text(fen: int) -> str:
    """An amount in yuan with separators, to the fen only where there are fen: 9,800 or 9,800.50."""
    yuan, rest = divmod(abs(fen), FEN_A_YUAN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{yuan:,}" + (f".{rest:02d}" if rest else "")


def _side(value: Decimal, line: int) -> int:
    return (value > line) - (value < line)
