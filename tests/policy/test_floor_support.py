"""Floor support: the two halves make up the whole, to the fen, for any amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.floor_support import candidates, halves, shares

LINE = 120_000_000
fen = st.integers(0, 10**14)


@given(fen, st.integers(0, 100))
def test_shares_add_up_and_the_odd_fen_is_the_towns(amount: int, percent: int) -> None:
    district, town = shares(amount, percent)
    assert district + town == amount
    assert 0 <= amount * percent - district * 100 < 100
    assert abs(halves(district, town, percent).difference_fen) == 0


@given(st.lists(fen, max_size=40), st.integers(0, 3 * LINE))
def test_the_top_up_reaches_the_line_and_no_further(incomes: list[int], line: int) -> None:
    found = candidates([(f"v{n:03d}", income) for n, income in enumerate(incomes)], line, 50)
    assert [one.income_fen for one in found] == sorted(i for i in incomes if i < line)
    for one in found:
        assert one.income_fen + one.top_up_fen == line
        assert one.district_fen + one.town_fen == one.top_up_fen
        assert 0 <= one.town_fen - one.district_fen <= 1


@given(st.lists(fen, max_size=20), st.integers(0, LINE), st.integers(0, LINE))
def test_a_higher_line_never_costs_less(incomes: list[int], one: int, two: int) -> None:
    pairs = [(f"v{n}", income) for n, income in enumerate(incomes)]
    low, high = sorted((one, two))
    cost = [sum(c.top_up_fen for c in candidates(pairs, line, 50)) for line in (low, high)]
    assert cost[0] <= cost[1]


def test_exactly_at_the_line_is_no_candidate() -> None:
    assert candidates([("a", LINE), ("b", LINE - 1)], LINE, 50)[0].village == "b"
    assert len(candidates([("a", LINE)], LINE, 50)) == 0


def test_sides_that_do_not_agree_are_told_to_the_fen() -> None:
    assert halves(10_001, 9_999, 50).difference_fen == 1
    assert halves(0, 100, 50).difference_fen == -50


@pytest.mark.parametrize(("amount", "percent"), [(-1, 50), (1, 101), (1, -1)])
def test_nonsense_is_refused(amount: int, percent: int) -> None:
    with pytest.raises(ValueError, match="shared"):
        shares(amount, percent)
