"""What is kept of a store: good until the next write, for nobody who may not see it, bounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, insert

from dashboard.data import schema, units
from dashboard.data.queries import periods
from dashboard.data.store import Store, connect
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period

QUARTER = Period(2016, 3)
TREE = [
    # code, parent, level: a nation down to a village; the second district has a parent by another
    # code than its digits say, as counties directly under a province have.
    ("100000", None, "nation"),
    ("320000", "100000", "province"),
    ("320400", "320000", "city"),
    ("320412", "320400", "district"),
    ("320412104", "320412", "town"),
    ("320412105", "320412", "town"),
    ("320412104201", "320412104", "village"),
    ("329001", "320000", "district"),
]
LEADER = Viewer("leader", Role.LEADER, "100000")
TOWN = Viewer("town", Role.TOWN, "320412104")


def add(store: Store, code: str, parent: str | None, level: str) -> None:
    with store.writing() as connection:
        connection.execute(
            insert(schema.unit).values(
                district_code=code[:6],
                code=code,
                parent_code=parent,
                level=level,
                name=f"单位{code}",
                batch_id="b",
            )
        )


@pytest.fixture
def tree(store: Store) -> Store:
    for row in TREE:
        add(store, *row)
    return store


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(("SELECT", "WITH")):
            asked.append(sql)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("code", [row[0] for row in TREE])
def test_the_lineage_goes_by_the_parents_that_units_name(tree: Store, code: str) -> None:
    parents = {code: parent for code, parent, _ in TREE}
    expected, at = [code], parents[code]
    while at is not None:
        expected.insert(0, at)
        at = parents[at]
    with tree.reading() as connection:
        found = units.lineage_of(connection, code)
    assert [unit.code for unit in found] == expected
    assert list(units.lineage_kept(tree, code)) == found


def test_nobody_is_their_own_ancestor(store: Store) -> None:
    """Two units under each other, which only a damaged store holds: the walk ends all the same."""
    add(store, "320400", "320412", "city")
    add(store, "320412", "320400", "district")
    with store.reading() as connection:
        assert len(units.lineage_of(connection, "320412")) == 2
    assert len(units.lineage_kept(store, "320412")) == 2


def test_a_second_look_asks_for_the_version_alone(tree: Store) -> None:
    again = connect(str(tree.url.render_as_string(hide_password=False)))
    focus = units.focus(tree, LEADER, "320412104", QUARTER)
    units.around(tree, LEADER, focus)
    with counted(again) as asked:
        units.around(again, LEADER, units.focus(again, LEADER, "320412104", QUARTER))
    assert asked and all("store_info" in sql for sql in asked)
    again.see(tree.version, is_demo=False)
    with counted(again) as asked:
        units.around(again, LEADER, units.focus(again, LEADER, "320412104", QUARTER))
    assert not asked


def test_what_was_written_is_seen_at_once(tree: Store) -> None:
    """Through the same object, that had seen a version, and through another."""
    other = connect(str(tree.url.render_as_string(hide_password=False)))
    tree.see(tree.version, is_demo=False)
    focus = units.focus(tree, LEADER, "320412", QUARTER)
    assert len(units.children(tree, LEADER, focus)) == 2
    add(tree, "320412106", "320412", "town")
    assert len(units.children(tree, LEADER, focus)) == 3
    assert len(units.children(other, LEADER, focus)) == 3


def test_what_is_kept_for_one_is_not_handed_to_another(tree: Store) -> None:
    whole = units.focus(tree, LEADER, "320412", QUARTER)
    other = units.focus(tree, LEADER, "320412105", QUARTER)
    units.around(tree, LEADER, whole)
    periods.available(tree, LEADER, other.unit)
    for code in ("320412", "320412105", "329001"):
        with pytest.raises(NotAllowed):
            units.focus(tree, TOWN, code, QUARTER)
    assert units.around(tree, TOWN, whole) == ([], [])
    assert units.around(tree, None, whole) == ([], [])
    below, beside = units.around(tree, TOWN, units.focus(tree, TOWN, "320412104", QUARTER))
    assert [unit.code for unit in below] == ["320412104201"]
    assert beside == []
    assert periods.available(tree, TOWN, other.unit) == []


def test_what_is_kept_is_bounded(tree: Store) -> None:
    for keeping in (units._district, units._children_elsewhere, units._lineage, periods._reported):
        for number in range(20):
            keeping(tree, ("320412", str(number)) if keeping is periods._reported else str(number))
        info = keeping.answers.cache_info()  # type: ignore[attr-defined]
        assert 0 < info.currsize <= info.maxsize <= 4096
