"""Small cells and what hides them, against readers who try to work them out."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.policy import suppression
from dashboard.policy.suppression import LEAST, Cell

Equation = tuple[dict[Cell, Fraction], Fraction]
Bounds = dict[Cell, tuple[Fraction, Fraction]]


def equations(
    counts: Mapping[Cell, int],
    parents: Mapping[str, str],
    gone: frozenset[Cell],
    totals: bool,
    known: tuple[str, ...] = (),
) -> list[Equation]:
    """What a reader can write down: every unit's total, every cell as the sum of those below.

    Hidden cells stand on the left; what is shown has gone to the right. `known`: columns that are
    told elsewhere.
    """
    cells = suppression.summed(counts, parents)
    units = sorted({unit for unit, _ in cells})
    columns = sorted({column for _, column in cells})
    found: list[dict[Cell, int]] = []
    sums = []
    for unit in units if totals else ():
        found.append({(unit, column): 1 for column in columns})
        sums.append(sum(cells[unit, column] for column in columns))
    for unit, column in product({*parents.values()}, columns):
        below = [other for other in units if parents.get(other) == unit]
        found.append({(unit, column): -1} | {(other, column): 1 for other in below})
        sums.append(0)
    made = []
    for row, right in zip(found, sums, strict=True):
        shown = {cell: sign for cell, sign in row.items() if cell not in gone}
        rest = right - sum(sign * cells[cell] for cell, sign in shown.items())
        left = {cell: Fraction(sign) for cell, sign in row.items() if cell in gone}
        made.append((left, Fraction(rest)))
    return made


def solved(rows: list[Equation]) -> list[Equation]:
    """Gauss and Jordan, in exact fractions."""
    rows = [(dict(left), right) for left, right in rows if left]
    done: list[Equation] = []
    while rows:
        left, right = rows.pop()
        if not left:
            assert right == 0
            continue
        pivot = next(iter(left))
        scale = left[pivot]
        left, right = {c: v / scale for c, v in left.items()}, right / scale
        rows = [without(row, pivot, (left, right)) for row in rows]
        done = [without(row, pivot, (left, right)) for row in done] + [(left, right)]
    return done


def without(row: Equation, pivot: Cell, by: Equation) -> Equation:
    left, right = row
    factor = left.get(pivot)
    if not factor:
        return row
    made = {c: left.get(c, Fraction(0)) - factor * by[0].get(c, Fraction(0)) for c in left | by[0]}
    return {c: v for c, v in made.items() if v}, right - factor * by[1]


def narrowed(rows: list[Equation], most: int) -> Bounds:
    """Bounds of every hidden cell: none is negative, and each row bounds each of its cells."""
    bounds: Bounds = {c: (Fraction(0), Fraction(most)) for left, _ in rows for c in left}
    for _ in range(30):
        before = dict(bounds)
        for left, right in rows:
            for cell, factor in left.items():
                others = [(v, bounds[c]) for c, v in left.items() if c != cell]
                low = sum((v * (b[0] if v > 0 else b[1]) for v, b in others), Fraction(0))
                high = sum((v * (b[1] if v > 0 else b[0]) for v, b in others), Fraction(0))
                ends = sorted(((right - low) / factor, (right - high) / factor))
                own = bounds[cell]
                bounds[cell] = max(own[0], ends[0]), min(own[1], ends[1])
        if bounds == before:
            break
    return bounds


def worked_out(rows: list[Equation], most: int) -> set[Cell]:
    """The cells that a reader can tell exactly."""
    reduced = solved(rows)
    by_algebra = {next(iter(left)) for left, _ in reduced if len(left) == 1}
    bounds = narrowed([*rows, *reduced], most)
    return by_algebra | {cell for cell, (low, high) in bounds.items() if low == high}


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[Cell, int], dict[str, str]]:
    """A district of one to three towns with villages, mostly small cells, some large."""
    columns = [f"c{n}" for n in range(draw(st.integers(2, 4)))]
    count = st.one_of(st.just(0), st.integers(1, 4), st.integers(1, 4), st.integers(5, 30))
    counts, parents = {}, {}
    for town in range(draw(st.integers(1, 3))):
        parents[f"t{town}"] = "d"
        for village in range(draw(st.integers(1, 3))):
            code = f"v{town}{village}"
            parents[code] = f"t{town}"
            for column in columns:
                counts[code, column] = draw(count)
    return counts, parents


@settings(max_examples=150, deadline=None)
@given(trees(), st.booleans())
def test_no_subtraction_gives_a_small_cell_away(
    tree: tuple[dict[Cell, int], dict[str, str]], totals: bool
) -> None:
    counts, parents = tree
    gone = suppression.hidden(counts, parents, totals=totals)
    cells = suppression.summed(counts, parents)
    small = {cell for cell, count in cells.items() if 0 < count < LEAST}
    assert small <= gone
    rows = equations(counts, parents, gone, totals)
    assert not worked_out(rows, sum(counts.values()) + 99) & small


@settings(max_examples=100, deadline=None)
@given(trees(), st.data())
def test_nor_do_the_persons(
    tree: tuple[dict[Cell, int], dict[str, str]], data: st.DataObject
) -> None:
    """Persons are hidden where households are, and their totals are shown as well."""
    counts, parents = tree
    gone = suppression.hidden(counts, parents)
    cells = suppression.summed(counts, parents)
    each = st.integers(1, 6)
    persons = {c: sum(data.draw(each) for _ in range(n)) for c, n in counts.items()}
    small = {cell for cell, count in cells.items() if 0 < count < LEAST}
    by_algebra = solved(equations(persons, parents, gone, totals=True))
    assert not {next(iter(left)) for left, _ in by_algebra if len(left) == 1} & small


@settings(max_examples=60, deadline=None)
@given(trees(), st.data())
def test_one_cell_hidden_less_gives_something_away_or_hides_nothing_small(
    tree: tuple[dict[Cell, int], dict[str, str]], data: st.DataObject
) -> None:
    """The attack finds what is badly hidden: else the tests above would prove nothing."""
    counts, parents = tree
    cells = suppression.summed(counts, parents)
    small = {cell for cell, count in cells.items() if 0 < count < LEAST}
    rows = equations(counts, parents, frozenset(small), totals=True)
    given_away = worked_out(rows, sum(counts.values()) + 99) & small
    alone = [c for c in small if sum(other[0] == c[0] for other in small) == 1]
    assert set(alone) <= given_away


def test_nothing_small_hides_nothing() -> None:
    counts = {("v1", "低保"): 5, ("v1", "一般"): 9, ("v2", "低保"): 0, ("v2", "一般"): 7}
    assert not suppression.hidden(counts, {"v1": "t", "v2": "t"})


def test_the_cheapest_others_go_along() -> None:
    """One small cell of a town takes the same column of the smallest other town along, and in both
    the smallest other column; the district's figures stay."""
    rows = {"甲镇": (3, 40, 9), "乙镇": (20, 50, 60), "丙镇": (8, 30, 7)}
    words = ("五保", "一般", "低保")
    counts = {
        (town, word): n for town, ns in rows.items() for word, n in zip(words, ns, strict=True)
    }
    gone = suppression.hidden(counts, dict.fromkeys(rows, "区"))
    assert gone == {("甲镇", "五保"), ("甲镇", "低保"), ("丙镇", "五保"), ("丙镇", "低保")}


