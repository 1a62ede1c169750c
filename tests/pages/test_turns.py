"""A few pages at a time; others wait, but not for ever; a page that fails gives its place back."""

import threading
import time

import pytest

from dashboard import app
from dashboard.components import turns
from dashboard.components.admin import importing


def test_no_more_are_drawn_at_once_than_there_are_places() -> None:
    inside, most, count = threading.Lock(), [0], [0]

    def draw() -> None:
        with turns.turn():
            with inside:
                count[0] += 1
                most[0] = max(most[0], count[0])
            time.sleep(0.02)
            with inside:
                count[0] -= 1

    threads = [threading.Thread(target=draw) for _ in range(4 * turns.AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert most[0] == turns.AT_ONCE


def test_who_waits_long_goes_ahead_and_takes_no_place_from_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it is that keeps them."""
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 0.05)
    done, entered = threading.Event(), threading.Barrier(turns.AT_ONCE + 1)

    def long_work() -> None:
        with turns.turn():
            entered.wait(20)
            done.wait(20)

    held = [threading.Thread(target=long_work) for _ in range(turns.AT_ONCE)]
    for one in held:
        one.start()
    entered.wait(20)
    with turns.turn():
        pass
    done.set()
    for one in held:
        one.join(20)
    assert free() == turns.AT_ONCE


def test_long_work_lets_others_go_ahead_and_gives_back_one_place_only() -> None:
    with turns.turn():
        assert free() == turns.AT_ONCE - 1
        importing.progress("正在导入……")
        assert free() == turns.AT_ONCE
        turns.give_way()
    assert free() == turns.AT_ONCE
    turns.give_way()
    assert free() == turns.AT_ONCE


def test_a_page_that_fails_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost(BaseException):
        """What no boundary catches, as Streamlit's own ways to end a run."""

    drawn = []

    def fails(*_: object) -> None:
        drawn.append(free())
        raise Lost

    monkeypatch.setattr(app, "_main", fails)
    for _ in range(turns.AT_ONCE + 1):
        with pytest.raises(Lost):
            app.main()
    assert drawn == [turns.AT_ONCE - 1] * (turns.AT_ONCE + 1)
    assert free() == turns.AT_ONCE


def free() -> int:
    """How many places can be taken at this moment."""
    found = 0
    while turns._places.acquire(blocking=False):
        found += 1
    for _ in range(found):
        turns._places.release()
    return found
