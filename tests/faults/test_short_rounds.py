"""A few of the rounds that `make faults` plays by the hundred, and every case that once failed."""

import random
import time
from collections.abc import Iterator

import pytest

from dashboard.settings import Settings
from tests.faults.crash import ACTIONS, Crashes, Rounds, crashes
from tests.faults.fuzz import Bench, run
from tests.faults.mutations import case

SEED = 2016


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("sqlite", ("import", "migrate", "restore")),
        ("postgresql", ("import", "publish")),
    ],
)
def test_killed_in_the_middle_it_is_as_before_or_as_after(
    kind: str, names: tuple[str, ...], settings: Settings
) -> None:
    rounds = Rounds()
    with crashes(kind, settings) as found:
        for action in ACTIONS:
            if action.name in names:
                _kill_twice(found, action.name, rounds)
    assert rounds.failures == []
    assert sum(rounds.counts.values()) == 2 * len(names)


def _kill_twice(found: Crashes, name: str, rounds: Rounds) -> None:
    [action] = [action for action in ACTIONS if action.name == name]
    ready = found.prepare(action)
    draw = random.Random(SEED)
    for _ in range(2):
        found.round(ready, draw, rounds)


@pytest.fixture(scope="module")
def bench(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("bench"), settings)
    yield made
    made.store.engine.dispose()


def test_the_files_are_good_before_they_are_spoiled(bench: Bench) -> None:
    assert {bench.imported(file) for file in bench.files} <= {"imported", "unchanged"}


def test_a_case_is_the_same_each_time(bench: Bench) -> None:
    """But for the time of day that a workbook is stamped with, which counts by seconds:
    both are made within one second, tried until they are."""
    for _ in range(20):
        began = int(time.time())
        first, second = ([case(bench.files, SEED, n)[1] for n in range(5)] for _ in range(2))
        if int(time.time()) == began:
            break
    assert first == second


def test_spoiled_files_are_imported_whole_or_refused_with_sentences(bench: Bench) -> None:
    found = run(bench, SEED, range(150), until=time.monotonic() + 12)
    assert found.failures == []
    assert found.counts["refused"] > 0
