"""What pages ask of the store: how many statements, of one district, by index on both databases."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event, text
from streamlit.util import calc_hash

from dashboard.app import _PAGES
from dashboard.data import demo, schema
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings
from tests.kept import forget

from .conftest import ROOT, OpenPage

TOWN = "320412104"
PATHS = [path for path, _, _, _ in _PAGES]
DISTRIBUTED = {
    name
    for name, table in schema.metadata.tables.items()
    if table.info["placement"] == "distributed"
}
GROWING = {"summary", "observation", "village_income"}
"""Tables that have rows of every unit in every quarter."""
FEW, FIRST = 6, "first"
_TABLE = re.compile(r'(?:FROM|JOIN|,)\s+"?(\w+)"?(?:\s+AS\s+"?(\w+)"?)?', re.IGNORECASE)


class Asked(NamedTuple):
    path: str
    unit: str
    sql: str
    parameters: Any


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    if request.param == "sqlite":
        store = connect(f"sqlite:///{tmp_path_factory.mktemp('asked')}/demo.db")
    else:
        store = connect(request.getfixturevalue("postgresql"))
    demo.fill(store, settings, seed=1, villages=32, households=64)
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    yield store
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        store.engine.dispose()


_seen: dict[str, list[Asked]] = {}


@pytest.fixture
def asked(filled: Store, open_page: OpenPage) -> list[Asked]:
    """Every statement of every page at a district and at a town, when the focus is changed to it.

    What is the same at every focus (the tree of units, the quarters there are, what the checks ask
    of a district, its registers of money and of what was sent in) is known by then: it is read at
    the first pages of all, told by themselves.
    """
    kind = filled.engine.dialect.name
    if kind in _seen:
        return _seen[kind]
    found: list[Asked] = []
    here = (FIRST, "")

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, _x: Any, _many: bool) -> None:
        if sql.startswith(("SELECT", "WITH")):
            found.append(Asked(*here, sql, parameters))

    event.listen(filled.engine, "before_cursor_execute", note)
    app = open_page(filled, "", Role.OFFICE, unit=ROOT, period="2017Q2")
    app._page_hash = calc_hash("bulletin")
    app.query_params["period"] = "2016Q3"
    app.run()
    assert not app.exception
    app.query_params["period"] = "2017Q2"
    for path in PATHS:
        for unit in (ROOT, TOWN):
            here = (path, unit)
            forget()  # else a page that was looked at before would pay for this
            app._page_hash = calc_hash(path or "overview")
            app.query_params["unit"] = unit
            app.run()
            assert not app.exception, path
    event.remove(filled.engine, "before_cursor_execute", note)
    return _seen.setdefault(kind, found)


def test_a_page_asks_few_questions(asked: list[Asked]) -> None:
    for path in PATHS:
        for unit in (ROOT, TOWN):
            mine = [one.sql for one in asked if (one.path, one.unit) == (path, unit)]
            assert 1 <= len(mine) <= FEW, (path, unit, len(mine), mine)


def test_the_first_pages_of_all_read_what_the_others_need(asked: list[Asked]) -> None:
    """Whose plans are looked at below as well."""
    told = {name for one in asked if one.path == FIRST for name, _ in tables_of(one.sql)}
    assert told >= {
        "village_income",
        "household_income",
        "lifecycle_event",
        "observation_revision",
        "submission",
        "returned",
        "fund_flow",
        "project",
    }


def tables_of(sql: str) -> list[tuple[str, str]]:
    """(table, the name it goes by) of the distributed tables in a statement."""
    return [(name, alias or name) for name, alias in _TABLE.findall(sql) if name in DISTRIBUTED]


def test_the_tables_of_a_statement_are_found() -> None:
    sql = 'SELECT 1 FROM unit JOIN summary AS now ON 1=1, "task" WHERE x IN (SELECT 2 FROM measure)'
    assert tables_of(sql) == [
        ("unit", "unit"),
        ("summary", "now"),
        ("task", "task"),
        ("measure", "measure"),
    ]


def misses(one: Asked) -> list[str]:
    """The tables that a statement reads in all districts."""
    tables = tables_of(one.sql)
    without = [
        name
        for name, alias in tables
        if not re.search(
            rf'\b"?{alias}"?\.district_code (=|IN)|= "?{alias}"?\.district_code', one.sql
        )
    ]
    if tables and not re.search(r"district_code (=|IN) \(?(\?|%\()", one.sql):
        without.append("no district named")
    return without


def test_every_statement_names_the_district_of_every_table(asked: list[Asked]) -> None:
    found = {(one.path, one.unit, one.sql): misses(one) for one in asked}
    assert not {key: tables for key, tables in found.items() if tables}
    assert not [one for one in asked if one.sql.startswith("WITH RECURSIVE")]


def scans(store: Store, one: Asked) -> list[str]:
    """The places of a plan that read a whole table."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.sql}", one.parameters)
            names = {alias for _, alias in tables_of(one.sql)}
            plan = [str(row[3]) for row in rows]
            return [line for line in plan if line.startswith("SCAN") and line.split()[1] in names]
        # A small table is read whole because that is cheapest; the question is whether it must be.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        told = connection.exec_driver_sql(
            f"EXPLAIN (FORMAT JSON) {one.sql}", one.parameters
        ).scalar()
    plan = told if isinstance(told, list) else json.loads(str(told))
    return list(_without_range(plan[0]["Plan"]))


def _without_range(node: dict[str, Any]) -> Iterator[str]:
    is_index = node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in DISTRIBUTED:
        yield f"Seq Scan {node['Relation Name']}"
    if is_index and "Index Cond" not in node:
        yield f"{node['Node Type']} of all of {node['Index Name']}"
    for below in node.get("Plans", []):
        yield from _without_range(below)


def test_no_statement_reads_a_whole_table(filled: Store, asked: list[Asked]) -> None:
    found = {
        (one.path, one.sql, line)
        for one in asked
        for line in (scans(filled, one) if tables_of(one.sql) else [])
    }
    assert not found


def reads_all_quarters(store: Store, one: Asked) -> list[str]:
    """Where a statement that asks for some quarters of what grows with them reads a district's all.

    Of SQLite's plans, which do not depend on how much is in the store.
    """
    names = {alias for name, alias in tables_of(one.sql) if name in GROWING}
    asked = [name for name in names if re.search(rf'"?{name}"?\.period (=|BETWEEN|IN)', one.sql)]
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.sql}", one.parameters)
        plan = [str(row[3]) for row in rows]
    return [
        line
        for line in plan
        if line.split()[:1] == ["SEARCH"]
        and line.split()[1] in asked
        and line.removesuffix(" LEFT-JOIN").endswith("(district_code=?)")
    ]


@pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
def test_what_is_asked_of_a_quarter_costs_no_more_with_every_quarter(
    filled: Store, asked: list[Asked]
) -> None:
    found = {(one.path, line, one.sql) for one in asked for line in reads_all_quarters(filled, one)}
    assert not found


def test_what_reads_a_whole_table_is_seen(filled: Store) -> None:
    """The check itself: without it, a plan in another wording would pass for good."""
    sql = "SELECT household.number FROM household WHERE household.persons > 1"
    assert scans(filled, Asked("", "", sql, () if filled.is_sqlite else None))
