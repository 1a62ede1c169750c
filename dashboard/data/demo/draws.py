"""Drawing and sharing out, the same on every machine for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Dated:
    """A row and the quarter ("2016Q3") whose workbook it came in."""

    period: str
    row: Row


def stream(seed: int, subject: str) -> Random:
    """A stream of its own for each subject: more villages do not change what tasks are drawn."""
    return Random(f"{seed}:{subject}")  # noqa: S311 (made-up figures, nothing secret)


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers that add up to `total`, in proportion to the weights (largest remainder).

    Everybody gets at least one while there is enough for all.
    """
    if not weights:
        return []
    floor = 1 if total >= len(weights) else 0
    rest = total - floor * len(weights)
    exact = [rest * weight / sum(weights) for weight in weights]
    shares = [floor + int(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (int(exact[at]) - exact[at], at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
