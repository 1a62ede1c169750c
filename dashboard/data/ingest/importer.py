"""Import of files: read, refuse personal data, check everything, then write all or nothing."""

import gc
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import Connection, Table

from dashboard import whole_files
from dashboard.data import audit, catalogue, rollup, schema
from dashboard.data.ingest import (
    boundaries,
    check,
    coordinates,
    known,
    marked,
    privacy,
    read,
    records,
    shapefiles,
)
from dashboard.data.ingest.apply import (
    Applied,
    Compared,
    Counts,
    FileInfo,
    apply_rows,
    compare,
    keys_of,
    values_of,
)
from dashboard.data.ingest.problems import ImportRefused, Problem
from dashboard.data.ingest.records import Record, Scene
from dashboard.data.ingest.shapefiles import File
from dashboard.data.ingest.sheets import Sheet, sheets
from dashboard.data.store import Store
from dashboard.settings import Settings

__all__ = ["File", "ImportRefused", "ImportResult", "Problem", "check_files", "import_files"]

Report = Callable[[int, int], None]
_MOST_BYTES = 50 * 1024 * 1024
_MOST_CHANGES = 2000
_BOUNDARIES = "边界"
_USUALLY, _SELDOM = gc.get_threshold(), (100_000, 50, 1_000)


@dataclass
class ImportResult:
    """What an import changed, by file."""

    applied: list[tuple[str, Applied]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def report(self) -> list[str]:
        """Chinese lines for the person who imported."""
        lines = []
        for name, applied in self.applied:
            counts = applied.counts.values()
            new, changed = sum(c.new for c in counts), sum(c.changed for c in counts)
            same = sum(c.unchanged for c in counts)
            if applied.batch_id is None:
                lines.append(f"{name}:与库中数据相同,没有改动({same:,}行)")
            else:
                batch = f"批次 {applied.batch_id}"
                lines.append(f"{name}:新增{new:,}行,更改{changed:,}行,相同{same:,}行({batch})")
        return [*lines, *self.remarks]


@dataclass
class _Read:
    """One file, read and parsed as far as it goes."""

    file: File
    records: list[Record] = field(default_factory=list)
    boundary_rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    scope_unit: str | None = None
    may_be_copied: bool = True
    """Not where the file has personal data, or was refused before it was opened."""


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """A large file is millions of cells that all stay: to look through them for cycles every few
    hundred is a third of an import's time."""
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*_USUALLY)


@_seldom_collecting()
def import_files(
    store: Store,
    settings: Settings,
    files: Sequence[Path | File],
    actor: str,
    scope_unit: str | None = None,
    marked_folder: Path | None = None,
    on_progress: Report | None = None,
    within: Callable[[Connection], None] | None = None,
    origin: str = "",
) -> ImportResult:
    """Import files in one transaction. Raises ImportRefused with every problem of every file.

    `scope_unit` limits the files to one unit and those under it; a template's own mark limits its
    workbook to the unit it was made for. `marked_folder`: where copies with the bad cells marked
    are put; files given as paths have them beside the original by default. `within` is done in the
    import's own transaction: it holds if and only if the import does. `origin`: the address that
    the actor works from, for the audit trail.
    """
    files = shapefiles.gather(files)
    steps = len(files) * 2
    progress = on_progress or (lambda _done, _total: None)
    readings = []
    for done, file in enumerate(files, start=1):
        readings.append(_read(settings, _content(file), scope_unit))
        progress(done, steps)
    result = ImportResult(remarks=[remark for reading in readings for remark in reading.remarks])
    outlined = [reading.boundary_rows for reading in readings if reading.boundary_rows]
    if outlined and not any(reading.problems for reading in readings):
        tolerance = settings.district.boundary_tolerance_degrees
        result.remarks += boundaries.simplify(outlined, tolerance)
    with store.writing() as connection:
        # First of all: Citus writes to no reference table once several shards have been read.
        catalogue.sync(connection, settings.catalogue)
        problems = _problems(connection, settings, readings, scope_unit)
        if problems:
            copies = _marked_copies(files, readings, problems, marked_folder)
            raise ImportRefused(problems, copies)
        for done, reading in enumerate(readings, start=len(files) + 1):
            applied = _apply(connection, settings, reading, actor)
            result.applied.append((reading.file[0], applied))
            if applied.batch_id is not None:
                detail = {"file": reading.file[0], "batch": applied.batch_id}
                root = settings.district.root_unit
                audit.add(connection, root, actor, "import", detail, origin)
            progress(done, steps)
        # Once for all files: towns share the district above them.
        rollup.refresh(connection, settings, set().union(*(a.touched for _, a in result.applied)))
        if within is not None:
            within(connection)
    return result


