"""Every time of a run in pyperf's own form: two runs are compared by a tool that asks whether a
difference is more than noise (`python -m pyperf compare_to`)."""

from datetime import datetime
from pathlib import Path

import pyperf

from benchmarks.measure import Times


class Record:
    """What was timed, by name; pages as they would have been at the best pace of the run."""

    def __init__(self) -> None:
        self._all: list[pyperf.Benchmark] = []

    def add(self, name: str, times: Times, **beside: str | int | float) -> None:
        """Seconds, and what else is to be known of them. Left out where there are none."""
        if times.values:
            told = {"name": name, "unit": "second", **beside}
            self._all.append(pyperf.Benchmark([pyperf.Run(times.values, metadata=told)]))

    def write(self, folder: Path, at: datetime) -> Path:
        """The file of this run. Raises ValueError where nothing was timed."""
        path = folder / f"{at:%Y-%m-%dT%H%M%S}.json"
        pyperf.BenchmarkSuite(self._all).dump(str(path))
        return path


__all__ = ["Record"]
