"""Two hundred files that mean harm, uploaded as a town would: each ends in a sentence, none in the
store, none in a crash, none takes long.

Every kind is made from a workbook that is accepted as it is; the number of a file is its seed.
"""

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from dashboard.data import schema, uploads
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.store import Store
from dashboard.data.uploads import UploadError
from dashboard.policy.access import Role, Viewer
from dashboard.settings import Settings

from .books import INCOME, TOWN, book, load_units

TOWN_OFFICE = Viewer("town", Role.TOWN, TOWN)
GOOD = book({"村集体收入": INCOME})
SECONDS = 5.0
FILES_A_KIND = 10
CHINESE = re.compile(r"[\u4e00-\u9fff]")

Made = tuple[str, bytes]
Edit = Callable[[dict[str, bytes], random.Random], None]


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def edited(edit: Edit) -> Callable[[random.Random], Made]:
    def make(dice: random.Random) -> Made:
        files = parts()
        edit(files, dice)
        return "收入.xlsx", packed(files)

    return make


SHEET = "xl/worksheets/sheet1.xml"
XML_PARTS = (SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml")


def _declare(files: dict[str, bytes], name: str, doctype: str, use: str = "") -> None:
    body = re.sub(rb"^<\?xml[^>]*\?>", b"", files[name])
    if use:
        body = body.replace(b"</", use.encode() + b"</", 1)
    files[name] = b'<?xml version="1.0"?>' + doctype.encode() + body


def laughs(files: dict[str, bytes], dice: random.Random) -> None:
    """Entities of entities: a thousand million from a few lines."""
    depth = dice.randint(8, 12)
    lines = ['<!ENTITY e0 "ha">']
    lines += [f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, depth)]
    _declare(files, dice.choice(XML_PARTS), f"<!DOCTYPE x [{''.join(lines)}]>", f"&e{depth - 1};")


def outside(files: dict[str, bytes], dice: random.Random) -> None:
    """An entity that is a file or an address of the server."""
    where = dice.choice(("file:///etc/passwd", "http://127.0.0.1:1/x", "ftp://192.0.2.1/x"))
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{where}">]>'
    _declare(files, dice.choice(XML_PARTS), doctype, "&e;")


def quadratic(files: dict[str, bytes], dice: random.Random) -> None:
    long = "a" * dice.randint(50_000, 200_000)
    _declare(files, SHEET, f'<!DOCTYPE x [<!ENTITY e "{long}">]>', "&e;" * 500)


def macros(files: dict[str, bytes], dice: random.Random) -> None:
    folder = dice.choice(("xl/", "XL/", "xl/sub/", ""))
    files[f"{folder}{dice.choice(('vbaProject.bin', 'VBAPROJECT.BIN'))}"] = dice.randbytes(64)


def links(files: dict[str, bytes], dice: random.Random) -> None:
    folder = dice.choice(("xl/externalLinks/", "xl/ExternalLinks/"))
    files[f"{folder}externalLink{dice.randint(1, 9)}.xml"] = b"<externalLink/>"


def swollen(files: dict[str, bytes], dice: random.Random) -> None:
    files[f"xl/media/{dice.randint(1, 99)}.png"] = b"\0" * dice.randint(20, 120) * 1_000_000


def deep(files: dict[str, bytes], dice: random.Random) -> None:
    depth = dice.randint(20_000, 60_000)
    nested = b"<a>" * depth + b"</a>" * depth
    files[SHEET] = files[SHEET].replace(b"</worksheet>", nested + b"</worksheet>")


def spans(files: dict[str, bytes], dice: random.Random) -> None:
    area = dice.choice(("A1:XFD1048576", "A2:ZZ900000", "B2:XFD70000"))
    merge = f'<mergeCells count="1"><mergeCell ref="{area}"/></mergeCells></worksheet>'
    files[SHEET] = files[SHEET].replace(b"</worksheet>", merge.encode())


def far(files: dict[str, bytes], dice: random.Random) -> None:
    """A cell at the end of the world, and a false size."""
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    files[SHEET] = files[SHEET].replace(b"</sheetData>", cell.encode())
    files[SHEET] = re.sub(rb'ref="[^"]*"', b'ref="A1:XFD1048576"', files[SHEET], count=1)


def formulas(files: dict[str, bytes], dice: random.Random) -> None:
    said = dice.choice(
        ("cmd|'/c calc'!A1", 'HYPERLINK("http://192.0.2.1","x")', 'WEBSERVICE("http://192.0.2.1")')
    )
    cell = f'<c r="D2"><f>{said}</f></c>'.encode()
    files[SHEET] = files[SHEET].replace(b'<c r="D2" t="n"><v>100</v></c>', cell)


def numbers(files: dict[str, bytes], dice: random.Random) -> None:
    value = dice.choice((b"1e999", b"-1e999", b"NaN", b"INF", b"9" * 400, b"1e-400"))
    files[SHEET] = re.sub(rb"<v>100</v>", b"<v>" + value + b"</v>", files[SHEET], count=1)


def lost(files: dict[str, bytes], dice: random.Random) -> None:
    del files[dice.choice([name for name in files if name != "docProps/core.xml"])]


