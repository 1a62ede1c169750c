"""Shares that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.rounding import largest_remainder


def test_thirds() -> None:
    assert largest_remainder([1, 1, 1], 3) == [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")]
    assert largest_remainder([1, 1, 1], 3, 0) == [34, 33, 33]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=9).filter(any), st.integers(0, 3))
def test_they_add_up_and_none_is_a_step_off(parts: list[int], places: int) -> None:
    shares = largest_remainder(parts, sum(parts), places)
    assert sum(shares) == 100
    for part, share in zip(parts, shares, strict=True):
        assert abs(share - Decimal(part) * 100 / sum(parts)) < Decimal(1).scaleb(-places)


@pytest.mark.parametrize(("parts", "whole"), [([1, 2], 4), ([0], 0), ([-1, 2], 1), ([], 0)])
def test_what_is_no_whole_is_refused(parts: list[int], whole: int) -> None:
    with pytest.raises(ValueError, match="whole"):
        largest_remainder(parts, whole)
