"""A bulletin in the order of an official document, numbered and broken: what paper lays out.

Word and PDF both take their texts from here, so that they cannot say different things.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import groupby
from typing import Final

from dashboard.briefing import standard
from dashboard.briefing.content import (
    Align,
    Bulletin,
    Chart,
    Column,
    Section,
    Table,
    day_text,
    numeral,
)
from dashboard.briefing.typography import full_width, title_lines, width
from dashboard.figures import as_of

DEMO: Final = "演示数据"
DRAFT: Final = "草稿"


@dataclass(frozen=True)
class Line:
    """A paragraph of the body: level 0 is text, 1-4 are headings with their numbers."""

    text: str
    level: int = 0


@dataclass(frozen=True)
class Head:
    """A cell of a table's head, over so many columns and rows."""

    text: str
    columns: int = 1
    rows: int = 1


def marks(bulletin: Bulletin) -> tuple[str, ...]:
    """What every page says of the whole: 演示数据, 草稿, 截至某日的数据, or nothing."""
    said = ((DEMO, bulletin.is_demo), (DRAFT, bulletin.is_draft))
    words = tuple(word for word, holds in said if holds)
    return (*words, as_of(bulletin.as_of)) if bulletin.as_of else words


def head_lines(bulletin: Bulletin) -> tuple[tuple[str, ...], float]:
    """发文机关标志 in one line or two, and its size in points: as large as the page lets it be."""
    area = standard.TYPE_AREA[0] * standard.MM_TO_PT
    long = width(bulletin.issuer) > 14
    lines = title_lines(bulletin.issuer, width(bulletin.issuer) / 2 + 3 if long else 14)
    widest = max(width(line) for line in lines)
    return lines, min(42.0, int(area * 0.96 / widest * 2) / 2)


def title(text: str, landscape: bool = False) -> tuple[str, ...]:
    """A title in 2号 type, broken for the width of its page (7.3.1)."""
    area = standard.TYPE_AREA[1 if landscape else 0] * standard.MM_TO_PT
    return title_lines(full_width(text), int(area / standard.SIZE_2))


def subtitle(bulletin: Bulletin) -> str:
    """Below the title: the number that is corrected, and that the data are made up."""
    said = [f"更正{bulletin.corrects}"] if bulletin.corrects else []
    said += [DEMO] if bulletin.is_demo else []
    return f"（{'；'.join(said)}）" if said else ""


def recipients(bulletin: Bulletin) -> str:
    """主送机关, with a full-width colon at its end (7.3.2)."""
    return full_width(bulletin.recipients).rstrip("：:") + "："


def body(bulletin: Bulletin) -> Iterator[Line | Table | Chart]:
    """The opening and the sections, headings numbered 一、 （一） 1. （1） (7.3.3)."""
    yield Line(full_width(bulletin.opening))
    for place, section in enumerate(bulletin.sections, 1):
        yield Line(section_heading(place, section), level=1)
        yield from section_body(section)


def section_heading(place: int, section: Section) -> str:
    """一、总体进展"""
    return f"{numeral(place)}、{full_width(section.heading)}"


def section_body(section: Section) -> Iterator[Line | Table | Chart]:
    """What stands under a section's heading."""
    counts = {2: 0, 3: 0, 4: 0}
    for block in section.blocks:
        if block.kind != "paragraph":
            yield block
        elif block.level == 0:
            yield Line(full_width(block.text))
        else:
            counts[block.level] += 1
            counts.update({below: 0 for below in counts if below > block.level})
            number = _number(block.level, counts[block.level])
            yield Line(number + full_width(block.text), level=block.level)


def _number(level: int, count: int) -> str:
    return {2: f"（{numeral(count)}）", 3: f"{count}.", 4: f"（{count}）"}[level]


def attachment_notes(bulletin: Bulletin) -> tuple[str, ...]:
    """附件说明 after "附件：": numbered where there are several; no mark after a name (7.3.4)."""
    names = [full_width(one.title).rstrip("。；，") for one in bulletin.attachments]
    if len(names) == 1:
        return (names[0],)
    return tuple(f"{place}.{name}" for place, name in enumerate(names, 1))


def attachment_label(bulletin: Bulletin, place: int) -> str:
    """附件1, 附件2 …; the only one is 附件 (7.3.7)."""
    return "附件" if len(bulletin.attachments) == 1 else f"附件{place}"


