"""Tables that are kept for a scope, frames or rows: the same as asked anew, for that scope alone,
safe from what a caller does to them, until the next write. Asked of every query that keeps its
tables so; and of every query whether it asks the store again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event

from dashboard.data import demo, scoped
from dashboard.data.queries import progress
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.settings import Settings

from .test_deny_by_default import ASKED, FUNCTIONS, arguments, ask, given

D, TOWN = "320412", "320412104"
OFFICE = Viewer("office", Role.OFFICE, D)
COLLEAGUE = Viewer("colleague", Role.OFFICE, D)
EVERYBODY = [
    OFFICE,
    COLLEAGUE,
    Viewer("leader", Role.LEADER, D),
    Viewer("department", Role.DEPARTMENT, D, "区民政局"),
    Viewer("other", Role.DEPARTMENT, D, "区财政局"),
    Viewer("town", Role.TOWN, TOWN),
    Viewer("elsewhere", Role.OFFICE, "320413"),
    None,
]
KEEPING = [name for name in ASKED if hasattr(FUNCTIONS[name], "asks_anew")]


@pytest.fixture(scope="module")
def demo_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('frames')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    return store


@pytest.fixture
def look(demo_store: Store, settings: Settings) -> Iterator[dict[str, Any]]:
    """The arguments, over a store that has seen what is present, as a page's run has."""
    everything = given(demo_store, settings)
    store = demo_store.for_a_look()
    store.see(demo_store.version, True)
    scoped._table.cache_clear()
    yield everything | {"store": store}
    scoped._table.cache_clear()


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, sql: str, *_: Any) -> None:
        asked.append(sql)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


def anew(name: str, viewer: Viewer | None, look: dict[str, Any]) -> Any:
    asked = arguments(name, look)
    rest = [value for key, value in asked.items() if key != "store"]
    return FUNCTIONS[name].asks_anew(look["store"], viewer, *rest)


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    else:
        assert [dict(row) for row in found] == [dict(row) for row in expected]


ASKS_AGAIN = {
    "queries.authenticity.coverage",
    "queries.authenticity.origins",
    "queries.changes.since",
    "queries.decomposition.months",
    "queries.decomposition.plan",
    "queries.decomposition.targets",
    "queries.desk.actions",
    "queries.desk.batches",
    "queries.desk.calendar",
    "queries.desk.trail",
    "queries.ledgers.rows_behind",
    "queries.lineage.lineage",
    "queries.lineage.sources",
    "queries.progress.rows_around",
    "queries.side_by_side.incomes",
    "queries.subtree.read",
}
"""The desk, what is asked of one figure, what goes into a file or a draft that is kept as a whole,
and what a page shows of one indicator or place."""


@pytest.mark.parametrize("name", [name for name in ASKED if name.startswith("queries.")])
def test_whoever_of_a_scope_looks_later_asks_nothing(name: str, look: dict[str, Any]) -> None:
    ask(name, OFFICE, arguments(name, look))
    with counted(look["store"]) as statements:
        ask(name, COLLEAGUE, arguments(name, look))
    assert bool(statements) == (name in ASKS_AGAIN)


@pytest.mark.parametrize("name", KEEPING)
def test_everybody_is_told_what_they_would_be_told_alone(name: str, look: dict[str, Any]) -> None:
    alone = [anew(name, viewer, look) for viewer in EVERYBODY]
    for _ in range(2):
        for viewer, expected in zip(EVERYBODY, alone, strict=True):
            assert_same(ask(name, viewer, arguments(name, look)), expected)
    asked = arguments(name, look)
    with counted(look["store"]) as statements:
        ask(name, COLLEAGUE, asked)
    assert not statements, "the same scope is told the same"


ROWS = ["queries.progress.of_children"]


@pytest.mark.parametrize("name", ROWS)
def test_no_caller_changes_a_row(name: str, look: dict[str, Any]) -> None:
    mine = ask(name, OFFICE, arguments(name, look))
    assert len(mine)
    with pytest.raises(TypeError):
        mine[0]["unit"] = ""
    with pytest.raises(AttributeError):
        mine.clear()


@pytest.mark.parametrize("name", [name for name in KEEPING if name not in ROWS])
def test_what_a_caller_does_to_its_frame_is_its_own(name: str, look: dict[str, Any]) -> None:
    asked = arguments(name, look)
    expected = anew(name, OFFICE, look)
    mine = ask(name, OFFICE, asked)
    mine["added"] = 1
    for column in list(mine.columns):
        mine[column] = None
    if len(mine):
        mine.loc[mine.index[0], "added"] = 2
    mine.rename(columns=str.upper, inplace=True)
    pd.testing.assert_frame_equal(ask(name, OFFICE, asked), expected)


def test_after_a_write_it_is_asked_anew(look: dict[str, Any]) -> None:
    store, focus = look["store"], look["focus"]
    progress.of_children(store, OFFICE, focus)
    with counted(store) as statements:
        progress.of_children(store, OFFICE, focus)
    assert not statements
    with store.writing():
        pass
    with counted(store) as statements:
        progress.of_children(store, OFFICE, focus)  # the writer itself has seen nothing yet
    assert statements
    store.see(store.version, True)
    with counted(store) as statements:
        progress.of_children(store, OFFICE, focus)
    assert statements


def test_what_is_kept_is_bounded(look: dict[str, Any]) -> None:
    most = scoped._table.cache_info().maxsize
    assert most is not None
    for number in range(most + 5):
        nobody = Viewer("x", Role.PUBLIC, D, str(number))
        progress.of_children(look["store"], nobody, look["focus"])
    assert scoped._table.cache_info().currsize == most
