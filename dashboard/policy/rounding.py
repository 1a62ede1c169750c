"""Rounded parts that add up to the rounded whole."""

from collections.abc import Sequence
from decimal import Decimal


def largest_remainder(parts: Sequence[int], whole: int, places: int = 1) -> list[Decimal]:
    """Shares of `parts` in percent that add up to exactly 100, by the largest remainder (Hamilton).

    Each is its exact share rounded down, or one step of the last place more; the steps go to the
    largest remainders, the first of equals. Raises ValueError where the parts, none of them
    negative, do not come to `whole`, or it is 0.
    """
    if whole <= 0 or sum(parts) != whole or min(parts, default=0) < 0:
        raise ValueError("parts must come to a whole above 0")
    shares = apportioned(parts, 100 * 10**places)
    return [Decimal(share).scaleb(-places) for share in shares]


def apportioned(parts: Sequence[int], steps: int) -> list[int]:
    """So many steps, shared out among parts in proportion to them by the largest remainder.

    Parts are not negative; where all are 0, so is each one's share.
    """
    whole = sum(parts)
    if whole == 0:
        return [0] * len(parts)
    found = [part * steps // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (-(parts[at] * steps % whole), at))
    for at in order[: steps - sum(found)]:
        found[at] += 1
    return found
