"""What `make bench` keeps of a run can be held against another run; what its table says."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pyperf

from benchmarks.measure import Line, Times, table
from benchmarks.record import Record
from benchmarks.viewers import Seen

AT = datetime(2016, 9, 30, 8)


def _kept(folder: Path, seconds: list[float], at: datetime) -> Path:
    record = Record()
    record.add("district leader /unit", Times(seconds), statements=3)
    record.add("first paint /map", Times())
    return record.write(folder, at)


def test_times_are_kept_with_what_is_to_be_known_of_them(tmp_path: Path) -> None:
    path = _kept(tmp_path, [0.04, 0.05], AT)
    (kept,) = pyperf.BenchmarkSuite.load(str(path)).get_benchmarks()
    assert kept.get_name() == "district leader /unit"
    assert kept.get_values() == (0.04, 0.05)
    assert kept.get_metadata()["statements"] == 3


def test_two_runs_are_compared(tmp_path: Path) -> None:
    """Twice as slow is told; the same times again are not called a difference."""
    before = [0.040 + n / 10_000 for n in range(30)]
    first = _kept(tmp_path, before, AT)
    slower = _kept(tmp_path, [2 * one for one in before], AT + timedelta(days=1))
    same = _kept(tmp_path, before, AT + timedelta(days=2))
    assert "slower" in _compared(first, slower)
    assert "not significant" in _compared(first, same)


def _compared(first: Path, second: Path) -> str:
    command = [sys.executable, "-m", "pyperf", "compare_to", "--table", str(first), str(second)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.lower()


def test_only_what_was_not_reached_is_told_why() -> None:
    lines = [
        Line("甲", "1 s", "0.9 s", True),
        Line("乙", "1 s", "1.4 s", False, "两核占满"),
        Line("丙", "1 s", "不测", None),
    ]
    *told, blank, missed = table(lines).splitlines()
    assert [row.split(" | ")[-1] for row in told[2:]] == ["达到 |", "未达到 |", "未测 |"]
    assert (blank, missed) == ("", "未达到:乙。两核占满")


def test_every_look_of_many_viewers_decides() -> None:
    """Also those of the first seconds, when all come at once."""
    seen = Seen(coming=Times([3.0]), settled=Times([0.1] * 9))
    assert seen.times.at(0.95) == 3.0
