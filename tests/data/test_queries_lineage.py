"""Figures against the rows that they are said to be made of, added up anew in plain loops."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, select

from dashboard.config_models import IndicatorEntry
from dashboard.data import contributions, demo, schema, units
from dashboard.data.contributions import Part, Trace
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.queries.lineage import Lineage, lineage, sources
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.aggregation import combine
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
LEADER = Viewer("leader", Role.LEADER, D)
SOURCES = ("operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other")
MANY = 500


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('lineage')}/demo.db")
    demo.fill(store, settings, seed=68, villages=48, households=400)
    return store


@pytest.fixture(scope="module")
def raw(filled: Store) -> dict[str, list[dict[str, Any]]]:
    """The fact tables and the summary, whole."""
    with filled.reading() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in (*schema.FACTS, schema.summary)
        }


@dataclass
class Sum:
    """What rows add up to by the naive count."""

    value: int = 0
    upper: int = 0
    lower: int = 0
    rows: int = 0


def naive(entry: IndicatorEntry, parts: list[Part], stored: dict[tuple[str, str], Any]) -> Sum:
    """Adds up the stored rows by the definition of the indicator alone."""
    total = Sum()
    rule = entry.register_rule.rule if entry.register_rule else ""
    for part in parts:
        if part.is_basis:
            continue
        row = stored[part.table, part.key]
        total.rows += 1
        if part.table == "observation":
            if entry.numerator and row["indicator_code"] == entry.numerator.code:
                total.upper += row["value"]
            elif entry.denominator and row["indicator_code"] == entry.denominator.code:
                total.lower += row["value"]
            else:
                total.value += row["value"]
        elif part.table == "village_income":
            total.value += of_income(entry, rule, row, stored)
        elif rule == "household_persons":
            total.value += row["persons"]
        elif rule == "household_income_mean":
            heads = stored["household", row["household"]]["persons"]
            total.upper += row["income_fen"] * heads
            total.lower += heads
        else:
            total.value += 1
    return total


def of_income(
    entry: IndicatorEntry, rule: str, row: dict[str, Any], stored: dict[tuple[str, str], Any]
) -> int:
    """A village's income, or whether it is past a line or below it."""
    income = sum(int(row[f"{source}_fen"]) for source in SOURCES)
    if rule == "village_income_total":
        return income
    line = {"V01": 150, "V02": 150, "V04": 120, "V11": 200}[entry.code] * 10**6
    if rule == "villages_beyond_line":
        return int(income > line)
    before = stored.get(("village_income", f"{row['village_code']}|{int(row['period'][:4]) - 1}Q4"))
    was = before is None or sum(before[f"{s}_fen"] for s in SOURCES) < line
    return int(income < line and (was or row["period"].endswith("Q4")))


