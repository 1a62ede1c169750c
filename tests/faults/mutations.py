"""Files spoiled in the ways that disks, mails, other programs, hands and ill will spoil them.

Each takes the random numbers and a file's content and gives another content. Which one is taken and
what it does follows from the number of the case alone.
"""

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.hyperlink import Hyperlink

from dashboard.data.ingest.importer import File

Mutation = Callable[[random.Random, bytes], bytes]

HOSTILE_TEXTS = (
    "",
    " ",
    "\u200b",
    "\u202e123",
    "\ufeff2016",
    "123",
    "①②③",
    "٣٤",
    "²",
    "½",
    "一二三",
    "1e400",
    "-1e-400",
    "1e5",
    "NaN",
    "Infinity",
    "-0",
    "0x10",
    "1_000",
    "1,00,0",
    "+-1",
    "--",
    "9" * 15,
    "9" * 400,
    "1." + "3" * 400,
    "=1+1",
    '=HYPERLINK("x")',
    "@SUM(A1)",
    "#REF!",
    "2016-02-30",
    "0000-00-00",
    "9999-12-31",
    "20160229",
    "2016年13月1日",
    "二〇一六年",
    "第五季度",
    "32041210120",
    "320412101201" * 3,
    "320412101201",
    "320412999",
    "'; DROP TABLE unit; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "a" * 40_000,
    "𠮷" * 3000,
    "e\u0301" * 50,
    "\ud7ff",
    "\t\n\r",
    "😀",
    "合计",
    "True",
    "None",
    "null",
    "100%",
    "1e2%",
    "%",
)
HOSTILE_VALUES: tuple[Any, ...] = (
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    10**18,
    10**300,
    -(10**18),
    0.1,
    1e-320,
    1e308,
    -0.0,
    1.5,
    2016.5,
    1499999.995,
    True,
    False,
    None,
    date(1900, 1, 1),
    date(2016, 9, 30),
    date(9999, 12, 31),
    datetime(2016, 9, 30, 23, 59, 59, 999999),
    time(1, 2, 3),
    timedelta(days=400_000),
    timedelta(days=-1),
)
_FORMATS = (
    "0%",
    "0.00",
    '0"元"',
    '0,,"亿元"',
    "yyyy-mm-dd",
    "[h]:mm",
    "General",
    "@",
    "0.0E+0",
    "# ?/?",
    '[Red][<100]0;[Blue]"x"',
    ";;;",
    '"' * 7,
    "[$-F800]dddd",
    "0" * 300,
    "[DBNum1]0",
    "\\",
)


def case(originals: Sequence[File], seed: int, number: int) -> tuple[str, File]:
    """The spoiled file of that number and what was done to it; the same each time."""
    draw = random.Random(f"{seed}:{number}")
    # Workbooks are what the office gets: two files of three.
    books = [file for file in originals if file[0].endswith(".xlsx")]
    # The template is ten times as long as the others: fewer of it.
    weights = [1 if name == "模板.xlsx" else 6 for name, _ in books]
    others = [file for file in originals if file not in books]
    is_book = draw.random() < 0.67
    name, content = draw.choices(books, weights)[0] if is_book else draw.choice(others)
    kinds = _kinds(name)
    done = []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        kind = draw.choice(kinds)
        try:
            content = kind(draw, content)
        except Exception:  # noqa: BLE001 (an earlier mutation has left nothing to open: bytes remain)
            kind = draw.choice(_BYTES)
            content = kind(draw, content)
        done.append(kind.__name__)
    return f"{name}: {', '.join(done)}", (name, content)


def _kinds(name: str) -> tuple[Mutation, ...]:
    if name.endswith(".xlsx"):
        return (*_CELLS, *_CELLS, *_XML, *_XML, *_ZIP, *_BYTES)
    if name.endswith(".csv"):
        return (*_CSV, *_CSV, *_BYTES)
    if name.endswith(".zip"):
        return (*_ZIP, *_BYTES, shapefile_part)
    return (*_JSON, *_JSON, *_BYTES)


# Bytes


def cut(draw: random.Random, content: bytes) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def cut_front(draw: random.Random, content: bytes) -> bytes:
    return content[draw.randrange(len(content) + 1) :]


def flip(draw: random.Random, content: bytes) -> bytes:
    made = bytearray(content)
    for _ in range(draw.choice((1, 1, 4, 40))):
        if made:
            made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
    return bytes(made)


def splice(draw: random.Random, content: bytes) -> bytes:
    """A piece out of the file, twice or not at all, elsewhere."""
    a, b, c = sorted(draw.randrange(len(content) + 1) for _ in range(3))
    pieces = [content[:a], content[a:b], content[b:c], content[c:]]
    return b"".join(pieces[p] for p in draw.choice(([0, 2, 1, 3], [0, 1, 1, 2, 3], [0, 2, 3])))