def test_a_single_household_of_a_village() -> None:
    """Its total is known; which class it is in is not to be told, by zeros either."""
    gone = suppression.hidden({("v", "低保"): 1, ("v", "一般"): 0, ("v", "五保"): 0}, {})
    assert ("v", "低保") in gone
    assert len(gone) > 1


def test_where_there_is_nothing_to_hide_behind() -> None:
    """One class in the whole district: the unit's total says it, and that is known."""
    assert suppression.hidden({("v", "低保"): 2}, {}) == {("v", "低保")}


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        ((9, 2, 7, 6), {"b", "d"}),  # the smallest other town goes along
        ((9, 2, 3, 6), {"b", "c"}),  # two hide each other
        ((0, 2, 1, 0), {"b", "c", "区"}),  # so few in all that the sum is hidden, too
        ((0, 0, 0, 0), set()),
    ],
)
def test_a_list_by_town(counts: tuple[int, ...], gone: set[str]) -> None:
    table = {(town, "到期"): n for town, n in zip("abcd", counts, strict=True)}
    found = suppression.hidden(table, dict.fromkeys("abcd", "区"), totals=False)
    assert {unit for unit, _ in found} == gone


def test_it_does_not_matter_who_looks_or_in_which_order() -> None:
    counts = {(f"v{n}", c): (n * 7 + at * 3) % 11 for n in range(12) for at, c in enumerate("abc")}
    parents = {f"v{n}": f"t{n % 3}" for n in range(12)} | {f"t{n}": "d" for n in range(3)}
    turned = dict(reversed(list(counts.items())))
    assert suppression.hidden(counts, parents) == suppression.hidden(turned, parents)
