"""Money as integer fen; 万元 only where a person reads it."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, Overflow

FEN_A_YUAN = 100
FEN_A_WAN = 1_000_000
_FINEST_PLACES = 6
_MOST_DIGITS = 12
"""Before the decimal point: as many as the store's 64-bit integers hold in fen of 万元."""
# Raises rather than rounds: an amount with very many decimals must not lose them unseen.
_EXACT = Context(prec=60, traps=[Inexact, Overflow])


def fen_from(amount: Decimal, fen_a_unit: int) -> int:
    """Exact fen of an amount in yuan (100) or 万元 (1,000,000).

    Raises ValueError where the amount is finer than one fen (nothing is rounded on the way in), not
    a number, or has more than 12 digits before the decimal point.
    """
    if not amount.is_finite() or amount.adjusted() >= _MOST_DIGITS:
        raise ValueError(f"金额应为不超过{_MOST_DIGITS}位整数的数")
    try:
        fen = _EXACT.multiply(amount, Decimal(fen_a_unit))
        whole = fen == fen.to_integral_value()
    except Inexact:
        whole = False
    if not whole:
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
    # Adding 0 turns the -0.00 of a small negative amount into 0.00.
    return f"{rounded + 0:,}"


def yuan_text(fen: int) -> str:
    """An amount in yuan with separators, to the fen only where there are fen: 9,800 or 9,800.50."""
    yuan, rest = divmod(abs(fen), FEN_A_YUAN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{yuan:,}" + (f".{rest:02d}" if rest else "")


def _side(value: Decimal, line: int) -> int:
    return (value > line) - (value < line)