def dated(bulletin: Bulletin) -> str:
    """成文日期; a draft has none."""
    return day_text(bulletin.issued_on) if bulletin.issued_on and not bulletin.is_draft else ""


def moment(bulletin: Bulletin) -> datetime:
    """The file's own time, in UTC: the day of issue; for a draft up to when its data reach."""
    if bulletin.issued_on:
        return datetime.combine(bulletin.issued_on, time(), UTC)
    at = bulletin.cut_off
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def imprint(bulletin: Bulletin) -> tuple[str, str, str]:
    """版记: 抄送机关, 印发机关 and 印发日期; "" for what there is not (7.4)."""
    copies = full_width(bulletin.copies_to).rstrip("。")
    on = dated(bulletin)
    return f"抄送：{copies}。" if copies else "", bulletin.printed_by, f"{on}印发" if on else ""


def imprint_tracking(bulletin: Bulletin) -> float:
    """Points by which the printer's characters stand closer, to share a line with the date.

    0 where there is room, an eighth of a character at most: a longer name takes two lines.
    """
    _, printer, _ = imprint(bulletin)
    size = standard.SIZE_4
    area = standard.TYPE_AREA[0] * standard.MM_TO_PT
    room = area - imprint_date_room(bulletin) - 1.25 * size
    return max(min(0.0, (room - width(printer) * size) / max(len(printer), 1)), -size / 8)


def imprint_date_room(bulletin: Bulletin) -> float:
    """Points for the date in 版记 and the character behind it; figures may be wider than half."""
    return (width(imprint(bulletin)[2]) * 1.15 + 1) * standard.SIZE_4


def chart_title(chart: Chart) -> str:
    """The question that the chart answers, with the unit of its figures."""
    unit = f"（单位：{chart.unit}）" if chart.unit else ""
    return full_width(chart.title) + unit


def source_note(chart: Chart) -> str:
    return f"资料来源：{full_width(chart.source)}" if chart.source else ""


def heads(table: Table) -> tuple[tuple[Head, ...], ...]:
    """The head's rows: neighbours of one group under a merged head, the others over both rows."""
    if not any(column.group for column in table.columns):
        return (tuple(Head(full_width(column.head)) for column in table.columns),)
    upper: list[Head] = []
    lower: list[Head] = []
    for group, members in groupby(table.columns, key=_group):
        columns = list(members)
        if group:
            upper.append(Head(full_width(group), columns=len(columns)))
            lower += [Head(full_width(column.head)) for column in columns]
        else:
            upper += [Head(full_width(column.head), rows=2) for column in columns]
    return tuple(upper), tuple(lower)


def _group(column: Column) -> str:
    return column.group


_DIGIT: Final = 0.7
"""A digit's width in characters: more than one half, where it is bold or another font stands in."""
_HEAD_ROOM: Final = 1.1


def _unbroken(text: str) -> float:
    """The room that a figure takes on one line, in characters."""
    wide = width(text)
    return wide + (_DIGIT - 0.5) * 2 * (len(text) - wide)


def _needs(table: Table) -> tuple[float, ...]:
    """What each column holds, in characters: text as it was told, figures as they are, unbroken."""
    return tuple(
        column.width / 2
        if column.align is Align.LEFT
        else max(
            _HEAD_ROOM * width(column.head),
            *(_unbroken(row[at].text) for row in table.rows),
            2.0,
        )
        for at, column in enumerate(table.columns)
    )


def column_widths(table: Table, total: float, padding: float = 0) -> tuple[float, ...]:
    """The columns' widths, in parts of `total`, each with its padding and its part of the rest."""
    needs = _needs(table)
    rest = total - padding * len(needs)
    return tuple(padding + rest * need / sum(needs) for need in needs)


def table_size(table: Table, total_pt: float, padding_pt: float) -> float:
    """The largest of the type sizes at which every column holds what it needs to."""
    room = total_pt - len(table.columns) * padding_pt
    fitting = (size for size in standard.TABLE_SIZES if sum(_needs(table)) * size <= room)
    return next(fitting, standard.TABLE_SIZES[-1])


def stays_whole(table: Table) -> bool:
    """Whether the table is kept on one page: short ones are."""
    return len(table.rows) <= 12
