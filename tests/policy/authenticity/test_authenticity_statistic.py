"""The shared statistics, each against a second way to the same number."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dashboard.policy.authenticity.statistic import (
    at_least,
    grubbs,
    holm,
    medians,
    modified_z,
    more_often,
)

p_values = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1)


def test_modified_z_of_the_handbook() -> None:
    """Median 6, median deviation 2: (20 - 6) * 0.6745 / 2."""
    away = modified_z(np.array([2.0, 4.0, 6.0, 8.0, 20.0]))
    assert away[-1] == pytest.approx(14 * 0.6745 / 2)
    assert away[2] == 0


def test_modified_z_where_most_are_equal_and_where_nothing_is_known() -> None:
    away = modified_z(np.array([5.0, 5.0, 5.0, 9.0, np.nan]))
    assert away[3] == pytest.approx(4 / (1.253314 * 1.0))
    assert np.isnan(away[4])
    assert modified_z(np.array([3.0, 3.0])).tolist() == [0.0, 0.0]
    assert np.isnan(modified_z(np.array([np.nan]))).all()


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=width, max_size=width),
            min_size=1,
            max_size=5,
        )
    )
)
@pytest.mark.filterwarnings("ignore:All-NaN slice")
def test_medians_are_numpys(rows: list[list[float]]) -> None:
    table = np.array(rows)
    assert medians(table).tolist() == pytest.approx(np.nanmedian(table, axis=1), nan_ok=True)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_more_often_is_fishers_test(a: int, b: int, c: int, d: int) -> None:
    wanted = stats.fisher_exact([[a, b], [c, d]], alternative="greater").pvalue
    assert more_often(a, a + b, c, c + d) == pytest.approx(wanted)


@given(p_values)
def test_holm_with_equal_shares_is_holm(given_p: dict[str, float]) -> None:
    share = 1 / len(given_p)
    adjusted = holm(given_p, dict.fromkeys(given_p, share))
    highest = 0.0
    for rank, key in enumerate(sorted(given_p, key=lambda k: (given_p[k], k))):
        highest = max(highest, min(1.0, given_p[key] * (len(given_p) - rank)))
        assert adjusted[key] == pytest.approx(highest)


@given(p_values, st.integers(0, 2**32 - 1))
def test_holm_never_makes_a_p_value_smaller_and_keeps_their_order(
    given_p: dict[str, float], seed: int
) -> None:
    raw = np.random.default_rng(seed).dirichlet(np.ones(len(given_p)))
    shares = dict(zip(given_p, raw.tolist(), strict=True))
    adjusted = holm(given_p, shares)
    for key, p_value in given_p.items():
        assert adjusted[key] >= min(1.0, p_value) - 1e-9
    by_weighed = sorted(given_p, key=lambda k: (given_p[k] / shares[k], k))
    told = [adjusted[key] for key in by_weighed]
    assert told == sorted(told)


def test_holm_keeps_the_promise_of_any_false_alarm() -> None:
    """2,000 draws of 8 honest p-values at 5 %: 100 expected, at most 140 (1 in 10,000)."""
    rng = np.random.default_rng(0)
    shares = {
        str(i): weight for i, weight in enumerate([0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05])
    }
    alarms = 0
    for _ in range(2_000):
        drawn = dict(zip(shares, rng.random(8).tolist(), strict=True))
        alarms += min(holm(drawn, shares).values()) < 0.05
    assert 60 <= alarms <= 140


def test_grubbs_against_the_published_table() -> None:
    """Grubbs & Beck 1972: n = 8, one-sided 5 %: critical value 2.032 of (max - mean) / s."""
    for statistic, side in ((2.00, "above"), (2.06, "below")):
        low, high = 0.0, 50.0
        base = np.linspace(-1, 1, 7)
        for _ in range(60):
            middle = (low + high) / 2
            values = np.append(base, middle)
            seen = (middle - values.mean()) / values.std(ddof=1)
            low, high = (middle, high) if seen < statistic else (low, middle)
        p_value = float(grubbs(np.append(base, low))[-1])
        assert p_value > 0.05 if side == "above" else p_value < 0.05


def test_grubbs_says_nothing_of_equal_towns_or_of_three() -> None:
    assert grubbs(np.full(6, 0.1)).min() == pytest.approx(1.0)
    assert grubbs(np.array([0.0, 0.0, 9.0])).tolist() == [1.0, 1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(0, 6))
def test_at_least_against_every_outcome(chances: list[float], hits: int) -> None:
    wanted = 0.0
    for outcome in product((0, 1), repeat=len(chances)):
        if sum(outcome) >= hits:
            wanted += float(
                np.prod([c if one else 1 - c for one, c in zip(outcome, chances, strict=True)])
            )
    assert at_least(hits, np.array(chances)) == pytest.approx(wanted, abs=1e-9)
