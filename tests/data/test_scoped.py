"""What is kept for a scope: shared by those who see the same, by nobody else, until the next write,
bounded. Asked of every query that keeps its answers so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from dashboard.briefing import facts
from dashboard.data import demo, units
from dashboard.data.queries import households, standing
from dashboard.data.store import Store, connect
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D, TOWN, OTHER = "320412", "320412104", "320412105"
OFFICE = Viewer("office", Role.OFFICE, D)
COLLEAGUE = Viewer("colleague", Role.OFFICE, D)  # another name, the same scope
LEADER = Viewer("leader", Role.LEADER, D)  # the same unit, but no rows of households
DEPARTMENT = Viewer("department", Role.DEPARTMENT, D, "区民政局")
OWN = Viewer("town", Role.TOWN, TOWN)
NEIGHBOUR = Viewer("neighbour", Role.TOWN, OTHER)  # sees nothing of TOWN
ELSEWHERE = Viewer("elsewhere", Role.OFFICE, "320413")  # another district
PUBLIC = Viewer("public", Role.PUBLIC, D)
EVERYBODY = [OFFICE, COLLEAGUE, LEADER, DEPARTMENT, OWN, NEIGHBOUR, ELSEWHERE, PUBLIC, None]
SINCE = Period(2016, 1)

Ask = Callable[[Store, Viewer | None, units.Focus, Settings], Any]


def _look(store: Store, viewer: Viewer | None, focus: units.Focus, settings: Settings) -> Any:
    return households.look(store, viewer, focus, settings)


def _standing(store: Store, viewer: Viewer | None, focus: units.Focus, settings: Settings) -> Any:
    return standing.of_children(store, viewer, focus, settings, SINCE)


def _gather(store: Store, viewer: Viewer | None, focus: units.Focus, settings: Settings) -> Any:
    try:
        return facts.gather(store, viewer, focus, settings)
    except NotAllowed as error:
        return str(error)


KEEPING: list[tuple[Ask, Any]] = [
    (_look, households.look),
    (_standing, standing.of_children),
    (_gather, facts._gathered),
]


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('scoped')}/demo.db")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    store.see(store.version, is_demo=True)
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


@pytest.mark.parametrize(("ask", "keeping"), KEEPING)
@pytest.mark.parametrize("unit", [D, TOWN])
def test_everybody_is_told_what_they_would_be_told_alone(
    filled: Store, settings: Settings, ask: Ask, keeping: Any, unit: str
) -> None:
    """Whoever looked before, in whatever order: the same as on a cold cache."""
    focus = units.focus(filled, OFFICE, unit, Period(2016, 4))
    alone = []
    for viewer in EVERYBODY:
        keeping.answers.cache_clear()
        alone.append(repr(ask(filled, viewer, focus, settings)))
    assert len(set(alone)) > 1, "scopes that differ, else nothing is shown"
    keeping.answers.cache_clear()
    for _ in range(2):
        for viewer, expected in zip(reversed(EVERYBODY), reversed(alone), strict=True):
            assert repr(ask(filled, viewer, focus, settings)) == expected, viewer


@pytest.mark.parametrize(("ask", "keeping"), KEEPING)
def test_one_scope_shares_an_answer(
    filled: Store, settings: Settings, ask: Ask, keeping: Any
) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2016, 4))
    keeping.answers.cache_clear()
    first = ask(filled, OFFICE, focus, settings)
    assert keeping.answers.cache_info().misses == 1
    assert ask(filled, COLLEAGUE, focus, settings) is first
    assert keeping.answers.cache_info().misses == 1
    assert ask(filled, DEPARTMENT, focus, settings) is not first
    assert keeping.answers.cache_info().misses == 2, "another role asks for itself"
    with counted(filled) as asked:
        ask(filled, OFFICE, focus, settings)
    assert not asked


@pytest.mark.parametrize(("ask", "keeping"), KEEPING)
def test_after_a_write_nothing_of_before_is_told(
    filled: Store, settings: Settings, ask: Ask, keeping: Any
) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2016, 4))
    first = ask(filled, OFFICE, focus, settings)
    with filled.writing():
        pass
    assert ask(filled, OFFICE, focus, settings) is not first
    filled.see(filled.version, is_demo=True)


@pytest.mark.parametrize(("ask", "keeping"), KEEPING)
def test_other_settings_are_another_question(
    filled: Store, settings: Settings, ask: Ask, keeping: Any
) -> None:
    focus = units.focus(filled, OFFICE, D, Period(2016, 4))
    changed = replace(settings)
    assert ask(filled, OFFICE, focus, settings) is not ask(filled, OFFICE, focus, changed)


@pytest.mark.parametrize(("ask", "keeping"), KEEPING[:2])
def test_what_is_kept_is_bounded(filled: Store, settings: Settings, ask: Ask, keeping: Any) -> None:
    focus = units.focus(filled, OFFICE, TOWN, Period(2016, 4))
    most = keeping.answers.cache_info().maxsize
    for number in range(most + 3):
        # Scopes that may see nothing are questions of their own, and cheap ones.
        ask(filled, replace(PUBLIC, organisation=str(number)), focus, settings)
    assert keeping.answers.cache_info().currsize == most


def test_all_that_keep_are_bounded() -> None:
    assert all(keeping.answers.cache_info().maxsize <= 64 for _, keeping in KEEPING)
