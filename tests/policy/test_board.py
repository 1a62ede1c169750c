"""The board of a ranking: worked by hand, and held to what a ranked town may rely on."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.policy.board import (
    Board,
    Entrant,
    Penalties,
    Rules,
    Score,
    Weighing,
    board,
    gap,
    scored,
)
from dashboard.policy.ranking import Method

RULES = Rules(
    weighings=(
        Weighing("V", 50, "village"),
        Weighing("H", 30, "household"),
        Weighing("P", 20, "process"),
    ),
    method=Method(cap=1.2),
    penalties=Penalties(overdue_task=0.5, late_report=1, returned_figure=2, most=4),
    both_tracks=True,
    least_weight=0.6,
    draws=200,
    spread=0.25,
    seed=1,
)


def entrant(code: str, v: float | None, h: float | None, p: float | None, **more: int) -> Entrant:
    shares = {key: x for key, x in (("V", v), ("H", h), ("P", p)) if x is not None}
    return Entrant(code, f"镇{code}", shares, **more)


A = entrant("A", 1.0, 1.0, 1.5)  # 50 + 30 + 20 · 1.2 = 104
B = entrant("B", 0.9, 1.0, 1.0, overdue=3, late=1)  # 45 + 30 + 20 − 1.5 − 1 = 92.5
C = entrant("C", 0.85, 1.0, 1.0)  # 42.5 + 50 = 92.5: a tie with B
D = entrant("D", 1.0, 0.5, None)  # (50 + 15) / 80 · 100 = 81.25; weight told 80 %
E = entrant("E", None, 1.0, 1.0)  # no village track
F = replace(entrant("F", 1.0, 1.0, 1.0), has_reported=False)
EVERYBODY = [A, B, C, D, E, F]


def test_by_hand() -> None:
    found = board(EVERYBODY, RULES)
    assert [(p.code, p.rank, p.is_tied) for p in found.places] == [
        ("A", 1, False),
        ("B", 2, True),
        ("C", 2, True),
        ("D", 4, False),
    ]
    assert [p.points for p in found.places] == pytest.approx([104, 92.5, 92.5, 81.25])
    assert found["B"].penalty == 2.5
    assert found["D"].told_weight == pytest.approx(0.8)
    assert found["A"].tracks == pytest.approx({"village": 100, "household": 100, "process": 120})
    assert [(each.code, each.reason) for each in found.apart] == [
        ("E", "没有扶村的数据"),
        ("F", "本季度未填报"),
    ]


def test_penalties_have_a_limit() -> None:
    found = board([A, replace(B, overdue=99, returned=9)], RULES)
    assert found["B"].penalty == 4


def test_too_little_to_go_by_is_listed_apart() -> None:
    thin = Entrant("T", "镇T", {"V": 1.0, "H": 1.0})
    rules = replace(RULES, least_weight=0.9)
    found = board([A, thin], rules)
    assert [each.reason for each in found.apart] == ["有数据的指标权重只有80%,不足90%"]


def test_what_nobody_has_is_not_asked_for() -> None:
    """Villages answer for no household indicators: they are ranked by what they have."""
    villages = [entrant("1", 1.0, None, 0.5), entrant("2", 0.5, None, 1.0)]
    found = board(villages, RULES)
    assert [place.code for place in found.places] == ["1", "2"]
    assert found["1"].told_weight == 1
    assert found.apart == ()


def test_nobody_reported() -> None:
    silent = [replace(each, has_reported=False) for each in EVERYBODY]
    found = board(silent, RULES)
    assert found.places == ()
    assert {each.reason for each in found.apart} == {"本季度未填报"}
    assert scored(silent, RULES) == {}


def test_movement_and_progress() -> None:
    before = {"A": Score(104.0, 1), "B": Score(90.0, 4), "C": Score(95.0, 2)}
    found = board([A, B, C, D], RULES, before)
    moved = {p.code: (p.moved, p.gained, p.progress_rank) for p in found.places}
    assert moved["A"] == (0, 0.0, 2)
    assert moved["B"] == (2, pytest.approx(2.5), 1)
    assert moved["C"] == (0, pytest.approx(-2.5), 3)
    assert moved["D"] == (None, None, None)


def test_the_gap_is_explained_to_the_point() -> None:
    found = board([A, B, C, D], RULES)
    # A is 11.5 ahead of B: 5 from V, 4 from P, 2.5 from B's penalty.
    assert gap(found, "B") == [
        ("V", pytest.approx(5)),
        ("P", pytest.approx(4)),
        ("H", 0.0),
        ("", 2.5),
    ]
    assert gap(found, "A") == []
    # C and B share a place: the next better one is A for both.
    assert found.ahead_of("C") == found["A"]


def test_the_lever_that_moves_a_unit_most() -> None:
    found = board([A, B, C, D], RULES)
    best = found["C"].levers[0]
    # With V on schedule C comes to 100 and stands alone behind A.
    assert (best.indicator, best.rank, best.points) == ("V", 2, pytest.approx(100))
    assert [lever.indicator for lever in found["D"].levers] == ["H"]
    assert found["A"].levers == ()


def test_without_reasons_only_the_place_is_left() -> None:
    place = board(EVERYBODY, RULES)["B"].without_reasons()
    assert (place.rank, place.points) == (2, 92.5)
    assert (place.contributions, place.levers, place.tracks) == ({}, (), {})
    assert (place.overdue, place.late, place.returned, place.penalty) == (0, 0, 0, 0)


SHARES = st.one_of(st.none(), st.floats(0, 2, allow_nan=False))


@st.composite
def fields(draw: st.DrawFn) -> list[Entrant]:
    count = draw(st.integers(1, 8))
    return [
        replace(
            entrant(str(at), draw(SHARES), draw(SHARES), draw(SHARES)),
            overdue=draw(st.integers(0, 3)),
            has_reported=draw(st.booleans()) or at == 0,
        )
        for at in range(count)
    ]


@given(fields(), st.randoms())
def test_the_order_of_rows_does_not_matter(found: list[Entrant], shuffler: object) -> None:
    mixed = list(found)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert board(mixed, RULES) == board(found, RULES)


@given(fields())
def test_everybody_is_either_ranked_or_listed_with_a_reason(found: list[Entrant]) -> None:
    made = board(found, RULES)
    codes = [place.code for place in made.places] + [each.code for each in made.apart]
    assert sorted(codes) == sorted(each.code for each in found)
    assert all(each.reason for each in made.apart)
    for place in made.places:
        assert place.low <= place.rank <= place.high
        assert place.left_low <= place.rank <= place.left_high
        assert place.rank == 1 + sum(
            round(other.points, 2) > round(place.points, 2) for other in made.places
        )


@given(fields(), st.floats(0, 0.5))
def test_who_improves_in_everything_never_falls(found: list[Entrant], step: float) -> None:
    before = scored(found, RULES)
    assume("0" in before)
    first = next(each for each in found if each.code == "0")
    better = replace(first, shares={key: x + step for key, x in first.shares.items()})
    after = scored([better, *(each for each in found if each.code != "0")], RULES)
    assert after["0"].rank <= before["0"].rank
    assert after["0"].points >= before["0"].points - 1e-9


@given(fields())
def test_the_gap_adds_up(found: list[Entrant]) -> None:
    made: Board = board(found, RULES)
    for place in made.places:
        other = made.ahead_of(place.code)
        if other is not None:
            total = sum(points for _, points in gap(made, place.code))
            assert total == pytest.approx(other.points - place.points, abs=0.006)
