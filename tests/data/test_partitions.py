"""What can be run without an extension: PostgreSQL's own partitions by district.

The tables are the schema's own, with their own keys.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Select, create_engine, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from dashboard.data import schema

HERE, THERE = "320412", "320413"
TABLES = (schema.unit, schema.summary)


def engine_of(uri: str) -> Engine:
    return create_engine(uri.replace("postgresql://", "postgresql+psycopg://", 1))


def columns_of(name: str) -> str:
    table = schema.metadata.tables[name]
    types = (f'"{c.name}" {c.type.compile(postgresql.dialect())}' for c in table.columns)  # type: ignore[no-untyped-call]
    return ", ".join(types)


def make_parent(connection: Connection, name: str) -> None:
    """The table, split by district."""
    connection.execute(
        text(f"CREATE TABLE {name} ({columns_of(name)}) PARTITION BY LIST (district_code)")
    )


def make_keys(connection: Connection, name: str, part: str) -> None:
    table = schema.metadata.tables[name]
    keys = ", ".join(column.name for column in table.primary_key.columns)
    connection.execute(text(f"ALTER TABLE {part} ADD PRIMARY KEY ({keys})"))


def fill(connection: Connection, district: str) -> None:
    units = [
        {
            "district_code": district,
            "code": f"{district}{n}",
            "parent_code": district,
            "level": "town",
            "name": f"镇{n}",
            "batch_id": "b",
        }
        for n in range(101, 121)
    ]
    connection.execute(insert(schema.unit), units)
    rows = [
        {
            "district_code": district,
            "unit_code": unit["code"],
            "indicator_code": "V01",
            "period": "2016Q3",
            "parent_code": district,
            "level": "town",
            "value": at,
            "light": "green",
            "reported": 1,
            "expected": 1,
            "source": "reported",
        }
        for at, unit in enumerate(units)
    ]
    connection.execute(insert(schema.summary), rows)


def question(district: str) -> Select[Any]:
    """As pages ask: the towns of a district with their figures."""
    unit, summary = schema.unit, schema.summary
    return (
        select(unit.c.code, summary.c.value)
        .join(
            summary,
            (summary.c.district_code == unit.c.district_code)
            & (summary.c.unit_code == unit.c.code),
        )
        .where(unit.c.district_code == district, summary.c.period == "2016Q3")
        .order_by(unit.c.code)
    )


def plan_of(connection: Connection, district: str) -> str:
    sql = question(district).compile(connection.engine, compile_kwargs={"literal_binds": True})
    return "\n".join(connection.execute(text(f"EXPLAIN {sql}")).scalars())


@pytest.fixture
def split(postgresql_url: str) -> Iterator[Engine]:
    """Two tables split by district, each district a part of its own."""
    engine = engine_of(postgresql_url)
    with engine.begin() as connection:
        for name in (table.name for table in TABLES):
            make_parent(connection, name)
            make_keys(connection, name, name)
            for district in (HERE, THERE):
                part = f"CREATE TABLE {name}_{district} PARTITION OF {name} "
                connection.execute(text(f"{part} FOR VALUES IN ('{district}')"))
        for district in (HERE, THERE):
            fill(connection, district)
    yield engine
    engine.dispose()


def test_a_district_is_read_where_it_lies(split: Engine) -> None:
    with split.connect() as connection:
        for district, elsewhere in ((HERE, THERE), (THERE, HERE)):
            rows = connection.execute(question(district)).all()
            expected = [(f"{district}{n}", n - 101) for n in range(101, 121)]
            assert [tuple(row) for row in rows] == expected
            plan = plan_of(connection, district)
            assert f"_{district}" in plan
            assert f"_{elsewhere}" not in plan, "the other district's part is not asked"


def test_both_are_read_for_the_unit_above(split: Engine) -> None:
    statement = select(schema.summary.c.unit_code).where(
        schema.summary.c.parent_code.in_([HERE, THERE]), schema.summary.c.period == "2016Q3"
    )
    with split.connect() as connection:
        assert len(connection.execute(statement).all()) == 40


def test_a_row_is_written_over_by_its_whole_key(split: Engine) -> None:
    unit = schema.unit
    row = {
        "district_code": HERE,
        "code": f"{HERE}101",
        "level": "town",
        "name": "新名",
        "batch_id": "c",
    }
    statement = postgresql.insert(unit).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=[unit.c.district_code, unit.c.code], set_={"name": statement.excluded.name}
    )
    with split.begin() as connection:
        connection.execute(statement)
        found = select(unit.c.name).where(unit.c.district_code == HERE, unit.c.code == row["code"])
        assert connection.execute(found).scalars().all() == ["新名"]


def test_every_table_could_be_split_by_district(postgresql_url: str) -> None:
    """With its primary key and all its indexes: PostgreSQL refuses a key without the district."""
    engine = engine_of(postgresql_url)
    with engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            if table.info["placement"] != "distributed":
                continue
            make_parent(connection, table.name)
            make_keys(connection, table.name, table.name)
            for index in table.indexes:
                connection.execute(CreateIndex(index))
            connection.execute(
                text(f"CREATE TABLE part_{table.name} PARTITION OF {table.name} DEFAULT")
            )
    engine.dispose()
