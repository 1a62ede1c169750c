"""The store as it was known at the end of an earlier day: `?asof=2016-10-12`.

The facts of one district (or of a city's own districts, up to a bound) are put together from the
facts and their revisions (dashboard/data/history.py) in an embedded store of their own and rolled
up by the ordinary rollup; pages and documents run on it unchanged. It is read only. What is noted
of a look (who took which file away) is noted in the present store.

A few of these stores are kept, in a folder that only this process reads and that goes with it. One
that was put away is made again when it is asked for: the past does not change. They are shared by
all viewers, since every query asks who looks.
"""

import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, not_, select

from dashboard.data import history, rollup, schema
from dashboard.data.ingest.apply import Row
from dashboard.data.store import Store, connect, get_info, set_info
from dashboard.data.units import lineage_of
from dashboard.policy.access import NotAllowed
from dashboard.policy.periods import CHINA_TIME
from dashboard.settings import Settings

Report = Callable[[int, int], None]
MOST_UNITS = 4000
"""So many units are put together while somebody waits; a district of the programme has some 200."""
_MOST_KEPT = 6
_ABOVE = ("nation", "province", "city")


class NotKnown(LookupError):
    """There is nothing to show for that day; the message is a Chinese sentence."""


class PastStore(Store):
    """What was known at the end of a day, read only. Made when it is first read."""

    def __init__(self, key: "_Key", path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        self.key, self.path = key, path
        self.as_of = key.day
        self.building = RLock()
        self.readers = 0

    @property
    def present(self) -> Store:
        """Not the look of one run: putting together takes longer than a look may."""
        return connect(self.key.url)

    @property
    def is_built(self) -> bool:
        return self.path.exists()

    @contextmanager
    def reading(self, *, of_district: bool = False) -> Iterator[Connection]:
        with _SHELF.lent(self), super().reading(of_district=of_district) as connection:
            yield connection

    @contextmanager
    def writing(self, *, changes_figures: bool = True) -> Iterator[Connection]:
        """Raises NotAllowed: the past is not written."""
        raise NotAllowed("正在查看以前的数据,只能看,不能更改;请先回到今天")
        yield  # type: ignore[unreachable] # what makes it a context manager

    @contextmanager
    def noting(self, *, wait_s: float = 30, alone: bool = False) -> Iterator[Connection]:
        """In the present store: who looks at the past does so today."""
        with self.present.noting(wait_s=wait_s, alone=alone) as connection:
            yield connection


@dataclass(frozen=True)
class _Key:
    """What a past store is made of; the settings decide the lights."""

    url: str
    version: int
    top: str
    day: date
    configured: int
    settings: Settings = field(compare=False, repr=False)


def store_of(present: Store, settings: Settings, top: str, day: date) -> PastStore:
    """The store as known at the end of `day`, of the district_code `top` and what lies under it.

    Not made yet: `prepare` does that with a report, else the first question.
    """
    url = present.url.render_as_string(hide_password=False)
    return _SHELF.find(_Key(url, present.version_seen, top, day, id(settings), settings))


def prepare(store: PastStore, report: Report) -> None:
    """Put the store together where that has not been done. Raises NotKnown."""
    with _SHELF.lent(store, report):
        pass


class _Shelf:
    """The past stores that are kept: the longest unused goes, once nobody reads it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stores: OrderedDict[_Key, PastStore] = OrderedDict()

    def find(self, key: _Key) -> PastStore:
        with self._lock:
            if key not in self._stores:
                named = sha256(repr(key).encode()).hexdigest()[:24]
                self._stores[key] = PastStore(key, Path(_folder().name) / f"{named}.db")
            self._stores.move_to_end(key)
            return self._stores[key]

    @contextmanager
    def lent(self, store: PastStore, report: Report | None = None) -> Iterator[None]:
        """While it is read it stays."""
        with self._lock:
            store.readers += 1
            self._stores[store.key] = store
            self._stores.move_to_end(store.key)
        try:
            with store.building:
                if not store.is_built:
                    _build(store, report)
            yield
        finally:
            with self._lock:
                store.readers -= 1
                self._put_away()

    def _put_away(self) -> None:
        idle = [one for one in self._stores.values() if not one.readers]
        for one in idle[: max(0, len(self._stores) - _MOST_KEPT)]:
            del self._stores[one.key]
            one.engine.dispose()
            for path in one.path.parent.glob(f"{one.path.name}*"):
                path.unlink(missing_ok=True)


_SHELF = _Shelf()


@lru_cache(maxsize=1)
def _folder() -> "tempfile.TemporaryDirectory[str]":
    # Rows of households lie in it: the folder is its owner's alone, and goes with the process.
    return tempfile.TemporaryDirectory(prefix="asof-")


def _build(store: PastStore, report: Report | None) -> None:
    """In a file beside, which takes its name once it is whole."""
    key, half = store.key, store.path.with_suffix(f".{secrets.token_hex(4)}")
    made = Store(f"sqlite:///{half}")
    try:
        fill(made, store.present, key.settings, key.top, history.end_of(key.day), report)
    finally:
        _close(made.engine)
    half.rename(store.path)


def _close(engine: Engine) -> None:
    """All in the one file: what the journal holds is written back as the last connection goes."""
    engine.dispose()


def fill(
    into: Store,
    present: Store,
    settings: Settings,
    top: str,
    moment: datetime,
    report: Report | None = None,
) -> None:
    """Put what was known at a moment of the district_code `top` into an empty store, rolled up.

    Raises NotKnown where nothing had come by then, and where too much would have to be read.
    """
    progress = report or (lambda _done, _total: None)
    into.migrate()
    with present.reading() as source, into.writing() as target:
        above, districts = _around(source, top)
        _check(source, districts, moment)
        target.execute(insert(schema.indicator), _all(source, schema.indicator))
        for code in above:
            came = history.batches(source, code)
            _insert(target, schema.unit, history.facts(source, schema.unit, code, moment, came))
        steps = 2 * len(districts) * len(schema.FACTS)
        done = 0
        for code in districts:
            for _ in _copy(source, target, code, moment):
                done += 1
                progress(done, steps)
        if get_info(source, "is_demo") == "yes":
            set_info(target, "is_demo", "yes")
    rollup.rebuild(into, settings, lambda done, total: progress(total + done, 2 * total))
    with into.writing() as target:
        # Of the units above only their names are known here.
        table = schema.summary
        target.execute(delete(table).where(not_(table.c.district_code.in_(districts))))


def _around(connection: Connection, top: str) -> tuple[list[str], list[str]]:
    """district_codes: those above `top`, and its own with all under it, as far as the bound."""
    lineage = lineage_of(connection, top)
    above = [unit.code for unit in lineage if unit.code != top]
    found, here = [top], [unit.code for unit in lineage if unit.code == top]
    table = schema.unit
    while here and lineage[-1].level in _ABOVE:
        below = select(table.c.code, table.c.level).where(table.c.parent_code.in_(here))
        rows = connection.execute(below).all()
        found += [row.code for row in rows]
        here = [row.code for row in rows if row.level in _ABOVE]
        if len(found) > MOST_UNITS:
            break
    return above, found


def _check(connection: Connection, districts: list[str], moment: datetime) -> None:
    table = schema.unit
    counted = select(func.count()).select_from(table).where(table.c.district_code.in_(districts))
    if len(districts) > MOST_UNITS or int(connection.scalar(counted) or 0) > MOST_UNITS:
        raise NotKnown("以前某日的数据按区县还原,这个单位所辖过多;请先选择其下的一个区县")
    known = [at for code in districts if (at := history.first_known(connection, code))]
    if not known:
        raise NotKnown("库中还没有任何数据")
    first = min(known)
    if first > moment:
        on = first.astimezone(CHINA_TIME)
        raise NotKnown(
            f"到那一天库中还没有数据;最早的一批是{on.year}年{on.month}月{on.day}日导入的"
        )


def _copy(source: Connection, target: Connection, district: str, moment: datetime) -> Iterator[Any]:
    """The facts, and all that is beside them, table by table."""
    came = history.batches(source, district)
    back = history.taken_back(source, district, came)
    towns: dict[str, str] = {}
    for table in schema.FACTS:
        rows = history.facts(source, table, district, moment, came)
        if table is schema.unit:
            villages = [row for row in rows if row["level"] == "village" and row["parent_code"]]
            towns = {row["code"]: row["parent_code"] for row in villages}
        _insert(target, table, rows)
        yield table
    _insert(target, schema.import_batch, history.imports(source, district, moment, back))
    reports = history.reports(source, district, moment, came, back, towns)
    _insert(target, schema.submission, reports)
    for table, rows in history.notes(source, district, moment).items():
        _insert(target, table, rows)


def _insert(connection: Connection, table: Any, rows: list[Row]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _all(connection: Connection, table: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]
