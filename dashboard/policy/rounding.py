"""Rounded parts that add up to the rounded whole."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def largest_remainder(parts: Sequence[int], whole: int, places: int = 1) -> list[Decimal]:
    """Shares of `parts` in percent that add up to exactly 100, by the largest remainder (Hamilton).

    Each is its exact share rounded down, or one step of the last place more; the steps go to the
    largest remainders, the first of equals. Raises ValueError where the parts, none of them
    negative, do not come to `whole`, or it is 0.
    """
    if whole <= 0 or sum(parts) != whole or min(parts, default=0) < 0:
        raise ValueError("parts must come to a whole above 0")
    step = 10**places
    exact = [Fraction(part * 100 * step, whole) for part in parts]
    down = [int(share) for share in exact]
    missing = 100 * step - sum(down)
    order = sorted(range(len(parts)), key=lambda at: (down[at] - exact[at], at))
    for at in order[:missing]:
        down[at] += 1
    return [Decimal(share).scaleb(-places) for share in down]
