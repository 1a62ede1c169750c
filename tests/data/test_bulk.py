"""Many rows at once: by COPY where there is one, and the same as one by one."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from dashboard.data import bulk
from dashboard.data.schema import fund_flow, import_batch, observation_revision, unit
from dashboard.data.store import Store

ROOT = "320412"
MANY = 700
AWKWARD = ["\t制表", "换\n行", "\\N", "反\\斜", "'引\"号", "", "𠮷", "%s", "\u3000空", "a|b"]


@pytest.fixture
def tree(store: Store) -> Store:
    row = {"district_code": ROOT, "code": ROOT, "level": "district", "name": "区", "batch_id": "b"}
    with store.writing() as connection:
        connection.execute(insert(unit).values(row))
    return store


def flow(number: int) -> dict[str, Any]:
    return {
        "district_code": ROOT,
        "number": f"F{number:04}",
        "year": 2016,
        "source": "区级财政",
        "purpose": AWKWARD[number % len(AWKWARD)],
        "unit_code": ROOT,
        "project_number": None if number % 3 else AWKWARD[number % len(AWKWARD)],
        "arranged_fen": number * 10**9,
        "allocated_fen": 0,
        "spent_fen": 0,
        "happened_on": None if number % 2 else date(2016, 9, 30),
        "audit_state": "",
        "batch_id": "b",
        "source_row": number,
    }


def revision(number: int) -> dict[str, Any]:
    return {
        "district_code": ROOT,
        "table_name": "village_income",
        "row_key": f"{number}|2016Q1",
        "revision": 1,
        "old_row": {"文字": AWKWARD[number % len(AWKWARD)], "数": number, "无": None},
        "batch_id": "b",
        "replaced_by": "c",
        "replaced_at": datetime(2016, 9, 30, 1, 2, 3, number, tzinfo=UTC),
    }


def columns(made: Mapping[str, Any], table: Any) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name in table.c}


@pytest.mark.parametrize(("table", "make"), [(fund_flow, flow), (observation_revision, revision)])
def test_they_are_the_same_as_one_by_one(table: Any, make: Any, tree: Store) -> None:
    rows = [columns(make(number), table) for number in range(MANY)]
    query = select(table).order_by(*table.primary_key.columns)
    with tree.writing() as connection:
        connection.execute(insert(table), rows)
        singly = connection.execute(query).all()
        connection.execute(delete(table))
        bulk.insert_rows(connection, table, rows)
        assert connection.execute(query).all() == singly
    assert len(singly) == MANY


def test_columns_left_out_take_their_default(tree: Store) -> None:
    fixed = {"district_code": ROOT, "file_name": "甲.xlsx", "file_sha256": "0", "sheets": {}}
    fixed |= {"imported_at": datetime(2016, 9, 30, tzinfo=UTC), "imported_by": "li"}
    with_default = [c.name for c in import_batch.c if c.server_default is not None]
    rows = [{**fixed, "id": f"b{n}"} for n in range(MANY)]
    rows = [{**row, "status": "applied"} if "status" not in with_default else row for row in rows]
    with tree.writing() as connection:
        bulk.insert_rows(connection, import_batch, rows)
        assert set(connection.scalars(select(import_batch.c.status))) == {"applied"}


def test_what_is_there_already_is_refused_as_an_insert_is(tree: Store) -> None:
    rows = [columns(flow(number), fund_flow) for number in range(MANY)]
    with pytest.raises(IntegrityError), tree.writing() as connection:
        bulk.insert_rows(connection, fund_flow, [*rows, rows[0]])
    with tree.reading() as connection:
        assert connection.execute(select(fund_flow)).all() == []
    with tree.writing() as connection:
        bulk.insert_rows(connection, fund_flow, rows)


def test_it_is_copy_on_postgresql_and_few_are_inserted(tree: Store) -> None:
    said: list[str] = []
    event.listen(
        tree.engine, "before_cursor_execute", lambda _c, _u, sql, _p, _x, _m: said.append(sql)
    )
    rows = [columns(flow(number), fund_flow) for number in range(MANY)]
    with tree.writing() as connection:
        said.clear()
        bulk.insert_rows(connection, fund_flow, rows[:3])
        assert any(sql.startswith("INSERT INTO fund_flow") for sql in said)
        said.clear()
        bulk.insert_rows(connection, fund_flow, rows[3:])
    inserted = any(sql.startswith("INSERT INTO fund_flow") for sql in said)
    assert inserted == tree.is_sqlite


def test_a_connection_that_is_cut_is_told_as_a_store_away(postgresql_url: str) -> None:
    from dashboard.data.store import connect  # noqa: PLC0415 (this database only)

    store = connect(postgresql_url)
    store.migrate()
    row = {"district_code": ROOT, "code": ROOT, "level": "district", "name": "区", "batch_id": "b"}
    with store.writing() as connection:
        connection.execute(insert(unit).values(row))
    rows = [columns(flow(number), fund_flow) for number in range(MANY)]
    with pytest.raises(OperationalError), store.writing() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
        with store.engine.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({number})"))
        bulk.insert_rows(connection, fund_flow, rows)
    with store.writing() as connection:
        bulk.insert_rows(connection, fund_flow, rows)
