"""Garbage is collected when there is some, not after every look: docs/performance.md."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from streamlit import config

from dashboard import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_no_look_ends_with_a_whole_collection() -> None:
    """What Streamlit does by itself; the runner of these tests never does, a server would."""
    assert config.get_option("runner.postScriptGC") is False


def test_what_is_loaded_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    garbage.set_aside()
    assert gc.get_freeze_count() > before


class _Ring:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self


def left_behind(monkeypatch: pytest.MonkeyPatch) -> "weakref.ref[_Ring]":
    """A ring that nobody holds any more, after as many looks as make a collection worth it."""
    ring = weakref.ref(_Ring())
    monkeypatch.setattr(garbage, "_ENOUGH", 0)
    return ring


def test_what_looks_have_left_is_collected_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.disable()
    try:
        ring = left_behind(monkeypatch)
        assert ring() is not None
        garbage.at_rest()
        assert ring() is None
    finally:
        gc.enable()


def test_little_is_not_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    before = gc.get_freeze_count()
    garbage.at_rest()
    assert gc.get_freeze_count() == before


def test_what_was_set_aside_is_looked_through_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_ENOUGH", 0)
    held = _Ring()
    ring = weakref.ref(held)
    garbage.set_aside()
    del held
    garbage.at_rest()
    assert ring() is not None, "set aside"
    monkeypatch.setattr(garbage, "_looked_through", garbage._looked_through - 3600)
    garbage.at_rest()
    assert ring() is None
