"""Registers against what their pages count, and against plain loops over the rows."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import demo, schema, units
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.queries import funds, supervision
from dashboard.data.queries.ledgers import LEDGERS, LedgerLineage, rows_behind
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
LEADER = Viewer("leader", Role.LEADER, D)
QUARTER = Period(2016, 4)
TOWN, V1, V2 = f"{D}101", f"{D}101201", f"{D}101202"


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('ledgers')}/demo.db")
    demo.fill(store, settings, seed=2, villages=32, households=200)
    return store


def behind(
    store: Store, table: str, unit: str = D, viewer: Viewer = OFFICE, period: Period = QUARTER
) -> LedgerLineage:
    found = rows_behind(store, viewer, units.focus(store, viewer, unit, period), table)
    assert found is not None
    return found


def naive(store: Store, table: str) -> dict[str, int]:
    """Rows of the register that count at the quarter's end, by unit, in plain loops."""
    with store.reading() as connection:
        rows = [
            dict(row)
            for row in connection.execute(select(schema.metadata.tables[table])).mappings()
        ]
    day = date(2016, 12, 31)
    keeps = {
        "fund_flow": lambda r: r["year"] == 2016 and (r["happened_on"] or day) <= day,
        "project": lambda r: r["started_on"] is not None and r["started_on"] <= day,
        "pairing": lambda r: r["started_on"] <= day and (r["ended_on"] or day) >= day,
        "measure": lambda r: r["started_on"] <= day,
        "task": lambda r: "2016-01" <= r["due_month"] <= "2016-12",
        "inspection": lambda r: r["period"][:4] == "2016",
        "household": lambda r: r["identified_on"] <= day,
        "village_income": lambda r: r["period"] == "2016Q4",
        "village_income_check": lambda r: r["period"] == "2016Q4",
    }
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if keeps[table](row):
            found[row.get("unit_code") or row["village_code"]] += 1
    return found


@pytest.mark.parametrize("table", sorted(LEDGERS))
def test_rows_are_those_that_count(table: str, filled: Store) -> None:
    counted = naive(filled, table)
    one = behind(filled, table)
    assert one.whole.rows == sum(counted.values()) > 0
    own = counted.get(D, 0)
    assert len(one.origins) == min(own, 500)
    assert sum(share.rows or 0 for share in one.shares) + own == one.whole.rows
    # A step down: a town's villages, and at a village the very rows.
    share = max(one.shares, key=lambda each: each.rows or 0)
    town = behind(filled, table, share.unit)
    assert town.whole.rows == share.rows
    for below in town.shares[:3]:
        village = behind(filled, table, below.unit)
        assert len(village.origins) == below.rows == counted[below.unit]
        assert all(origin.batch is not None for origin in village.origins)


def test_sums_are_those_of_the_pages(filled: Store) -> None:
    focus = units.focus(filled, OFFICE, D, QUARTER)
    flows = funds.by_source(filled, OFFICE, focus)
    money = behind(filled, "fund_flow").whole
    assert money.rows == int(flows["flows"].sum())
    assert money.sums == {
        "安排": int(flows["arranged_fen"].sum()),
        "拨付": int(flows["allocated_fen"].sum()),
        "支出": int(flows["spent_fen"].sum()),
    }
    projects = funds.projects(filled, OFFICE, focus)
    built = behind(filled, "project").whole
    assert (built.rows, built.sums["总投资"]) == (
        len(projects),
        int(projects["invested_fen"].sum()),
    )
    kinds = supervision.by_kind(filled, OFFICE, focus)
    assert behind(filled, "task").whole.rows == int(kinds["due"].sum())
    seen = supervision.inspections(filled, OFFICE, focus)
    assert behind(filled, "inspection").whole.rows == len(seen)


def test_rows_about_households_are_not_for_everybody(filled: Store) -> None:
    for table in ("household", "pairing", "measure"):
        for unit in (D, f"{D}104", next(iter(naive(filled, table)))):
            theirs = behind(filled, table, unit, LEADER)
            assert theirs.is_withheld
            told = [origin.part.row for origin in theirs.origins]
            assert not [row for row in told if row.get("subject_type") != "village"]
            if table == "household":
                assert not told
                shares = (theirs.whole, *theirs.shares)
                assert {share.rows for share in shares} == {None}
                assert not any(share.sums for share in shares)
            else:
                mine = behind(filled, table, unit)
                assert (theirs.whole.rows or 0) < (mine.whole.rows or 0)


def rows() -> dict[str, list[dict[str, Any]]]:
    flow = {"district_code": D, "year": 2016, "source": "区级财政", "purpose": "产业扶持"}
    flow |= {"arranged_fen": 100, "allocated_fen": 60, "spent_fen": 10, "audit_state": ""}
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
        "fund_flow": [
            flow | {"number": "1", "unit_code": V1, "happened_on": date(2016, 12, 31)},  # last day
            flow | {"number": "2", "unit_code": V1, "happened_on": None},  # undated: counts
            flow | {"number": "3", "unit_code": TOWN, "happened_on": date(2016, 3, 1)},  # its own
            flow | {"number": "4", "unit_code": V2, "happened_on": date(2017, 1, 1)},  # a day late
        ],
    }


def test_days_and_places_on_both_databases(store: Store, settings: Settings) -> None:
    with store.writing() as connection:
        apply_rows(connection, settings, rows(), FileInfo("资金.xlsx", "0" * 64), "clerk")
    one = behind(store, "fund_flow")
    assert [(share.unit, share.rows) for share in one.shares] == [(TOWN, 3)]
    assert one.whole.sums == {"安排": 300, "拨付": 180, "支出": 30}
    town = behind(store, "fund_flow", TOWN)
    assert [(share.unit, share.rows) for share in town.shares] == [(V1, 2)]
    assert [origin.part.row["number"] for origin in town.origins] == ["3"]
    assert one.whole.span.newest is not None
    assert one.whole.span.newest.file == "资金.xlsx"
    assert rows_behind(store, OFFICE, units.focus(store, OFFICE, D, QUARTER), "account") is None
