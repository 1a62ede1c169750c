"""What an import costs follows the batch, not the store."""

from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

from dashboard.data import demo, schema
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.store import Store, connect
from dashboard.settings import Settings

_UNITS, _QUARTERS, _OUT_AND_IN = 3, 8, 2
"""The village, its town and its district; this year and the next; rows taken out and put in."""


def _one_village(store: Store) -> dict[str, Any]:
    """The newest income of the first village, with a fen more."""
    table = schema.village_income
    with store.reading() as connection:
        newest = connection.scalar(select(func.max(table.c.period)))
        found = connection.execute(
            select(table).where(table.c.period == newest).order_by(table.c.village_code)
        ).mappings()
        row = dict(next(iter(found)))
    row["other_fen"] += 1
    return {name: value for name, value in row.items() if name != "batch_id"}


def work(store: Store, settings: Settings) -> tuple[int, int]:
    """Statements of importing one village's income, and rows of summary taken out and put in."""
    statements, written = 0, 0

    def note(_c: Any, cursor: Any, sql: str, _p: Any, _x: Any, _many: bool) -> None:
        nonlocal statements, written
        statements += 1
        if sql.startswith(("INSERT INTO summary", "DELETE FROM summary")):
            written += max(cursor.rowcount, 0)

    row = _one_village(store)
    event.listen(store.engine, "after_cursor_execute", note)
    with store.writing() as connection:
        info = FileInfo("一村.xlsx", "0" * 64)
        apply_rows(connection, settings, {"village_income": [row]}, info, "测试")
    event.remove(store.engine, "after_cursor_execute", note)
    return statements, written


def test_a_store_four_times_as_large_costs_no_more(tmp_path: Path, settings: Settings) -> None:
    found = []
    for villages, households in ((16, 32), (64, 128)):
        store = connect(f"sqlite:///{tmp_path}/{villages}.db")
        demo.fill(store, settings, seed=1, villages=villages, households=households)
        found.append(work(store, settings))
    small, large = found
    assert small == large
    most = _UNITS * _QUARTERS * _OUT_AND_IN * len(settings.catalogue.indicators)
    assert 0 < small[1] <= most
