"""The store itself, on both databases: schema, transactions, one writer, consistent readers."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, UniqueConstraint, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from dashboard.data import schema
from dashboard.data.schema import metadata
from dashboard.data.store import Store, get_info, set_info

UNIT = {
    "district_code": "320412",
    "code": "320412",
    "level": "district",
    "name": "测试区",
    "batch_id": "b",
}


def test_the_migrations_make_the_schema_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(schema.unit).values(UNIT))
    store.migrate()
    with store.reading() as connection:
        assert connection.scalar(select(schema.unit.c.name)) == "测试区"


def test_a_store_without_schema_is_not_ready(store: Store) -> None:
    assert store.is_ready()
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE store_info"))
    assert not store.is_ready()


def test_sqlite_keeps_readers_undisturbed_and_keys_honest(sqlite_store: Store) -> None:
    with sqlite_store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_figure_of_no_unit_is_refused(store: Store) -> None:
    income = dict.fromkeys((f"{source}_fen" for source in schema.INCOME_SOURCES), 0)
    row = {"district_code": "320412", "village_code": "320412999201", "period": "2016Q3"}
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(schema.village_income).values(batch_id="b", **row, **income))


def test_a_failed_write_leaves_nothing_and_no_new_version(store: Store) -> None:
    before = store.version
    with pytest.raises(RuntimeError), store.writing() as connection:
        connection.execute(insert(schema.unit).values(UNIT))
        raise RuntimeError
    assert store.version == before
    with store.reading() as connection:
        assert connection.execute(select(schema.unit)).all() == []


def test_every_write_raises_the_version(store: Store) -> None:
    versions = [store.version]
    for _ in range(3):
        with store.writing():
            pass
        versions.append(store.version)
    assert versions == sorted(set(versions)), "faster than the clock's tick, too"


def test_a_store_put_back_never_has_an_old_version_again(sqlite_store: Store) -> None:
    """Else what is kept for that version would be taken for what the store holds now."""
    with sqlite_store.writing():
        pass
    late = sqlite_store.version
    with sqlite_store.writing(changes_figures=False) as connection:
        set_info(connection, "version", "1")  # as in a backup of long ago
    with sqlite_store.writing():
        pass
    assert sqlite_store.version >= late


def test_a_reader_sees_one_state_to_the_end(store: Store) -> None:
    with store.reading() as reader:
        before = reader.execute(select(schema.unit)).all()
        with store.writing() as writer:
            writer.execute(insert(schema.unit).values(UNIT))
        assert reader.execute(select(schema.unit)).all() == before
    with store.reading() as reader:
        assert len(reader.execute(select(schema.unit)).all()) == 1


def test_writers_queue_and_no_update_is_lost(store: Store) -> None:
    def count_up() -> None:
        for _ in range(10):
            with store.writing() as connection:
                now = int(get_info(connection, "counter") or 0)
                set_info(connection, "counter", str(now + 1))

    with store.writing() as connection:
        set_info(connection, "counter", "0")
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.info("counter") == "40"


def placed(kind: str) -> list[Table]:
    return [table for table in metadata.sorted_tables if table.info["placement"] == kind]


DISTRIBUTED = placed("distributed")


@pytest.mark.parametrize("table", DISTRIBUTED, ids=str)
def test_one_district_is_one_shard(table: Table) -> None:
    """What a distributed PostgreSQL asks: the district in every key, and no key of another kind."""
    keys = list(table.primary_key.columns)
    assert keys[0].name == "district_code"
    references = {reference.name for reference in placed("reference")}
    for key in table.foreign_key_constraints:
        names = [column.name for column in key.columns]
        assert "district_code" in names or key.referred_table.name in references, key
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    unique_indexes = [index for index in table.indexes if index.unique]
    for one in (*unique, *unique_indexes):
        assert "district_code" in [column.name for column in one.columns], one
    assert not any(column.identity for column in table.columns)
    assert not any(column.autoincrement is True for column in table.columns)


def test_every_table_has_its_place() -> None:
    kinds = {table.info.get("placement") for table in metadata.sorted_tables}
    assert kinds == {"distributed", "reference", "local"}


def test_no_sequence_and_no_trigger_on_a_distributed_table(store: Store) -> None:
    names = {table.name for table in DISTRIBUTED}
    if not store.is_sqlite:
        assert inspect(store.engine).get_sequence_names() == []
    question = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if store.is_sqlite
        else "SELECT event_object_table FROM information_schema.triggers"
    )
    with store.reading() as connection:
        assert names.isdisjoint(connection.execute(text(question)).scalars())
