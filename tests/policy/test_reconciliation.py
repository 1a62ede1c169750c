"""Whether a decomposition adds up, and where it does not."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.reconciliation import Check, against_children, against_months

codes = st.integers(100, 999).map(lambda number: f"320412{number}")
values = st.integers(0, 10**9)
children_targets = st.dictionaries(codes, st.none() | values, max_size=6)
plans = st.dictionaries(st.integers(1, 12), values, max_size=12)


@given(children_targets)
def test_a_decomposition_that_adds_up_is_silent(children: dict[str, int | None]) -> None:
    total = sum(value or 0 for value in children.values())
    assert against_children("320412", "V01", total, children) is None


@given(values, children_targets)
def test_a_difference_is_found_with_its_figures(own: int, children: dict[str, int | None]) -> None:
    found = against_children("320412", "V01", own, children)
    given_values = [value for value in children.values() if value is not None]
    if not given_values or sum(given_values) == own:
        assert found is None
        return
    assert found is not None
    assert (found.unit, found.indicator, found.check) == ("320412", "V01", Check.CHILDREN)
    assert (found.own, found.parts) == (own, sum(given_values))
    assert set(found.missing) == {code for code, value in children.items() if value is None}


def test_more_handed_down_than_asked_for_is_told_by_the_ratio() -> None:
    children: dict[str, int | None] = {
        "320412101": 70,
        "320412102": 50,  # 120 handed down where 100 was asked for: 层层加码
    }
    found = against_children("320412", "H05", 100, children)
    assert found is not None
    assert found.ratio == Fraction(6, 5)


def test_less_handed_down_names_who_has_no_target() -> None:
    children = {
        "320412103": None,  # out of order, to see the names sorted
        "320412101": 70,
        "320412102": None,
    }
    found = against_children("320412", "H05", 100, children)
    assert found is not None
    assert (found.ratio, found.missing) == (Fraction(7, 10), ("320412102", "320412103"))


def test_a_target_of_nothing_has_no_ratio() -> None:
    found = against_children("320412", "H07", 0, {"320412101": 3})
    assert found is not None
    assert found.ratio is None


def test_a_decomposition_nobody_has_begun_is_no_difference() -> None:
    assert against_children("320412", "H05", 100, {"320412101": None}) is None
    assert against_children("320412", "H05", 100, {}) is None


@given(values, plans, st.booleans())
def test_months_against_the_year(own: int, plan: dict[int, int], rising: bool) -> None:
    found = against_months("320412101", "H05", own, plan, rising)
    ordered = [plan[month] for month in sorted(plan)]
    year = [one for one in found if one.check is Check.MONTHS]
    assert bool(year) == (bool(ordered) and ordered[-1] != own)
    falls = [(one.own, one.parts) for one in found if one.check is Check.MONTHS_FALL]
    naive = [(before, after) for before, after in pairwise(ordered) if after < before]
    assert falls == (naive if rising else [])


def test_a_plan_that_ends_short_names_both_figures() -> None:
    plan = {
        3: 20,
        6: 50,
        11: 90,  # the last planned month, short of the year's 100
    }
    (found,) = against_months("320412101", "H05", 100, plan)
    assert (found.check, found.own, found.parts) == (Check.MONTHS, 100, 90)
    assert found.ratio == Fraction(9, 10)
