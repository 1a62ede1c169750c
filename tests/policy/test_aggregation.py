"""Roll-ups by kind of indicator: order and grouping do not matter, rates are never averaged."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.aggregation import RATE_SCALE, Aggregation, Figure, combine, quotient

counts = st.integers(0, 10**9)
reporting = st.integers(0, 20)
added = st.builds(Figure, value=st.none() | counts, reported=reporting, expected=reporting)
classified = st.builds(
    lambda classes, reported, expected: Figure(
        sum(classes.values()), classes=classes, reported=reported, expected=expected
    ),
    st.dictionaries(st.sampled_from(["G03A", "G03B", "G03C"]), counts),
    reporting,
    reporting,
)


def _divided(kind: Aggregation) -> st.SearchStrategy[Figure]:
    def figure(numerator: int, denominator: int, reported: int, expected: int) -> Figure:
        value = quotient(kind, numerator, denominator)
        return Figure(value, numerator, denominator, reported=reported, expected=expected)

    absent = st.builds(Figure, reported=reporting, expected=reporting)
    return absent | st.builds(
        figure, counts, st.just(0) | st.integers(1, 10**6), reporting, reporting
    )


def _of_kind(kind: Aggregation) -> st.SearchStrategy[Figure]:
    if kind in (Aggregation.RATIO, Aggregation.WEIGHTED_MEAN):
        return _divided(kind)
    return classified if kind is Aggregation.DISTRIBUTION else added


@st.composite
def cases(draw: st.DrawFn) -> tuple[Aggregation, list[Figure]]:
    kind = draw(st.sampled_from(list(Aggregation)))
    return kind, draw(st.lists(_of_kind(kind), max_size=8))


@given(cases(), st.data())
def test_order_does_not_matter(case: tuple[Aggregation, list[Figure]], data: st.DataObject) -> None:
    kind, figures = case
    shuffled = data.draw(st.permutations(figures))
    assert combine(kind, shuffled) == combine(kind, figures)


@given(cases(), st.lists(st.integers(0, 8), max_size=3))
def test_villages_to_towns_to_district_equals_villages_to_district(
    case: tuple[Aggregation, list[Figure]], cuts: list[int]
) -> None:
    kind, figures = case
    edges = [0, *sorted(min(cut, len(figures)) for cut in cuts), len(figures)]
    towns = [figures[a:b] for a, b in pairwise(edges)]
    assert combine(kind, [combine(kind, town) for town in towns]) == combine(kind, figures)


@given(st.sampled_from([Aggregation.SUM, Aggregation.LAST]), st.lists(added))
def test_counts_add_up(kind: Aggregation, figures: list[Figure]) -> None:
    total = combine(kind, figures)
    present = [figure.value for figure in figures if figure.value is not None]
    assert total.value == (sum(present) if present else None)
    assert total.reported == sum(figure.reported for figure in figures)
    assert total.expected == sum(figure.expected for figure in figures)


@given(st.lists(_divided(Aggregation.RATIO)))
def test_a_ratio_is_sum_over_sum(figures: list[Figure]) -> None:
    total = combine(Aggregation.RATIO, figures)
    numerator = sum(figure.numerator or 0 for figure in figures)
    denominator = sum(figure.denominator or 0 for figure in figures)
    if denominator == 0:
        assert total.value is None
        return
    assert (total.numerator, total.denominator) == (numerator, denominator)
    assert total.value is not None
    # Within half a millionth of the exact share.
    assert abs(Fraction(total.value, RATE_SCALE) - Fraction(numerator, denominator)) * 2 <= (
        Fraction(1, RATE_SCALE)
    )


def test_a_ratio_is_not_the_mean_of_rates() -> None:
    small = Figure(1_000_000, 1, 1)  # one of one: 100 %
    large = Figure(100_000, 10, 100)  # ten of a hundred: 10 %
    total = combine(Aggregation.RATIO, [small, large])
    assert total.value == round(11 / 101 * RATE_SCALE)
    assert total.value != (1_000_000 + 100_000) // 2


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**4)), min_size=1, max_size=8),
)
def test_a_weighted_mean_lies_between_its_parts(incomes: list[tuple[int, int]]) -> None:
    figures = [Figure(mean, mean * persons, persons) for mean, persons in incomes]
    total = combine(Aggregation.WEIGHTED_MEAN, figures).value
    assert total is not None
    assert min(mean for mean, _ in incomes) <= total <= max(mean for mean, _ in incomes)


def test_a_weighted_mean_counts_persons() -> None:
    one = Figure(9_000_00, 9_000_00 * 1, 1)  # one person with 9,000 yuan
    three = Figure(5_000_00, 5_000_00 * 3, 3)  # three with 5,000
    assert combine(Aggregation.WEIGHTED_MEAN, [one, three]).value == 6_000_00


@given(st.lists(classified))
def test_a_distribution_merges_class_by_class(figures: list[Figure]) -> None:
    total = combine(Aggregation.DISTRIBUTION, figures)
    naive: Counter[str] = Counter()
    for figure in figures:
        for name, count in figure.classes.items():
            naive[name] += count
    assert Counter(total.classes) == naive
    assert (total.value or 0) == sum(naive.values())


@given(st.sampled_from(list(Aggregation)), st.lists(st.tuples(reporting, reporting)))
def test_nothing_reported_has_no_value(kind: Aggregation, numbers: list[tuple[int, int]]) -> None:
    silent = [Figure(reported=reported, expected=expected) for reported, expected in numbers]
    total = combine(kind, silent)
    assert (total.value, total.numerator, total.denominator) == (None, None, None)
    assert total.expected == sum(expected for _, expected in numbers)


def test_a_missing_part_is_not_a_zero() -> None:
    reported = Figure(500_000, 5, 10, reported=1, expected=1)
    late = Figure(expected=1)  # its denominator is unknown and must not count as 0 done
    total = combine(Aggregation.RATIO, [reported, late])
    assert (total.value, total.reported, total.expected) == (500_000, 1, 2)


def test_nothing_to_cover_has_no_rate() -> None:
    # A town without weak villages: 0 of 0 is no rate, and takes nothing from the others.
    empty = Figure(None, 0, 0, reported=1, expected=1)
    total = combine(Aggregation.RATIO, [empty])
    assert (total.value, total.numerator, total.denominator) == (None, 0, 0)  # known to be none
    assert combine(Aggregation.RATIO, [empty, Figure(500_000, 5, 10)]).value == 500_000