def scrambled(files: dict[str, bytes], dice: random.Random) -> None:
    name = dice.choice([name for name in files if name.endswith(".xml")])
    content = bytearray(files[name])
    for _ in range(dice.randint(1, 30)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    files[name] = bytes(content)


def climbing(dice: random.Random) -> Made:
    """Names that would leave a folder, twice the same name, a name of odd characters."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        for name in ("../../etc/cron.d/x", "/etc/passwd", "xl\\..\\..\\x", SHEET):
            archive.writestr(name, dice.randbytes(20))
    return dice.choice(("../../收入.xlsx", "收入.xlsx", "/etc/passwd.xlsx")), out.getvalue()


def cut(dice: random.Random) -> Made:
    return "收入.xlsx", GOOD[: dice.randrange(1, len(GOOD))]


def flipped(dice: random.Random) -> Made:
    content = bytearray(GOOD)
    for _ in range(dice.randint(1, 40)):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    return "收入.xlsx", bytes(content)


def disguised(dice: random.Random) -> Made:
    """Something else under a name that is let in."""
    content = dice.choice(
        (
            b"MZ" + dice.randbytes(400),
            b"\x7fELF" + dice.randbytes(400),
            b"%PDF-1.7\n" + dice.randbytes(400),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + dice.randbytes(2000),  # an encrypted workbook
            b"<html><script>alert(1)</script></html>",
            b"",
            dice.randbytes(1000),
        )
    )
    return dice.choice(("收入.xlsx", "收入.csv", "收入.XLSX", "收入.geojson", "收入.zip")), content


def tables(dice: random.Random) -> Made:
    """CSV that swells, has formulas, quotes without an end, zeros, wrong letters."""
    head = ",".join(INCOME[0])
    row = dice.choice(
        (
            "=cmd|'/c calc'!A1," * 10,
            '"' + "a" * 100_000,
            "\0" * 1000,
            ",".join("9" * 500 for _ in range(10)),
            "," * 200_000,
            "2016,3," + TOWN + "201,=1+1,@SUM(1),+1,-1,{=1},x,y",
        )
    )
    encoding = dice.choice(("utf-8", "gb18030", "utf-16"))
    return "村集体收入.csv", f"{head}\n{row}\n".encode(encoding)


def ragged(dice: random.Random) -> Made:
    """CSV in which one line has more columns than all others together."""
    lines = [",".join(INCOME[0]), *("2016",) * dice.randint(30_000, 40_000)]
    lines[dice.randint(1, 9)] = "," * dice.choice((14_000, 16_383, 900_000))
    return "村集体收入.csv", "\n".join(lines).encode()


def unzipped(dice: random.Random) -> Made:
    """Archives within archives, and outlines that are none."""
    inner = packed({"a.shp": dice.randbytes(200), "a.dbf": dice.randbytes(200)})
    for _ in range(dice.randint(1, 5)):
        inner = packed({"a.zip": inner, "a.shx": dice.randbytes(50)})
    return "边界.zip", inner


KINDS: dict[str, Callable[[random.Random], Made]] = {
    **{
        edit.__name__: edited(edit)
        for edit in (laughs, outside, quadratic, macros, links, swollen, deep, spans, far)
    },
    **{edit.__name__: edited(edit) for edit in (formulas, numbers, lost, scrambled)},
    **{
        make.__name__: make
        for make in (climbing, cut, flipped, disguised, tables, ragged, unzipped)
    },
}
MUST_REFUSE = {"laughs", "outside", "quadratic", "macros", "links", "swollen", "spans"}
MUST_REFUSE |= {"formulas", "numbers", "cut", "disguised", "tables", "ragged", "unzipped"}
"""The others may come out as what they were, or as a file that says nothing."""


@dataclass(frozen=True)
class Ended:
    refused: bool
    seconds: float


def rows(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in schema.metadata.sorted_tables
        }


def submitted(store: Store, settings: Settings, made: Made) -> Ended:
    start = time.perf_counter()
    try:
        uploads.submit(store, settings, TOWN_OFFICE, *made)
    except ImportRefused as error:
        sentences = [problem.sentence for problem in error.problems]
        assert sentences
        assert all(CHINESE.search(one) for one in sentences)
        refused = True
    except UploadError as error:
        assert CHINESE.search(str(error))
        refused = True
    else:
        refused = False
    return Ended(refused, time.perf_counter() - start)


def test_the_workbook_itself_is_accepted(sqlite_store: Store, settings: Settings) -> None:
    """Else every refusal below would be for another reason."""
    load_units(sqlite_store, settings)
    assert not submitted(sqlite_store, settings, ("收入.xlsx", GOOD)).refused


def test_there_are_enough_of_them() -> None:
    assert len(KINDS) * FILES_A_KIND + FILES_A_KIND >= 200


@pytest.mark.parametrize("kind", KINDS)
def test_it_ends_in_a_sentence(kind: str, sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    before = rows(sqlite_store)
    files = FILES_A_KIND + (FILES_A_KIND if kind == "scrambled" else 0)
    for seed in range(files):
        made = KINDS[kind](random.Random(seed))
        ended = submitted(sqlite_store, settings, made)
        assert ended.seconds < SECONDS, f"{kind} {seed}"
        assert ended.refused or kind not in MUST_REFUSE, f"{kind} {seed} was taken"
        if not ended.refused:
            # What it put before the office is a row that waits, not a figure.
            after = rows(sqlite_store)
            changed = {name for name in after if after[name] != before[name]}
            assert changed <= {"upload", "audit_event"}
            before = after
    assert rows(sqlite_store) == before
