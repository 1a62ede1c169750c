"""What a bulletin says, apart from how any document lays it out.

The builder makes it from queries and rules; every renderer (page, Word, PDF, slides, workbook,
HTML) only lays it out and computes nothing. Publishing freezes it as canonical JSON. All texts are
Chinese and final: figures stand in them rounded and with separators as they are to be read.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报); the parts of an official document are those of
GB/T 9704-2012.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    """Frozen, and refusing what it does not know: a content read back is the one written."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    """What sort of issue it is."""

    BULLETIN = "情况通报"
    CASES = "实例讲评"


class FigureUsed(_Part):
    """A figure of the store that the bulletin tells: what differs later is found by these.

    `value` is in the indicator's store unit (fen, ppm, pieces; see docs/data.md). Several texts may
    tell the same figure; `text` is the rounded one without its unit.
    """

    indicator: str
    unit_code: str
    measure: Literal["value", "target", "scheduled", "numerator", "denominator"]
    value: int
    text: str


class Definition(_Part):
    """What an indicator that the bulletin tells means; `label` is its head in tables."""

    indicator: str
    name: str
    label: str
    formula: str
    clause: str
    department: str


class FigureOrigin(_Part):
    """Where the figures of an indicator of one unit came from when the bulletin was made.

    `row` is the unit's name in tables, `children` how many units' figures are in it, `rows` how
    many rows of the workbooks (None where that is not to be told), `newest` when the last of the
    `files` came (UTC).
    """

    indicator: str
    unit_code: str
    row: str
    children: int
    rows: int | None
    files: tuple[str, ...]
    newest: datetime | None


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Column(_Part):
    """A column; neighbours with the same `group` stand under one merged head."""

    head: str
    group: str = ""
    align: Align = Align.RIGHT
    number_format: str = ""
    """As a workbook writes it: "#,##0", "0.0%", "#,##0.00"; "" for text."""
    width: int = 10
    """In half-width characters, for layouts that must be told."""


class Cell(_Part):
    """What stands in a table's cell; `number` is the same for a workbook, None for text.

    `number` is in the column's shown unit (a rate 0-1 where the format is a percentage).
    `light` is "", "green", "yellow" or "red"; the text says the same, never the colour alone.
    """

    text: str
    number: float | None = None
    light: Literal["", "green", "yellow", "red"] = ""


class Table(_Part):
    """Rows of cells under their heads; `unit_note` stands above it at the right ("单位:万元")."""

    kind: Literal["table"] = "table"
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit_note: str = ""
    footnote: str = ""
    total_row: bool = False
    """Whether the first row is the whole of the others (全区), set off from them."""


class Series(_Part):
    name: str
    values: tuple[float | None, ...]
    """One a category; None where nothing was reported."""
    texts: tuple[str, ...]


class Chart(_Part):
    """A chart that answers one question, named in its title. `alt` says in words what it shows."""

    kind: Literal["chart"] = "chart"
    mark: Literal["bar", "line", "stacked"]
    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    alt: str
    source: str = ""


class Paragraph(_Part):
    """A paragraph of body text; level 0 is text, 2-4 are headings "(一)", "1." and "(1)"."""

    kind: Literal["paragraph"] = "paragraph"
    text: str
    level: Literal[0, 2, 3, 4] = 0


Block = Annotated[Paragraph | Table | Chart, Field(discriminator="kind")]


class Section(_Part):
    """A heading of level 1, numbered by the renderer ("一、"), with its blocks.

    `message` is the section in one sentence, for a slide's title.
    """

    heading: str
    message: str
    blocks: tuple[Block, ...]


class Attachment(_Part):
    """附件1, 附件2 …: a table on pages of its own, landscape where it is wide."""

    title: str
    table: Table
    landscape: bool = False


class Omitted(_Part):
    """A sentence that was left out, and the figure that was missing for it."""

    sentence: str
    missing: str


class Bulletin(_Part):
    """One issue, whole. `number` is 0 for a draft; it and the dates come with publishing."""

    kind: Kind
    unit_code: str
    unit_name: str
    period: str
    title: str
    issuer: str
    document_prefix: str
    year: int
    number: int
    recipients: str
    """主送机关, as written."""
    opening: str
    sections: tuple[Section, ...]
    attachments: tuple[Attachment, ...]
    cut_off: datetime
    issued_on: date | None
    signatory: str
    copies_to: str
    printed_by: str
    corrects: str = ""
    """The document number that this one corrects."""
    is_demo: bool
    as_of: date | None = None
    """The day at whose end this was known; None for the present, and for all that is published."""
    figures: tuple[FigureUsed, ...]
    omitted: tuple[Omitted, ...] = ()
    definitions: tuple[Definition, ...] = ()
    origins: tuple[FigureOrigin, ...] = ()
    """Of the bulletin's own quarter; empty in issues from before there were any."""

    @property
    def document_number(self) -> str:
        """发文字号: 武扶组办〔2016〕3号; a draft has none yet."""
        if self.is_draft:
            return ""
        return f"{self.document_prefix}〔{self.year}〕{self.number}号"

    @property
    def is_correction(self) -> bool:
        return bool(self.corrects)

    @property
    def is_draft(self) -> bool:
        return self.number == 0

    def blocks(self) -> Iterator[Paragraph | Table | Chart]:
        for section in self.sections:
            yield from section.blocks


_NUMERALS = "零一二三四五六七八九十"


def numeral(number: int) -> str:
    """1 to 99 in Chinese numerals, as headings count: 一, 十, 十二, 二十一."""
    if not 1 <= number <= 99:
        raise ValueError("only 1 to 99 are counted in Chinese numerals")
    tens, ones = divmod(number, 10)
    said = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return said + (_NUMERALS[ones] if ones else "")


def day_text(on: date) -> str:
    """2016年10月12日, without leading zeros."""
    return f"{on.year}年{on.month}月{on.day}日"


def canonical(bulletin: Bulletin) -> str:
    """The one way to write a bulletin down: JSON with sorted keys and no spaces.

    What older issues do not have is left out where it is empty: they are written as they were.
    """
    told = bulletin.model_dump(mode="json")
    told = {key: value for key, value in told.items() if value or key not in _LATER}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_LATER = ("definitions", "origins")
"""Keys that came when issues had been published already."""


def from_json(text: str) -> Bulletin:
    """Back from its canonical form. Raises pydantic.ValidationError for anything else."""
    return Bulletin.model_validate_json(text)
