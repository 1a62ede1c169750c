"""The decomposition's queries against a second, naive reading of the same rows."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event, insert, select

from dashboard import settings
from dashboard.config_models import Catalogue
from dashboard.data import catalogue as indicator_table
from dashboard.data import schema, units
from dashboard.data.queries import decomposition, sources
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.policy.reconciliation import Check, Discrepancy

D, A, B = "320412", "320412101", "320412102"
A1, A2, B1 = "320412101201", "320412101202", "320412102201"
OTHER, OTHER_TOWN = "320413", "320413101"
CITY = "3204"
PERIOD = Period(2016, 3)
OFFICE = Viewer("office", Role.OFFICE, D)
TOWN_A = Viewer("town", Role.TOWN, A)

UNITS = [
    # code, parent, level, name, closed
    (CITY, None, "city", "某市", False),  # above the district: its children are shards of their own
    (D, CITY, "district", "某区", False),
    (OTHER, CITY, "district", "邻区", False),  # must not leak into the first district's table
    (OTHER_TOWN, OTHER, "town", "邻镇", False),
    (A, D, "town", "甲镇", False),
    (B, D, "town", "乙镇", False),
    (A1, A, "village", "一村", False),
    (A2, A, "village", "二村", False),
    (B1, B, "village", "三村", False),
    ("320412103", D, "town", "撤并镇", True),  # closed: its targets no longer count
]

TARGETS = [
    # unit, indicator, year, value
    (D, "H05", 2016, 100),
    (A, "H05", 2016, 70),
    (B, "H05", 2016, 50),  # 120 handed down where 100 was asked for: 层层加码
    (A1, "H05", 2016, 70),  # the town's whole target on one village; the other has none: adds up
    (D, "V02", 2016, 10),
    (A, "V02", 2016, 6),  # 乙镇 has none: 6 of 10 handed down
    (D, "V09", 2016, 1_000_000),
    (A, "V09", 2016, 1_000_000),  # a rate: 100 % + 100 % is not 200 %
    (B, "V09", 2016, 1_000_000),
    (D, "G03", 2016, 10),
    (A, "G03", 2016, 5),  # a distribution adds up, and does so here
    (B, "G03", 2016, 5),
    (D, "V03", 2016, 900),  # nobody below has one: not begun, no difference
    (A, "V03", 2017, 900),  # another year
    (D, "H07", 2016, 0),
    (B, "H07", 2016, 2),  # a ratio over a target of 0 has no meaning
    (B1, "H05", 2016, 30),  # 乙镇 hands down 30 of its 50
    (OTHER, "H05", 2016, 5),
    (OTHER_TOWN, "H05", 2016, 9),
    (CITY, "H05", 2016, 105),  # the city's two districts come to exactly this
    ("320412103", "V02", 2016, 4),  # of the closed town: would hide 乙镇's missing one
]

PLANS = [
    # unit, indicator, year, {month: planned}
    (A, "H05", 2016, {3: 20, 6: 40, 12: 70}),  # in order
    (B, "H05", 2016, {3: 20, 6: 10, 9: 30, 12: 40}),  # falls in June, and ends at 40 of 50
    (A, "V02", 2016, {3: 9, 6: 8, 12: 6}),  # falls by intention: fewer villages left
    (A, "G03", 2016, {6: 4, 11: 5}),  # ends in November at the target
    (A1, "H05", 2016, {12: 69}),  # one short, in a village
    (A2, "H05", 2016, {12: 1}),  # a plan without a target: nothing to compare with
    (A, "V03", 2017, {12: 1}),  # another year
    (OTHER_TOWN, "H05", 2016, {12: 1}),
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return settings.load().catalogue


@pytest.fixture
def filled(store: Store, catalogue: Catalogue) -> Store:
    with store.writing() as connection:
        indicator_table.sync(connection, catalogue)
        for code, parent, level, name, closed in UNITS:
            connection.execute(
                insert(schema.unit).values(
                    district_code=code[:6],
                    code=code,
                    parent_code=parent,
                    level=level,
                    name=name,
                    kind="",
                    valid_to=Period(2016, 1).first_day if closed else None,
                    batch_id="b",
                )
            )
        connection.execute(insert(schema.target), [_target(*row) for row in TARGETS])
        connection.execute(
            insert(schema.target_month),
            [
                _keys(unit, indicator, year) | {"month": month, "planned": planned}
                for unit, indicator, year, plan in PLANS
                for month, planned in plan.items()
            ],
        )
    return store


def _keys(unit: str, indicator: str, year: int) -> dict[str, Any]:
    return {
        "district_code": unit[:6],
        "unit_code": unit,
        "indicator_code": indicator,
        "year": year,
        "batch_id": "b",
    }


def _target(unit: str, indicator: str, year: int, value: int) -> dict[str, Any]:
    return _keys(unit, indicator, year) | {
        "value": value,
        "department": "区委农工办",
        "post": "镇长" if unit == A else "",
        "due_month": 11 if indicator == "G03" else 12,
    }


def focus_on(store: Store, code: str, viewer: Viewer = OFFICE) -> Focus:
    return units.focus(store, viewer, code, PERIOD)


def city_focus(store: Store) -> tuple[Viewer, Focus]:
    viewer = Viewer("leader", Role.LEADER, CITY)
    return viewer, focus_on(store, CITY, viewer)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that the database is asked, transaction control aside."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


OPEN = {code for code, *_, closed in UNITS if not closed}
NAMES = {code: name for code, _, _, name, _ in UNITS}
PARENTS = {code: parent for code, parent, *_ in UNITS}


def naive_targets(focus: str) -> list[tuple[Any, ...]]:
    rows = [
        (unit, NAMES[unit], indicator, value)
        for unit, indicator, year, value in TARGETS
        if year == 2016 and unit in OPEN and focus in (unit, PARENTS[unit])
    ]
    return sorted(rows, key=lambda row: (row[0] != focus, row[0], row[2]))


@pytest.mark.parametrize("code", [D, A, A1])
def test_targets_are_the_unit_and_its_children(filled: Store, code: str) -> None:
    frame = decomposition.targets(filled, OFFICE, focus_on(filled, code))
    assert list(frame.columns) == decomposition.TARGET_COLUMNS
    read = list(frame[["unit", "name", "indicator", "value"]].itertuples(index=False, name=None))
    assert read == naive_targets(code)


def test_targets_say_who_answers_and_by_when(filled: Store) -> None:
    frame = decomposition.targets(filled, OFFICE, focus_on(filled, A)).set_index(
        ["unit", "indicator"]
    )
    row = frame.loc[(A, "G03")]
    assert (row["department"], row["post"], row["due_month"]) == ("区委农工办", "镇长", 11)


def test_a_city_reads_its_districts_only(filled: Store) -> None:
    viewer, focus = city_focus(filled)
    frame = decomposition.targets(filled, viewer, focus)
    assert frame["unit"].unique().tolist() == [CITY, D, OTHER]


def test_months_of_one_indicator_and_of_all(filled: Store) -> None:
    focus = focus_on(filled, D)
    one = decomposition.months(filled, OFFICE, focus, "H05")
    assert list(one.columns) == decomposition.MONTH_COLUMNS
    assert list(one[["unit", "month", "planned"]].itertuples(index=False, name=None)) == [
        (unit, month, planned)
        for unit, indicator, year, plan in PLANS
        for month, planned in plan.items()
        if indicator == "H05" and year == 2016 and unit in (A, B)
    ]
    everything = decomposition.months(filled, OFFICE, focus)
    assert len(everything) == sum(
        len(plan) for unit, _, year, plan in PLANS if year == 2016 and unit in (A, B)
    )


@pytest.mark.parametrize("indicator", ["H05", "V02", "V09"])
def test_plan_is_target_and_months_of_one_indicator(filled: Store, indicator: str) -> None:
    plans = {unit: plan for unit, code, year, plan in PLANS if (code, year) == (indicator, 2016)}
    naive = [
        (unit, value, month, planned)
        for unit, _, code, value in naive_targets(D)
        if code == indicator
        for month, planned in plans.get(unit, {None: None}).items()
    ]
    frame = decomposition.plan(filled, OFFICE, focus_on(filled, D), indicator)
    plain = frame[["unit", "value", "month", "planned"]].astype(object)
    read = plain.where(plain.notna(), None).itertuples(index=False, name=None)
    assert list(read) == naive


def test_sources_are_the_files_behind_what_is_shown(filled: Store) -> None:
    batches = [
        # id, and whether 甲镇's figures of 2016 came with it
        ("b", True),  # targets and plans
        ("villages", True),  # a village's income in the third quarter
        ("later", False),  # the same village in the fourth, after the focus quarter
        ("other", False),  # 乙镇's report
    ]
    incomes = dict.fromkeys((f"{source}_fen" for source in schema.INCOME_SOURCES), 0)
    with filled.writing() as connection:
        for day, (batch, _) in enumerate(batches, start=1):
            connection.execute(
                insert(schema.import_batch).values(
                    district_code=D,
                    id=batch,
                    file_name=f"{batch}.xlsx",
                    file_sha256="",
                    sheets={},
                    imported_at=datetime(2016, 10, day, tzinfo=UTC),
                    imported_by="office",
                )
            )
        for batch, period in (("villages", "2016Q3"), ("later", "2016Q4")):
            row = {"district_code": D, "village_code": A1, "period": period, "batch_id": batch}
            connection.execute(insert(schema.village_income).values(row | incomes))
        row = {"district_code": D, "unit_code": B, "indicator_code": "H07", "period": "2016Q3"}
        connection.execute(
            insert(schema.observation).values(row | {"value": 1, "batch_id": "other"})
        )
    ours = sources.newest(filled, OFFICE, focus_on(filled, A), None)
    assert ours["batch"].tolist() == [batch for batch, is_ours in reversed(batches) if is_ours]
    district = sources.newest(filled, OFFICE, focus_on(filled, D), None)
    assert district["file"].tolist() == ["other.xlsx", "villages.xlsx", "b.xlsx"]


def naive_reconcile(catalogue: Catalogue, units: list[str]) -> set[Discrepancy]:
    """The same, cell by cell, from the lists above."""
    value = {
        (unit, indicator): number
        for unit, indicator, year, number in TARGETS
        if year == 2016 and unit in OPEN
    }
    found = set()
    for (unit, indicator), own in value.items():
        if unit not in units:
            continue
        below = [code for code in OPEN if PARENTS[code] == unit and code in units]
        given = [value[code, indicator] for code in below if (code, indicator) in value]
        additive = catalogue[indicator].aggregation in ("sum", "last", "distribution")
        if additive and given and sum(given) != own:
            missing = tuple(sorted(code for code in below if (code, indicator) not in value))
            ratio = Fraction(sum(given), own) if own else None
            found.add(Discrepancy(unit, indicator, Check.CHILDREN, own, sum(given), ratio, missing))
    for unit, indicator, year, plan in PLANS:
        if year != 2016 or unit not in units or (unit, indicator) not in value:
            continue
        own, steps = value[unit, indicator], [plan[month] for month in sorted(plan)]
        if steps[-1] != own:
            ratio = Fraction(steps[-1], own)
            found.add(Discrepancy(unit, indicator, Check.MONTHS, own, steps[-1], ratio))
        if indicator != "V02":  # the one indicator above whose plan may fall
            for before, after in itertools.pairwise(steps):
                if after < before:
                    found.add(Discrepancy(unit, indicator, Check.MONTHS_FALL, before, after, None))
    return found


@pytest.mark.parametrize(
    ("code", "subtree"),
    [(D, [D, A, B, A1, A2, B1]), (A, [A, A1, A2]), (B, [B, B1]), (A1, [A1]), (A2, [A2])],
)
def test_reconcile_finds_what_a_naive_reading_finds(
    filled: Store, catalogue: Catalogue, code: str, subtree: list[str]
) -> None:
    found = decomposition.reconcile(filled, OFFICE, focus_on(filled, code), catalogue)
    assert set(found) == naive_reconcile(catalogue, subtree)
    assert len(found) == len(set(found))


def test_reconcile_starts_with_the_focus_unit(filled: Store, catalogue: Catalogue) -> None:
    found = decomposition.reconcile(filled, OFFICE, focus_on(filled, D), catalogue)
    assert [(one.unit, one.indicator, one.check) for one in found] == [
        (D, "V02", Check.CHILDREN),
        (D, "H05", Check.CHILDREN),
        (D, "H07", Check.CHILDREN),
        (B, "H05", Check.CHILDREN),
        (B, "H05", Check.MONTHS),
        (B, "H05", Check.MONTHS_FALL),
        (A1, "H05", Check.MONTHS),
    ]
    assert found[1].ratio == Fraction(6, 5)


def test_a_city_is_checked_against_its_districts(filled: Store, catalogue: Catalogue) -> None:
    viewer, focus = city_focus(filled)
    checked = decomposition.check(filled, viewer, focus, catalogue)
    assert checked.discrepancies == ()  # 100 + 5 = 105; what is below the districts is theirs
    assert set(checked.names) == {CITY, D, OTHER}


def test_check_tells_the_cells_that_differ(filled: Store, catalogue: Catalogue) -> None:
    checked = decomposition.check(filled, OFFICE, focus_on(filled, D), catalogue)
    weak, exits = checked.discrepancies[:2]
    assert checked.parts(exits) == [("甲镇", 70), ("乙镇", 50)]
    assert checked.parts(weak) == [("甲镇", 6), ("乙镇", None)]  # the closed town is not named


def test_check_says_what_it_looked_at(filled: Store, catalogue: Catalogue) -> None:
    checked = decomposition.check(filled, OFFICE, focus_on(filled, A), catalogue)
    assert checked.names == {A: "甲镇", A1: "一村", A2: "二村"}
    assert checked.values == {
        (unit, indicator): value
        for unit, indicator, year, value in TARGETS
        if unit in (A, A1, A2) and year == 2016
    }


@pytest.mark.parametrize("viewer", [None, Viewer("x", Role.PUBLIC, D), TOWN_A])
def test_who_may_not_see_gets_nothing(
    filled: Store, catalogue: Catalogue, viewer: Viewer | None
) -> None:
    focus = focus_on(filled, B)
    with counted(filled) as statements:
        assert decomposition.targets(filled, viewer, focus).empty
        assert decomposition.months(filled, viewer, focus).empty
        assert decomposition.plan(filled, viewer, focus, "H05").empty
        assert sources.newest(filled, viewer, focus, None).empty
        assert decomposition.check(filled, viewer, focus, catalogue) == decomposition.Checked()
    assert statements == []


def test_a_town_reads_its_own(filled: Store) -> None:
    focus = focus_on(filled, A, TOWN_A)
    assert set(decomposition.targets(filled, TOWN_A, focus)["unit"]) == {A, A1}


def test_statements(filled: Store, catalogue: Catalogue) -> None:
    look = filled.for_a_look()
    look.see(look.version, is_demo=False)
    focus = focus_on(look, D)
    decomposition._checked.answers.cache_clear()  # type: ignore[attr-defined]
    with counted(filled) as statements:
        decomposition.plan(look, OFFICE, focus, "H05")
        first = decomposition.check(look, OFFICE, focus, catalogue)
    assert len(statements) == 2
    with counted(filled) as statements:
        other = focus.at(focus.period.previous())
        assert other.period.year == focus.period.year
        assert decomposition.check(look, OFFICE, other, catalogue) == first
    assert statements == [], "once a year"


def test_an_empty_store_keeps_the_columns(store: Store, catalogue: Catalogue) -> None:
    with store.writing() as connection:
        row = dict(zip(("code", "parent_code", "level", "name"), UNITS[1], strict=False))
        connection.execute(
            insert(schema.unit).values(district_code=D, kind="", batch_id="b", **row)
        )
    focus = focus_on(store, D)
    assert list(decomposition.targets(store, OFFICE, focus)) == decomposition.TARGET_COLUMNS
    assert list(decomposition.months(store, OFFICE, focus)) == decomposition.MONTH_COLUMNS
    checked = decomposition.check(store, OFFICE, focus, catalogue)
    assert (checked.discrepancies, checked.values) == ((), {})


def test_frames_carry_integers(filled: Store) -> None:
    frame = decomposition.targets(filled, OFFICE, focus_on(filled, D))
    assert frame["value"].dtype == pd.Int64Dtype()
    with filled.reading() as connection:
        stored = connection.scalars(select(schema.target.c.value).where(_is_district())).all()
    assert frame.loc[frame["unit"] == D, "value"].sum() == sum(stored)


def _is_district() -> Any:
    return (schema.target.c.unit_code == D) & (schema.target.c.year == 2016)
