"""Rows as records: every cell parsed by its column, ready for the checks and for the store."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboard.data.ingest import coordinates
from dashboard.data.ingest.cells import AS_STORED, Cell, CellError, folded
from dashboard.data.ingest.grid import Line, texts_at
from dashboard.data.ingest.known import Known
from dashboard.data.ingest.number_formats import Look
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.read import RawSheet
from dashboard.data.ingest.sheets import Column
from dashboard.policy.codes import district_of
from dashboard.policy.periods import Period
from dashboard.settings import Settings


@dataclass(slots=True)
class Record:
    """One row with its cells parsed: `values` by field."""

    sheet: RawSheet
    number: int
    values: dict[str, Any]
    cells: Mapping[str, Cell]

    @property
    def table(self) -> str:
        return self.sheet.spec.table

    def problem(self, message: str, head: str | None = None) -> Problem:
        cell = self.cells.get(head) if head else None
        value = cell.value if cell is not None and not cell.is_blank else None
        return self.sheet.problem(message, self.number, head, value)


def parse_rows(sheet: RawSheet) -> tuple[list[Record], list[Problem]]:
    """Read every cell by its column; rows with a problem yield no record."""
    if sheet.lines:
        return _parse_lines(sheet)
    records, problems = [], []
    columns = [_Column(column) for column in sheet.spec.columns]
    for row in sheet.rows:
        values: dict[str, Any] = {}
        wrong = False
        for column in columns:
            cell = row.cells.get(column.head)
            if cell is not None and cell[3] is AS_STORED and type(cell[0]) is str:
                # Nearly all of a large file: texts, and such as have been read before.
                said = column.texts.get(cell[0], column)
                if said is not column:
                    values[column.field] = said
                    continue
            try:
                values[column.field] = column.value(cell)
            except CellError as error:
                said = None if cell is None or cell.is_blank else cell.value
                problems.append(sheet.problem(str(error), row.number, column.head, said))
                wrong = True
        if not wrong:
            records.append(Record(sheet, row.number, values, row.cells))
    return records, problems


def _parse_lines(sheet: RawSheet) -> tuple[list[Record], list[Problem]]:
    """The same of plain texts, whole columns at once: every different text is read once."""
    problems: list[Problem] = []
    wrong: set[int] = set()
    read: dict[str, list[Any]] = {}
    lines = [line for _, line in sheet.lines]
    for column in sheet.spec.columns:
        place = sheet.columns.get(column.head)
        texts = [None] * len(lines) if place is None else texts_at(lines, place)
        known, refused = _read_once(column, texts)
        read[column.field] = [known.get(text) for text in texts]
        if refused:
            for (number, _), text in zip(sheet.lines, texts, strict=True):
                if text in refused:
                    said = text if text and text.strip() else None
                    problems.append(sheet.problem(refused[text], number, column.head, said))
                    wrong.add(number)
    fields, places = list(read), sheet.columns
    records = [
        Record(sheet, number, dict(zip(fields, values, strict=True)), Line(line, number, places))
        for (number, line), values in zip(
            sheet.lines, zip(*read.values(), strict=True), strict=True
        )
        if number not in wrong
    ]
    return records, problems


_Text = str | None
"""None where the sheet has no such column."""


def _read_once(column: Column, texts: Iterable[_Text]) -> tuple[dict[_Text, Any], dict[_Text, str]]:
    """What every different text says, and why it cannot be read."""
    known: dict[_Text, Any] = {}
    refused: dict[_Text, str] = {}
    for text in dict.fromkeys(texts):
        try:
            known[text] = _value(column, None if text is None else Cell(text, 0, 0))
        except CellError as error:
            refused[text] = str(error)
    return known, refused


class _Column:
    """A column being read. What stands in it comes back row after row: each is parsed once."""

    def __init__(self, column: Column) -> None:
        self.head, self.field = column.head, column.field
        self._column = column
        self.texts: dict[str, Any] = {}
        """What texts were read as, where they are shown as they are stored."""
        self._known: dict[tuple[type, Any, Look | None], Any] = {}

    def value(self, cell: Cell | None) -> Any:
        """Raises CellError."""
        if cell is None:
            return _value(self._column, cell)
        if cell.look is AS_STORED and type(cell.value) is str:
            read = self.texts[cell.value] = _value(self._column, cell)
            return read
        key = type(cell.value), cell.value, None if cell.look is AS_STORED else cell.look
        if key not in self._known:
            self._known[key] = _value(self._column, cell)
        return self._known[key]


def _value(column: Column, cell: Cell | None) -> Any:
    if cell is None or cell.is_blank:
        if column.required:
            raise CellError("没有填写" + ("(没有收入请填0)" if column.unit == "万元" else ""))
        return None
    return column.parse(cell)


@dataclass
class Scene:
    """What the checks look at."""

    settings: Settings
    known: Known
    scope_unit: str | None
    records: Sequence[Record]

    def of(self, table: str) -> list[Record]:
        return self._by_table.get(table, [])

    @cached_property
    def _by_table(self) -> dict[str, list[Record]]:
        return by_table(self.records)


def by_table(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Each table's records, in their order."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.table].append(record)
    return dict(found)


def duplicates(records: Iterable[Record]) -> Iterator[Problem]:
    """Rows with the same key, within a file and between files.

    H001, h001 and H 001 are one household: two rows of it would be two households in the store.
    """
    for alike in by_table(records).values():
        yield from _duplicates(alike)


def _duplicates(records: Sequence[Record]) -> Iterator[Problem]:
    """Of one table."""
    keys = [column for column in records[0].sheet.spec.columns if column.is_key]
    columns = [[_same(record.values[key.field]) for record in records] for key in keys]
    told = list(zip(*columns, strict=True))
    if len(set(told)) == len(told):
        return
    seen: dict[tuple[Any, ...], Record] = {}
    for record, key in zip(records, told, strict=True):
        first = seen.setdefault(key, record)
        if first is not record:
            where = f"第{first.number}行"
            if first.sheet.file != record.sheet.file:
                where = f"文件“{first.sheet.file}”{where}"
            heads = "、".join(column.head for column in keys)
            differs = any(first.values[k.field] != record.values[k.field] for k in keys)
            how = "相同,只差大小写、全半角或空格" if differs else "相同"
            yield record.problem(f"与{where}重复({heads}{how})")


def _same(value: Any) -> Any:
    return folded(value) if isinstance(value, str) else value


def table_rows(records: Iterable[Record]) -> dict[str, list[dict[str, Any]]]:
    """Records as rows of the store's tables, without batch."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        row = dict(record.values)
        if "quarter" in row:
            row["period"] = str(Period(row.pop("year"), row.pop("quarter")))
        place = row.get("code") or row.get("unit_code") or row.get("village_code")
        if place is not None:
            row["district_code"] = district_of(place)
        if row.pop("coordinates", None) == coordinates.SHIFTED and row["lon"] is not None:
            row["lon"], row["lat"] = coordinates.to_wgs84(row["lon"], row["lat"])
        row["source_row"] = record.number
        tables[record.table].append(_without_blanks(row))
    return tables


def _without_blanks(row: dict[str, Any]) -> dict[str, Any]:
    """Blank texts are kept as empty text, and a blank due month is the year's end."""
    for name in ("department", "post", "evidence", "finding", "kind", "audit_state", "status"):
        if name in row and row[name] is None:
            row[name] = ""
    if "due_month" in row and row["due_month"] is None:
        row["due_month"] = 12
    return row
