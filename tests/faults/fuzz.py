"""Spoiled files against the importer: `python -m tests.faults.fuzz --files 10000`.

Each file is imported whole or refused with Chinese sentences and nothing stored, in bounded time
and memory. A case is named by its number: `--first 1234 --files 1` repeats it.
"""

import argparse
import hashlib
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dashboard import settings as config
from dashboard.data import rollup
from dashboard.data.backup import Digest, digest
from dashboard.data.ingest import importer
from dashboard.data.ingest.importer import File
from dashboard.data.store import Store, connect
from dashboard.settings import Settings
from tests.faults.mutations import case
from tests.faults.originals import district, originals

MOST_SECONDS = 20
"""Of the processor, for one file: fifty times what an honest one takes."""
MOST_MEMORY_GB = 4


class TooLong(BaseException):
    """Past every handler of errors: the file took more than MOST_SECONDS of the processor."""


@dataclass
class Outcome:
    """What became of the files: how many were imported and refused, and what must not be."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def line(self) -> str:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        said = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        return (
            f"{said}; {len(self.failures)} failures; slowest {self.slowest[0]:.1f} s "
            f"({self.slowest[1]}); at most {memory:.0f} MB"
        )


class Bench:
    """A store to import into, laid back to what it was whenever a file has changed it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.settings = settings
        self.folder = folder
        whole = district(folder, settings)
        self.files = originals(whole, settings)
        whole.engine.dispose()
        self.store = self._fresh()
        self.before: dict[str, Digest] = digest(self.store)
        self.bytes = self._on_disk()

    def _on_disk(self) -> bytes:
        """A hash of what the database's files hold: any row that was written would change it."""
        found = hashlib.sha256()
        for name in ("store.db", "store.db-wal"):
            path = self.folder / name
            found.update(path.read_bytes() if path.exists() else b"")
        return found.digest()

    def _fresh(self) -> Store:
        target = self.folder / "store.db"
        for name in ("store.db", "store.db-wal", "store.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(self.folder / "district.db", target)
        return connect(f"sqlite:///{target}")

    def again(self) -> None:
        self.store.engine.dispose()
        self.store = self._fresh()
        # Opened, as it was when `bytes` were taken.
        assert self.store.is_ready()

    def imported(self, file: File) -> str:
        """'imported', 'unchanged' or 'refused'. Raises AssertionError where a promise is broken."""
        copies = self.folder / "copies"
        try:
            result = importer.import_files(
                self.store, self.settings, [file], "测试", marked_folder=copies
            )
        except importer.ImportRefused as refusal:
            shutil.rmtree(copies, ignore_errors=True)
            check_sentences([problem.sentence for problem in refusal.problems])
            if self._on_disk() != self.bytes:
                assert digest(self.store) == self.before, "refused, but something was stored"
            return "refused"
        changed = any(applied.batch_id for _, applied in result.applied)
        if changed:
            assert rollup.verify(self.store, self.settings) == 0, "the summary does not hold"
        self.again()
        return "imported" if changed else "unchanged"


def check_sentences(sentences: Sequence[str]) -> None:
    """Every one is Chinese, short enough to read, and nothing a program says."""
    assert sentences, "refused without a reason"
    for sentence in sentences:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence.split(":", 1)[-1]), (
            sentence
        )
        assert "Error" not in sentence.split("值“")[0], sentence
        assert len(sentence) < 1500, sentence[:200]


@contextmanager
def bounded() -> Iterator[None]:
    """Stops what computes for longer than MOST_SECONDS."""

    def stop(_number: int, _frame: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run(bench: Bench, seed: int, numbers: Sequence[int], until: float = float("inf")) -> Outcome:
    """Import the cases of these numbers, in turn, until the clock (monotonic) says so."""
    found = Outcome()
    for number in numbers:
        if time.monotonic() > until:
            break
        what, file = case(bench.files, seed, number)
        begun = time.process_time()
        try:
            with bounded():
                found.counts[bench.imported(file)] += 1
        except (Exception, TooLong):  # noqa: BLE001 (any at all is what is looked for)
            lines = traceback.format_exc(limit=-6).splitlines()
            last = "\n".join(line[:300] for line in lines if line.strip(" ^~"))[-3000:]
            found.failures.append(f"case {seed}:{number} ({what})\n{last}")
            bench.again()
        took = time.process_time() - begun
        found.slowest = max(found.slowest, (took, f"{seed}:{number} {what}"))
    return found


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--files", type=int, default=10_000)
    said.add_argument("--seed", type=int, default=2016)
    said.add_argument("--first", type=int, default=0)
    asked = said.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_GB << 30, MOST_MEMORY_GB << 30))
    whole = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), config.load(Path(__file__).parents[2] / "config"))
        for start in range(asked.first, asked.first + asked.files, 100):
            end = min(start + 100, asked.first + asked.files)
            part = run(bench, asked.seed, range(start, end))
            whole.counts += part.counts
            whole.failures += part.failures
            whole.slowest = max(whole.slowest, part.slowest)
            for failure in part.failures:
                print(failure, flush=True)
            print(f"{end}: {whole.line()}", file=sys.stderr, flush=True)
    print(f"fuzz, seed {asked.seed}: {whole.line()}")
    sys.exit(bool(whole.failures))


if __name__ == "__main__":
    main()
