"""Two sources of one figure."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.authenticity.sources import are_apart, difference

fen = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("told", "other", "apart"),
    [
        (100, 100, False),
        (105, 100, False),  # 4.76 % of the larger
        (106, 100, True),
        (100, 106, True),
        (95, 100, False),  # exactly the tolerance
        (0, 0, False),
        (1, 0, True),
    ],
)
def test_more_than_the_tolerance_of_the_larger(told: int, other: int, apart: bool) -> None:
    assert are_apart(told, other, 5) is apart


@given(fen, fen, st.integers(0, 100))
def test_it_does_not_matter_which_is_which(one: int, two: int, percent: int) -> None:
    assert are_apart(one, two, percent) == are_apart(two, one, percent)


def test_the_difference_is_a_share_of_the_other() -> None:
    assert difference(110, 100) == Fraction(1, 10)
    assert difference(90, 100) == Fraction(-1, 10)
    assert difference(5, 0) is None