def drawn(raw: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Figures of every level alike: a district has few units, and they are what is asked after."""
    dice = random.Random(68)
    told = [row for row in raw["summary"] if row["source"] != "none"]
    by_level = {
        level: [row for row in told if row["level"] == level]
        for level in ("district", "town", "village")
    }
    share = MANY // len(by_level) + 1
    return [row for rows in by_level.values() for row in dice.sample(rows, share)][:MANY]


def traces(store: Store, settings: Settings, quarters: set[str]) -> dict[str, Trace]:
    found = {}
    for quarter in sorted(quarters):
        focus = units.focus(store, OFFICE, D, Period.parse(quarter))
        codes = [unit.code for unit in units.within(store, OFFICE, focus)]
        with store.reading() as connection:
            found[quarter] = contributions.trace(
                connection, settings, D, codes, settings.catalogue.indicators, focus.period
            )
    return found


def test_the_rows_of_500_figures_add_up_to_them(
    filled: Store, raw: dict[str, list[dict[str, Any]]], settings: Settings
) -> None:
    keyed = {
        (
            table.name,
            "|".join(str(row[c.name]) for c in table.primary_key if c.name[:5] != "distr"),
        ): row
        for table in schema.FACTS
        for row in raw[table.name]
    }
    figures = drawn(raw)
    assert len(figures) == MANY
    traced = traces(filled, settings, {row["period"] for row in figures})
    counted, kinds = 0, set()
    for row in figures:
        entry = settings.catalogue[row["indicator_code"]]
        parts = list(traced[row["period"]].leaves(row["unit_code"], entry.code))
        keys = [(part.table, part.key) for part in parts]
        assert len(set(keys)) == len(keys), "a row is counted once"
        total = naive(entry, parts, keyed)
        where = (row["unit_code"], entry.code, row["period"])
        said = combine(entry.aggregation, (part.figure for part in parts if not part.is_basis))
        assert (said.numerator or 0, said.denominator or 0) == (total.upper, total.lower), where
        if entry.numerator:
            assert (total.upper, total.lower) == (row["numerator"], row["denominator"]), where
            if total.lower:
                scale = 1_000_000 if entry.quantity == "ratio" else 1
                assert row["value"] == round(Fraction(total.upper * scale, total.lower)), where
        else:
            assert total.value == row["value"], where
            assert (said.value or 0) == total.value, where
        counted += total.rows
        kinds |= {(row["level"], row["source"])}
    assert counted > MANY, "the figures are made of something"
    assert kinds >= {
        ("district", "register"),
        ("district", "children"),
        ("town", "reported"),
        ("town", "register"),
        ("village", "register"),
    }


def test_from_the_district_down_to_the_row_one_step_at_a_time(
    filled: Store, settings: Settings
) -> None:
    """What the screen follows, click by click, comes to the same rows."""
    quarter = Period(2016, 4)
    traced = traces(filled, settings, {str(quarter)})[str(quarter)]
    for indicator in ("V01", "V03", "H01", "H04", "H05", "V06", "G03", "G07"):
        seen = sorted(
            (origin.part.table, origin.part.key)
            for one in walked(filled, settings, D, indicator, quarter)
            for origin in one.origins
        )
        leaves = sorted((part.table, part.key) for part in traced.leaves(D, indicator))
        assert seen == leaves, indicator
        assert seen, indicator


def walked(
    store: Store, settings: Settings, unit: str, indicator: str, period: Period
) -> Iterator[Lineage]:
    focus = units.focus(store, OFFICE, unit, period)
    one = lineage(store, OFFICE, focus, settings, indicator)
    assert one is not None
    yield one
    for piece in one.pieces:
        yield from walked(store, settings, piece.unit, indicator, period)


def test_pieces_and_spans(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2016, 4))
    one = lineage(filled, OFFICE, focus, settings, "V03")
    assert one is not None and one.row is not None
    assert sum(piece.figure.value or 0 for piece in one.pieces) == one.row["value"]
    assert sum(piece.span.rows or 0 for piece in one.pieces) == one.span.rows
    assert one.span.newest is not None
    assert one.span.newest.imported_at == max(b.imported_at for b in one.span.batches)
    assert one.target is not None and one.target.batch is not None
    short = sources(filled, OFFICE, focus, settings, ["V03"])
    assert short[D, "V03"].span == one.span
    assert short[D, "V03"].children == len(one.pieces)
    assert {unit for unit, _ in short} == {D, *(piece.unit for piece in one.pieces)}


def test_rows_of_households_are_for_the_office_and_their_town(
    filled: Store, settings: Settings
) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2016, 4))
    village = next(
        unit.code
        for unit in units.within(filled, OFFICE, focus)
        if unit.is_village and lineage_at(filled, OFFICE, unit.code, settings, "H04").origins
    )
    town = Viewer("town", Role.TOWN, village[:9])
    department = Viewer("department", Role.DEPARTMENT, D, "区财政局")
    for indicator in ("H01", "H04", "H05", "H06", "H07", "H09"):
        for viewer in (OFFICE, town):
            mine = lineage_at(filled, viewer, village, settings, indicator)
            assert not mine.is_withheld
            assert mine.span.rows == len(mine.origins)
        for viewer in (LEADER, department):
            for unit in (village, village[:9], D):
                theirs = lineage_at(filled, viewer, unit, settings, indicator)
                assert not theirs.origins
                assert theirs.span.rows is None
                assert all(piece.span.rows is None for piece in theirs.pieces)
                hidden = [theirs.row, *(vars(piece.figure) for piece in theirs.pieces)]
                assert not [row for row in hidden if row and row["denominator"] is not None]
        is_full = bool(lineage_at(filled, OFFICE, village, settings, indicator).origins)
        assert lineage_at(filled, LEADER, village, settings, indicator).is_withheld == is_full
    # A village's income is no household's: its row is for whoever sees the village.
    assert lineage_at(filled, LEADER, village, settings, "V03").origins


def lineage_at(
    store: Store, viewer: Viewer, unit: str, settings: Settings, indicator: str
) -> Lineage:
    focus = units.focus(store, viewer, unit, Period(2016, 4))
    one = lineage(store, viewer, focus, settings, indicator)
    assert one is not None
    return one


def test_few_statements_and_each_names_its_district(filled: Store, settings: Settings) -> None:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, _p: Any, _x: Any, _many: bool) -> None:
        asked.append(sql)

    whole = units.focus(filled, OFFICE, D, Period(2016, 4))
    tree = units.within(filled, OFFICE, whole)
    town = next(unit for unit in tree if unit.level == "town")
    village = next(unit for unit in tree if unit.parent_code == town.code)
    focuses = [units.focus(filled, OFFICE, one.code, whole.period) for one in (town, village)]
    for focus, indicator in product([whole, *focuses], settings.catalogue.by_code):
        event.listen(filled.engine, "before_cursor_execute", note)
        lineage(filled, OFFICE, focus, settings, indicator)
        event.remove(filled.engine, "before_cursor_execute", note)
        told = [sql for sql in asked if sql.startswith("SELECT") and "store_info" not in sql]
        assert len(told) <= 6, indicator
        assert all("district_code" in sql.partition("WHERE")[2] for sql in told)
        asked.clear()


V1, V2, TOWN = f"{D}101201", f"{D}101202", f"{D}101"


def small(income: int, done: int) -> dict[str, list[dict[str, Any]]]:
    """A town of two villages."""
    told = {f"{source}_fen": 0 for source in SOURCES} | {"operating_fen": income}
    observed = {"district_code": D, "unit_code": TOWN}
    return {
        "unit": [
            {"district_code": D, "code": code, "parent_code": parent, "level": level, "name": code}
            for code, parent, level in (
                (D, None, "district"),
                (TOWN, D, "town"),
                (V1, TOWN, "village"),
                (V2, TOWN, "village"),
            )
        ],
        "village_income": [
            {"district_code": D, "village_code": V1, "period": "2016Q3", "source_row": 2} | told,
        ],
        "observation": [
            # Told in the first quarter and kept: the third's figure is made of them.
            {**observed, "indicator_code": "V06A", "period": "2016Q1", "value": done}
            | {"source_row": 3},
            {**observed, "indicator_code": "V06B", "period": "2016Q1", "value": 8}
            | {"source_row": 4},
        ],
        "target": [
            {"district_code": D, "unit_code": TOWN, "indicator_code": "V06", "year": 2016}
            | {"value": 1_000_000, "due_month": 12, "source_row": 5},
        ],
    }


def test_file_row_and_what_was_there_before(store: Store, settings: Settings) -> None:
    first, second = (datetime(2016, 10, day, tzinfo=UTC) for day in (8, 12))
    with store.writing() as connection:
        for at, name, income, done in (
            (first, "甲镇.xlsx", 150_0000_00, 3),
            # Sent anew: one fen more, and the villages confirmed meanwhile.
            (second, "甲镇(更正).xlsx", 150_0000_01, 5),
        ):
            apply_rows(
                connection,
                settings,
                small(income, done),
                FileInfo(name, "0" * 64),
                "clerk",
                received_at=at,
            )
    focus = units.focus(store, OFFICE, V1, Period(2016, 3))
    one = lineage(store, OFFICE, focus, settings, "V01")
    assert one is not None
    [origin] = one.origins
    assert origin.part.row["source_row"] == 2
    assert origin.part.row["operating_fen"] == 150_0000_01
    assert origin.part.figure.value == 1
    assert origin.batch is not None
    assert (origin.batch.file, origin.batch.imported_by) == ("甲镇(更正).xlsx", "clerk")
    [before] = origin.earlier
    assert before.row["operating_fen"] == 150_0000_00
    assert before.batch is not None and before.replaced_by is not None
    assert (before.batch.file, before.replaced_by.file) == ("甲镇.xlsx", "甲镇(更正).xlsx")
    confirmed = lineage(
        store, OFFICE, units.focus(store, OFFICE, TOWN, Period(2016, 3)), settings, "V06"
    )
    assert confirmed is not None and confirmed.row is not None
    assert [(o.part.row["indicator_code"], o.part.row["period"]) for o in confirmed.origins] == [
        ("V06A", "2016Q1"),
        ("V06B", "2016Q1"),
    ]
    assert [len(o.earlier) for o in confirmed.origins] == [1, 0]
    assert confirmed.target is not None and confirmed.target.part.row["source_row"] == 5
    # The second village has told nothing: it is not in the town's figure, and that is said.
    town = lineage(
        store, OFFICE, units.focus(store, OFFICE, TOWN, Period(2016, 3)), settings, "V01"
    )
    assert town is not None
    assert [piece.unit for piece in town.pieces] == [V1]
    assert town.left_out == (V2,)


def test_nothing_told_has_no_origin(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2020, 4))
    one = lineage(filled, OFFICE, focus, settings, "V03")
    assert one is not None
    assert not one.pieces and not one.origins and not one.span.batches
    assert lineage(filled, OFFICE, focus, settings, "X99") is None


def test_identified_on_the_last_day_is_counted(store: Store, settings: Settings) -> None:
    tables = small(1, 1)
    tables["household"] = [
        {"district_code": D, "number": number, "village_code": V1, "persons": 2, "labour": 1}
        | {"category": "一般", "cause": "因病", "identified_on": on, "source_row": row}
        for number, on, row in (
            ("H1", date(2016, 9, 30), 2),  # on the quarter's last day: counted
            ("H2", date(2016, 10, 1), 3),  # a day later: not
        )
    ]
    with store.writing() as connection:
        apply_rows(connection, settings, tables, FileInfo("甲镇.xlsx", "0" * 64), "clerk")
    one = lineage_of(store, settings, V1, "H06")
    assert [origin.part.row["number"] for origin in one.origins] == ["H1"]
    assert one.row is not None and one.row["value"] == 2


def lineage_of(store: Store, settings: Settings, unit: str, indicator: str) -> Lineage:
    focus = units.focus(store, OFFICE, unit, Period(2016, 3))
    one = lineage(store, OFFICE, focus, settings, indicator)
    assert one is not None
    return one