def noise(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + draw.randbytes(draw.choice((1, 2, 16, 600))) + content[at:]


def nothing(_draw: random.Random, _content: bytes) -> bytes:
    return b""


def other_encoding(draw: random.Random, content: bytes) -> bytes:
    said = content.decode("utf-8", errors="ignore")
    return said.encode(draw.choice(("utf-16", "utf-32", "gb18030", "utf-7", "big5")), "replace")


_BYTES: tuple[Mutation, ...] = (cut, cut_front, flip, splice, noise, nothing, other_encoding)


# The package


def _entries(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def _packed(entries: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def drop_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    entries.pop(draw.randrange(len(entries)))
    return _packed(entries)


def swap_parts(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    a, b = draw.randrange(len(entries)), draw.randrange(len(entries))
    (one, first), (two, second) = entries[a], entries[b]
    entries[a], entries[b] = (one, second), (two, first)
    return _packed(entries)


def rename_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    at = draw.randrange(len(entries))
    name = entries[at][0]
    other = draw.choice(("../" + name, "/" + name, name.upper(), name + "\\", "名" * 50, ""))
    entries[at] = (other or "x", entries[at][1])
    return _packed(entries)


def repeat_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    return _packed([*entries, draw.choice(entries)])


def empty_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    at = draw.randrange(len(entries))
    entries[at] = (entries[at][0], draw.choice((b"", b"\0" * 100, draw.randbytes(50))))
    return _packed(entries)


def swollen_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    size = draw.choice((1_000_000, 30_000_000))
    return _packed([*entries, (draw.choice(("xl/media/a.png", "a.xml")), b" " * size)])


def other_method(draw: random.Random, content: bytes) -> bytes:
    return _packed(
        _entries(content), draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    )


def header_field(draw: random.Random, content: bytes) -> bytes:
    """Flags, method, sizes, checksum or offset of an entry of the directory say something else."""
    places = [m.start() for m in re.finditer(b"PK\x01\x02", content)]
    made = bytearray(content)
    at = draw.choice(places) + draw.choice((8, 10, 16, 20, 24, 28, 30, 32, 42))
    made[at : at + 2] = draw.choice((b"\0\0", b"\x01\0", b"\xff\xff", b"\x63\0"))
    return bytes(made)


_ZIP: tuple[Mutation, ...] = (
    drop_part,
    swap_parts,
    rename_part,
    repeat_part,
    empty_part,
    swollen_part,
    other_method,
    header_field,
)


# The XML in it


def _in_xml(draw: random.Random, content: bytes, change: Callable[[str], str]) -> bytes:
    entries = _entries(content)
    parts = [i for i, (name, _) in enumerate(entries) if name.endswith((".xml", ".rels"))]
    at = draw.choice(parts)
    name, part = entries[at]
    entries[at] = name, change(part.decode("utf-8", "replace")).encode("utf-8", "replace")
    return _packed(entries)


def xml_attribute(draw: random.Random, content: bytes) -> bytes:
    """Some attributes say something else: an index out of range, a place that is none, a word."""
    values = (
        "0", "-1", "99999999999", "1e9", "x", "", "ZZZ1", "A0", "A1048577", "XFE1", "A1:B",
        "XFD1048576", "true", "s", "str", "inlineStr", "b", "e", "d", "n", "f", "1900-00-00T99",
        "名", "rId1", "veryHidden", "../x.xml", "shared", "array",
    )  # fmt: skip

    def change(said: str) -> str:
        places = list(re.finditer(r'(\w+)="([^"]*)"', said))
        for place in sorted(
            draw.sample(places, min(len(places), draw.choice((1, 2, 9)))),
            key=lambda m: -m.start(),
        ):
            said = f"{said[: place.start(2)]}{draw.choice(values)}{said[place.end(2) :]}"
        return said

    return _in_xml(draw, content, change)


def xml_text(draw: random.Random, content: bytes) -> bytes:
    def change(said: str) -> str:
        places = list(re.finditer(r">([^<>]+)<", said))
        for place in sorted(
            draw.sample(places, min(len(places), draw.choice((1, 3, 9)))), key=lambda m: -m.start()
        ):
            new = draw.choice(
                (*HOSTILE_TEXTS[:40], "99999999", "-1", "&lt;", "&#1;", "&nope;", "&")
            )
            said = f"{said[: place.start(1)]}{new}{said[place.end(1) :]}"
        return said

    return _in_xml(draw, content, change)


def xml_element(draw: random.Random, content: bytes) -> bytes:
    """An element dropped, twice, renamed, or nested in itself."""

    def change(said: str) -> str:
        places = list(re.finditer(r"<(\w+)[^<>]*?(/>|>[^<>]*</\1>)", said))
        if not places:
            return said[: len(said) // 2]
        place = draw.choice(places)
        whole, name = place.group(), place.group(1)
        new = draw.choice(
            (
                "",
                whole * 2,
                whole * 2000,
                whole.replace(name, "x"),
                f"<{name}>" * 300 + f"</{name}>" * 300,
                f"<{name}>{whole}</{name}>",
                f"<{name}/>",
                "<mergeCell ref='A1:XFD1048576'/>",
                "<f>1+1</f>",
                "<![CDATA[" + "x" * 99 + "]]>",
            )
        )
        return said[: place.start()] + new + said[place.end() :]

    return _in_xml(draw, content, change)


def xml_broken(draw: random.Random, content: bytes) -> bytes:
    def change(said: str) -> str:
        at = draw.randrange(len(said) + 1)
        return draw.choice(
            (
                said[:at],
                said[:at] + "<" + said[at:],
                said[:at] + "\x0b" + said[at:],
                said.replace("http://schemas", "http://other", 1),
                '<!DOCTYPE a [<!ENTITY b "c">]>' + said,
                said.replace("UTF-8", "EBCDIC-CP-US", 1),
                said.replace("</", "< /", 1),
            )
        )

    return _in_xml(draw, content, change)


_XML: tuple[Mutation, ...] = (xml_attribute, xml_attribute, xml_text, xml_element, xml_broken)


# Cells and sheets, as hands change them


def _in_book(draw: random.Random, content: bytes, change: Callable[[Any, Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    change(book, draw.choice(book.worksheets))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_vast(sheet: Any) -> bool:
    """Whether a stray cell stands far away: openpyxl would make all cells up to it to move them."""
    return bool(sheet.max_row * sheet.max_column > 1_000_000)


def cells(draw: random.Random, content: bytes) -> bytes:
    def change(_book: Any, sheet: Any) -> None:
        for _ in range(draw.choice((1, 2, 12))):
            place = draw.randint(1, sheet.max_row + 1), draw.randint(1, sheet.max_column + 1)
            value = draw.choice(draw.choice((HOSTILE_TEXTS, HOSTILE_VALUES)))
            if isinstance(value, str):
                value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", value)[:32_000]
            sheet.cell(*place).value = value

    return _in_book(draw, content, change)


def formats(draw: random.Random, content: bytes) -> bytes:
    def change(_book: Any, sheet: Any) -> None:
        if _is_vast(sheet):
            return
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if draw.random() < 0.1:
                    cell.number_format = draw.choice(_FORMATS)

    return _in_book(draw, content, change)


def merged(draw: random.Random, content: bytes) -> bytes:
    def change(_book: Any, sheet: Any) -> None:
        top, left = draw.randint(1, sheet.max_row), draw.randint(1, sheet.max_column)
        sheet.merge_cells(
            start_row=top,
            start_column=left,
            end_row=top + draw.choice((0, 1, 5)),
            end_column=left + draw.choice((0, 1, 30)),
        )

    return _in_book(draw, content, change)


def arranged(draw: random.Random, content: bytes) -> bytes:
    """Sheets hidden, renamed, swapped, copied; rows and columns put in or taken out."""

    def change(book: Any, sheet: Any) -> None:
        other = draw.choice(book.worksheets)
        act = draw.randrange(4 if _is_vast(sheet) else 8)
        if act == 0:
            sheet.sheet_state = draw.choice(("hidden", "veryHidden"))
            book.active = other
        elif act == 1:
            sheet.title = draw.choice((" " + sheet.title, sheet.title + "(2)", "表", "a" * 31))
        elif act == 2:
            one, two = sheet.title, other.title
            sheet.title, other.title, sheet.title = "x1", one, two
        elif act == 3:
            book.copy_worksheet(sheet)
        elif act == 4:
            sheet.insert_rows(draw.randint(1, 4), draw.choice((1, 3, 20)))
        elif act == 5:
            sheet.delete_rows(draw.randint(1, 3), draw.choice((1, 50)))
        elif act == 6:
            sheet.delete_cols(draw.randint(1, sheet.max_column))
        else:
            sheet.insert_cols(draw.randint(1, sheet.max_column))

    return _in_book(draw, content, change)


def far_away(draw: random.Random, content: bytes) -> bytes:
    """A stray cell, a link or a comment far beyond the rows."""

    def change(_book: Any, sheet: Any) -> None:
        row, column = draw.choice(((1_048_576, 16_384), (5000, 1), (3, 16_384), (200_000, 3)))
        cell = sheet.cell(row, column)
        cell.value = draw.choice(("x", 1, " "))
        if draw.random() < 0.3:
            sheet._hyperlinks.append(Hyperlink(ref=cell.coordinate, location="A1"))

    return _in_book(draw, content, change)


def columns_shuffled(draw: random.Random, content: bytes) -> bytes:
    def change(_book: Any, sheet: Any) -> None:
        order = list(range(1, sheet.max_column + 1))
        draw.shuffle(order)
        for row in list(sheet.iter_rows()):
            values = [cell.value for cell in row]
            for cell, at in zip(row, order, strict=True):
                if hasattr(cell, "number_format"):
                    cell.value = values[at - 1]

    return _in_book(draw, content, change)


_CELLS: tuple[Mutation, ...] = (
    cells,
    cells,
    cells,
    formats,
    merged,
    arranged,
    far_away,
    columns_shuffled,
)


# CSV, GeoJSON, shapefile


def csv_fields(draw: random.Random, content: bytes) -> bytes:
    lines = list(csv.reader(io.StringIO(content.decode())))
    for _ in range(draw.choice((1, 2, 12))):
        line = draw.choice(lines)
        value = draw.choice((*HOSTILE_TEXTS, *map(str, HOSTILE_VALUES)))
        if line:
            line[draw.randrange(len(line))] = value
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8", "replace")


def csv_shape(draw: random.Random, content: bytes) -> bytes:
    said = content.decode("utf-8", "replace")
    return draw.choice(
        (
            said.replace(",", ";"),
            said.replace(",", "\t", 3),
            said.replace("\n", '"\n', 2),
            said.replace("\r\n", "\r"),
            '"' + said,
            said + '"' + "x" * 200_000,
            said * 2,
            said.replace("\n", "," * 20_000 + "\n", 1),
            "\n" * 50_000 + said,
            said.replace("2016", "2016\0", 1),
        )
    ).encode()


_CSV: tuple[Mutation, ...] = (csv_fields, csv_fields, csv_shape)


def json_value(draw: random.Random, content: bytes) -> bytes:
    """A value somewhere in the document is another one."""
    document = json.loads(content)
    here, way = document, []
    while isinstance(here, dict | list) and here:
        key = draw.choice(list(here)) if isinstance(here, dict) else draw.randrange(len(here))
        way.append((here, key))
        here = here[key]
        if draw.random() < 0.15:
            break
    holder, key = draw.choice(way[-2:])
    deep: Any = 1.0
    for _ in range(draw.choice((5, 200))):
        deep = [deep]
    holder[key] = draw.choice(
        (None, True, [], {}, "", "x", -1, 1e300, 10**400, float("nan"), float("inf"), deep,
         [[0, 0]], [[[0, 0], [1, 1]]], [1, 2, 3, 4], "Polygon", "Point", "GeometryCollection",
         "320412", "名")
    )  # fmt: skip
    return json.dumps(document, ensure_ascii=False).encode()


def json_rings(draw: random.Random, content: bytes) -> bytes:
    """Outlines that cross themselves, have no area, too few points, or lie elsewhere."""
    document = json.loads(content)
    feature = draw.choice(document["features"])
    points = [
        [draw.uniform(-200, 200), draw.uniform(-100, 100)]
        for _ in range(draw.choice((1, 2, 3, 5, 400)))
    ]
    ring = draw.choice((points, [*points, points[0]], [[119.9, 31.6]] * 5, [*points[:2], [1]]))
    feature["geometry"] = {
        "type": draw.choice(("Polygon", "MultiPolygon", "LineString", "polygon")),
        "coordinates": draw.choice(([ring], [[ring]], ring, [])),
    }
    document[draw.choice(("坐标系", "crs", "type"))] = draw.choice(
        ("GCJ-02", "BD-09", {"properties": {"name": "EPSG:4490"}}, 3, None, [])
    )
    return json.dumps(document, ensure_ascii=False).encode()


def json_deep(draw: random.Random, _content: bytes) -> bytes:
    return draw.choice((b"[" * 100_000, b'{"features":' * 30_000, b'{"features":[' + b"{}," * 5000))


_JSON: tuple[Mutation, ...] = (json_value, json_value, json_rings, json_rings, json_deep)


def shapefile_part(draw: random.Random, content: bytes) -> bytes:
    entries = _entries(content)
    at = draw.randrange(len(entries))
    entries[at] = entries[at][0], draw.choice(_BYTES)(draw, entries[at][1])
    return _packed(entries)