@dataclass(frozen=True)
class Change:
    """A figure in the store that a file would write over; values as the store keeps them. `key`:
    what tells the row from others, by column."""

    table: str
    sheet: str
    key: Mapping[str, Any]
    field: str
    old: Any
    new: Any


@dataclass
class Preview:
    """What an import would do: by file and sheet how many rows, and which figures it changes.

    `changes` ends after the first thousands; `counts` are whole. With problems it would do nothing.
    """

    problems: list[Problem] = field(default_factory=list)
    counts: list[tuple[str, str, Counts]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return any(count.new or count.changed for _, _, count in self.counts)


@_seldom_collecting()
def preview_files(
    store: Store, settings: Settings, files: Sequence[Path | File], scope_unit: str | None = None
) -> Preview:
    """What an import of these files would do, against the store as it is now. Changes nothing."""
    gathered = shapefiles.gather(files)
    readings = [_read(settings, _content(file), scope_unit) for file in gathered]
    found = Preview(remarks=[remark for reading in readings for remark in reading.remarks])
    names = {sheet.table: sheet.name for sheet in sheets(settings.policy).values()}
    with store.reading() as connection:
        found.problems = _problems(connection, settings, readings, scope_unit)
        for reading in () if found.problems else readings:
            tables = _tables(reading)
            for table in schema.FACTS:
                if not tables.get(table.name):
                    continue
                compared = compare(connection, table, tables[table.name])
                sheet = names.get(table.name, _BOUNDARIES)
                found.counts.append((reading.file[0], sheet, compared.counts))
                found.changes += _changes(table, sheet, compared)[:_MOST_CHANGES]
    return found


def _changes(table: Table, sheet: str, compared: Compared) -> list[Change]:
    keys = [name for name in keys_of(table) if name != "district_code"]
    return [
        Change(table.name, sheet, {k: new[k] for k in keys}, name, old[name], new[name])
        for old, new in compared.changed
        for name in values_of(table)
        if name in new and old[name] != new[name]
    ]


def check_files(
    store: Store, settings: Settings, files: Sequence[Path | File], scope_unit: str | None = None
) -> list[Problem]:
    """Every problem that an import of these files would be refused for. Changes nothing."""
    gathered = shapefiles.gather(files)
    readings = [_read(settings, _content(file), scope_unit) for file in gathered]
    with store.reading() as connection:
        return _problems(connection, settings, readings, scope_unit)


def _content(file: Path | File) -> File:
    if isinstance(file, tuple):
        return file
    if file.suffix.lower() == ".shp":
        return file.name, shapefiles.pack(file)
    size = file.stat().st_size
    return file.name, file.read_bytes() if size <= _MOST_BYTES else b"\0" * (_MOST_BYTES + 1)


def _read(settings: Settings, file: File, scope_unit: str | None) -> _Read:
    name, content = file
    found = _Read(file, scope_unit=scope_unit)
    if len(content) > _MOST_BYTES:
        found.problems.append(Problem(name, "文件超过50兆字节,请拆分后分别导入"))
        found.may_be_copied = False
        return found
    if PurePath(name).suffix.lower() in boundaries.SUFFIXES:
        found.boundary_rows, found.problems, found.remarks = boundaries.read(name, content)
        found.may_be_copied = False
        return found
    specs: dict[str, Sheet] = sheets(settings.policy)
    reading = read.read_file(name, content, specs)
    found.remarks = reading.remarks
    found.may_be_copied = not reading.is_unsafe
    personal = privacy.check(reading)
    if personal:
        # Nothing else of this file is said: another sentence might quote what must not be kept.
        found.problems, found.remarks, found.may_be_copied = personal, [], False
        return found
    found.problems.extend(reading.problems)
    found.scope_unit = scope_unit or reading.marker.get("单位代码")
    for sheet in reading.sheets:
        parsed, problems = records.parse_rows(sheet)
        found.records.extend(parsed)
        found.problems.extend(problems)
    shifted = sum(
        r.values.get("coordinates") == coordinates.SHIFTED and r.values["lon"] is not None
        for r in found.records
    )
    if shifted:
        found.remarks = [*found.remarks, f"{name}:{shifted}个单位的坐标已由GCJ-02转换为WGS84"]
    return found


def _problems(
    connection: Connection,
    settings: Settings,
    readings: Sequence[_Read],
    scope_unit: str | None,
) -> list[Problem]:
    """Problems of all files, those that only show against the store or another file included."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for reading in readings:
        for record in reading.records:
            rows[record.table].append(record.values)
        rows["boundary"].extend(reading.boundary_rows)
    scopes = {reading.scope_unit for reading in readings if reading.scope_unit}
    rows["scope"] = [{"code": code} for code in scopes]
    near = scope_unit or next(iter(sorted(scopes)), settings.district.root_unit)
    facts = known.load(connection, rows, near)
    problems = [problem for reading in readings for problem in reading.problems]
    everything = [record for reading in readings for record in reading.records]
    check.learn(facts, everything)
    problems.extend(records.duplicates(everything))
    for scope in {reading.scope_unit: None for reading in readings}:
        own = [r for reading in readings if reading.scope_unit == scope for r in reading.records]
        problems.extend(check.check(Scene(settings, facts, scope, own)))
    outlined = [
        (r.file[0], r.boundary_rows, Scene(settings, facts, r.scope_unit, [])) for r in readings
    ]
    problems.extend(boundaries.between_files(outlined))
    return _in_order(problems)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """As a reader goes through the files; the same thing is said once."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda p: (p.file, p.sheet or "", p.row or 0, p.column or ""))


def _apply(connection: Connection, settings: Settings, reading: _Read, actor: str) -> Applied:
    name, content = reading.file
    tables = _tables(reading)
    info = FileInfo(name, hashlib.sha256(content).hexdigest())
    return apply_rows(connection, settings, tables, info, actor, roll_up=False)


def _tables(reading: _Read) -> dict[str, list[dict[str, Any]]]:
    tables = records.table_rows(reading.records)
    if reading.boundary_rows:
        tables["boundary"] = reading.boundary_rows
    return tables


def _marked_copies(
    files: Sequence[Path | File],
    readings: Sequence[_Read],
    problems: Sequence[Problem],
    folder: Path | None,
) -> list[str]:
    copies = []
    for file, reading in zip(files, readings, strict=True):
        own = [problem for problem in problems if problem.file == reading.file[0]]
        where = folder or (file.parent if isinstance(file, Path) else None)
        if not own or not reading.may_be_copied or where is None:
            continue
        copy = marked.copy(reading.file, own)
        path = where / f"{PurePath(reading.file[0]).stem}_有误.xlsx"
        if copy is not None and _is_put(path, copy):
            copies.append(str(path))
    return copies


def _is_put(path: Path, content: bytes) -> bool:
    """Whether the copy is there. A folder that takes none must not cost the clerk the reasons."""
    try:
        whole_files.write(path, content)
    except OSError:
        return False
    return True
