"""Ranking: worked by hand in the comments, and held to its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dashboard.policy import ranking
from dashboard.policy.ranking import Method

NAN = float("nan")
WEIGHTS = np.array([50.0, 30.0, 20.0])
BOARD = np.array(
    [
        [1.0, 0.5, 1.5],  # over-fulfils the third: counts with the cap of 1.2
        [0.8, 0.8, 0.8],  # even
        [1.0, NAN, 0.5],  # did not report the second: its weight goes to the others
        [NAN, NAN, NAN],  # reported nothing
    ]
)
METHODS = [
    Method(n, a) for n in ("target_rate", "min_max", "z_score") for a in ("arithmetic", "geometric")
]


def test_scores_by_hand() -> None:
    points = ranking.scores(ranking.normalise(BOARD, Method()), WEIGHTS, Method())
    # 50·1 + 30·0.5 + 20·1.2 = 89; 80; (50·1 + 20·0.5) / 70 · 100 = 85.714…; none.
    assert points[:3] == pytest.approx([89, 80, 6000 / 70])
    assert np.isnan(points[3])
    assert ranking.ranks(points).tolist() == [1, 3, 2, 0]


def test_geometric_by_hand() -> None:
    method = Method(aggregation="geometric")
    points = ranking.scores(np.array([[1.0, 0.25, 1.0]]), np.array([1.0, 1.0, 2.0]), method)
    # (1 · 0.25 · 1²)^(1/4) = 0.7071…
    assert points[0] == pytest.approx(100 * 0.25**0.25)


def test_min_max_and_z_score_by_hand() -> None:
    column = np.array([[0.2], [0.6], [1.0]])
    assert ranking.normalise(column, Method("min_max")).ravel() == pytest.approx([0, 0.5, 1])
    # mean 0.6, sd √(0.32/3) = 0.3266: 0.6 ∓ 0.2 · 1.2247
    assert ranking.normalise(column, Method("z_score")).ravel() == pytest.approx(
        [0.6 - 0.2449, 0.6, 0.6 + 0.2449], abs=1e-4
    )


def test_equal_scores_are_a_tie_and_the_next_place_is_left_out() -> None:
    points = np.array([90.0, 80.004, 80.001, 70.0])
    assert ranking.ranks(points).tolist() == [1, 2, 2, 4]


def test_contributions_add_up_to_the_score() -> None:
    normalised = ranking.normalise(BOARD, Method())
    points = ranking.scores(normalised, WEIGHTS, Method())
    assert ranking.contributions(normalised, WEIGHTS).sum(axis=1)[:3] == pytest.approx(points[:3])


def test_penalties_come_off_down_to_nothing() -> None:
    penalties = np.array([10.0, 100.0, 0.0, 5.0])
    points = ranking.scores(ranking.normalise(BOARD, Method()), WEIGHTS, Method(), penalties)
    assert points[:2] == pytest.approx([79, 0])


def test_the_lever_that_moves_the_rank_most_comes_first() -> None:
    normalised = ranking.normalise(BOARD, Method())
    found = ranking.levers(normalised, WEIGHTS, Method(), unit=1)
    # 80 points now; the first alone on schedule gives 90: first place, past 89.
    assert (found[0].indicator, found[0].rank, round(found[0].points)) == (0, 1, 90)
    assert [lever.indicator for lever in found] == [0, 1, 2]


def test_a_clear_lead_is_certain_and_a_close_one_is_not() -> None:
    clear = np.array([[1.0, 1.0], [0.5, 0.5], [0.1, 0.1]])
    sure = ranking.perturbed(clear, np.array([50.0, 50.0]), Method())
    assert sure.low.tolist() == sure.high.tolist() == [1, 2, 3]
    assert ranking.bands(sure) == [1, 2, 3]
    close = np.array([[1.0, 0.5], [0.5, 1.0], [0.1, 0.1]])
    unsure = ranking.perturbed(close, np.array([50.0, 50.0]), Method())
    assert (unsure.low[0], unsure.high[0]) == (1, 2)
    assert ranking.bands(unsure) == [1, 1, 2]


def test_the_same_seed_gives_the_same_answer() -> None:
    normalised = ranking.normalise(BOARD, Method())
    one, two = (ranking.perturbed(normalised, WEIGHTS, Method(), seed=7) for _ in range(2))
    assert one.low.tolist() == two.low.tolist()
    assert one.high.tolist() == two.high.tolist()


def test_leaving_one_out_by_hand() -> None:
    found = ranking.leave_one_out(
        np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 1.0]), Method()
    )
    # Without the first the second unit leads, without the second the first does.
    assert found.tolist() == [[2, 1], [1, 2]]


def test_movement_knows_who_had_no_place() -> None:
    assert ranking.movement([3, 1, 0, 2], [1, 2, 4, 0]) == [2, -1, None, None]


boards = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 8), st.just(3)),
    elements=st.floats(0, 2, width=32) | st.just(NAN),
)


@given(boards, st.randoms(), st.sampled_from(METHODS))
def test_the_order_of_rows_decides_nothing(board: np.ndarray, dice: object, method: Method) -> None:  # type: ignore[type-arg]
    order = list(range(len(board)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    straight = ranking.scores(ranking.normalise(board, method), WEIGHTS, method)
    shuffled = ranking.scores(ranking.normalise(board[order], method), WEIGHTS, method)
    assert shuffled == pytest.approx(straight[order], nan_ok=True)


@given(boards, st.data())
def test_who_improves_in_everything_never_falls(board: np.ndarray, data: st.DataObject) -> None:  # type: ignore[type-arg]
    unit = data.draw(st.integers(0, len(board) - 1))
    better = board.copy()
    better[unit] = board[unit] + data.draw(st.floats(0, 1))
    for aggregation in ("arithmetic", "geometric"):
        method = Method(aggregation=aggregation)  # type: ignore[arg-type]
        before = ranking.ranks(ranking.scores(ranking.normalise(board, method), WEIGHTS, method))
        after = ranking.ranks(ranking.scores(ranking.normalise(better, method), WEIGHTS, method))
        assert after[unit] <= before[unit]


@given(boards)
def test_equals_stay_equal(board: np.ndarray) -> None:  # type: ignore[type-arg]
    twice = np.vstack([board, board])
    for method in METHODS:
        places = ranking.ranks(
            ranking.scores(ranking.normalise(twice, method), WEIGHTS, method)
        ).tolist()
        assert places[: len(board)] == places[len(board) :]


@given(boards)
def test_the_interval_is_within_the_places_there_are(board: np.ndarray) -> None:  # type: ignore[type-arg]
    sure = ranking.perturbed(ranking.normalise(board, Method()), WEIGHTS, Method(), draws=50)
    ranked = int((sure.low > 0).sum())
    assert (sure.low <= sure.high).all()
    assert (sure.high <= ranked).all()
