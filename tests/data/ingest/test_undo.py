"""A batch taken back leaves the store as it was before it, on both databases."""

from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import rollup, schema, submissions
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.ingest.undo import UndoRefused, undo
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.settings import Settings
from tests.data.test_rollup_oracle import D, Tables, draw

OFFICE = Viewer("office", Role.OFFICE, D)
KEPT = [*schema.FACTS, schema.summary, schema.submission, schema.returned]


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in KEPT
        }


def write(store: Store, settings: Settings, tables: Tables, name: str = "a.xlsx") -> str:
    with store.writing() as connection:
        applied = apply_rows(connection, settings, tables, FileInfo(name, "0" * 64), "测试")
    assert applied.batch_id is not None
    return applied.batch_id


def batches(settings: Settings, seed: int) -> list[Tables]:
    """Units, half of everything, then all of it with other figures."""
    first, second = draw(seed, settings), draw(seed + 1, settings)
    half = {name: rows[::2] for name, rows in first.items() if name not in ("unit", "household")}
    half["household"] = first["household"]
    other = {name: rows for name, rows in second.items() if name != "unit"}
    return [{"unit": first["unit"]}, half, other]


@pytest.mark.parametrize("seed", [1, 2])
def test_each_batch_is_taken_back_to_the_store_before_it(
    store: Store, settings: Settings, seed: int
) -> None:
    states, names = [dump(store)], []
    for tables in batches(settings, seed):
        names.append(write(store, settings, tables))
        states.append(dump(store))
    assert states[0] != states[1] != states[2] != states[3]
    for name, before in zip(reversed(names), reversed(states[:-1]), strict=True):
        assert undo(store, settings, OFFICE, name) > 0
        assert dump(store) == before
        assert rollup.verify(store, settings) == 0
    with store.reading() as connection:
        known = connection.execute(select(schema.import_batch.c.status)).scalars().all()
        events = connection.scalars(
            select(schema.audit_event.c.id).where(schema.audit_event.c.action == "undo")
        ).all()
    assert known == ["undone"] * 3, "taken back, not forgotten"
    assert len(events) == 3


def test_what_was_taken_back_can_be_imported_again(store: Store, settings: Settings) -> None:
    every = batches(settings, 3)
    for tables in every[:2]:
        write(store, settings, tables)
    last = write(store, settings, every[2])
    full = {name: rows for name, rows in dump(store).items() if name == "summary"}
    undo(store, settings, OFFICE, last)
    again = write(store, settings, every[2])
    assert {"summary": dump(store)["summary"]} == full
    undo(store, settings, OFFICE, again)
    with pytest.raises(UndoRefused, match="已经撤销"):
        undo(store, settings, OFFICE, again)


def test_only_the_newest_for_its_cells_is_taken_back(store: Store, settings: Settings) -> None:
    ids = [write(store, settings, tables) for tables in batches(settings, 4)]
    before = dump(store)
    with pytest.raises(UndoRefused, match="又被别的文件更改"):
        undo(store, settings, OFFICE, ids[1])
    with pytest.raises(UndoRefused, match="还有其他数据"):
        undo(store, settings, OFFICE, ids[0])
    with pytest.raises(UndoRefused, match="没有这一批"):
        undo(store, settings, OFFICE, "x")
    for viewer in (None, Viewer("t", Role.TOWN, f"{D}101"), Viewer("l", Role.LEADER, D)):
        with pytest.raises(NotAllowed):
            undo(store, settings, viewer, ids[2])
    assert dump(store) == before


def test_a_report_taken_back_was_not_sent(store: Store, settings: Settings) -> None:
    first = draw(5, settings)
    write(store, settings, {"unit": first["unit"]})
    incomes = [row for row in first["village_income"] if row["period"] == "2016Q1"]
    one = write(store, settings, {"village_income": incomes})
    town = incomes[0]["village_code"][:9]
    with store.writing() as connection:
        sent = connection.execute(select(schema.submission)).mappings().all()
        assert {row["first_batch"] for row in sent} == {one}
        at = sent[0]["first_at"]
        args = (town, rollup.Period.parse("2016Q1"), "village_income", "请核对", "office", at)
        submissions.record_return(connection, *args)
    more = [{**row, "other_fen": row["other_fen"] + 100} for row in incomes]
    two = write(store, settings, {"village_income": more})
    undo(store, settings, OFFICE, two)
    after = dump(store)
    [answer] = after["returned"]
    assert answer[-2:] == (None, None), "open again"
    undo(store, settings, OFFICE, one)
    assert dump(store)["submission"] == []
