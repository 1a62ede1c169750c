"""The measures of a slide in points, and how much of a text a box holds.

A slide is read from the back row: type of 20 points at least in lines, of 14 in tables and charts.
Widths are estimated on the safe side, since the reader's machine may have another font: a Chinese
character and a per cent sign are as wide as their size, any other 0.64 of it, with a quarter
between the two kinds, as some programs set it. Lines are broken as they are in Chinese: a figure
stays whole, and no mark of punctuation begins a line that belongs to the one before.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

from dashboard.briefing.typography import width

SLIDE: Final = (960.0, 540.0)
MARGIN: Final = 44.0
FULL: Final = SLIDE[0] - 2 * MARGIN


@dataclass(frozen=True)
class Box:
    """A place on a slide, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width

    def below(self, height: float) -> "Box":
        """What is left of it under a strip of this height."""
        return Box(self.left, self.top + height, self.width, self.height - height)

    def without_foot(self, height: float) -> "Box":
        return Box(self.left, self.top, self.width, self.height - height)

    def foot(self, height: float) -> "Box":
        return Box(self.left, self.bottom - height, self.width, height)

    def head(self, height: float) -> "Box":
        return Box(self.left, self.top, self.width, height)


EYEBROW: Final = Box(MARGIN, 18, 620, 28)
MARKS: Final = Box(SLIDE[0] - MARGIN - 240, 18, 240, 28)
TITLE: Final = Box(MARGIN, 48, FULL, 74)
RULE_AT: Final = 126.0
CONTENT: Final = Box(MARGIN, 140, FULL, 350)
FOOTER: Final = Box(MARGIN, 504, FULL - 90, 24)
NUMBER: Final = Box(SLIDE[0] - MARGIN - 80, 504, 80, 24)
BESIDE: Final = Box(MARGIN, 140, 380, 350)
"""For the lines where a chart stands at their right."""
CHART: Final = Box(MARGIN + 396, 140, FULL - 396, 350)

TITLE_SIZES: Final = (32.0, 28.0, 24.0, 20.0)
LINE_SIZES: Final = (28.0, 26.0, 24.0, 22.0, 20.0)
TABLE_SIZES: Final = (20.0, 18.0, 16.0, 14.0)
EYEBROW_SIZE: Final = 18.0
REMARK_SIZE: Final = 14.0
FOOTER_SIZE: Final = 12.0
LEADING: Final = 1.3
TITLE_LEADING: Final = 1.12
BULLET: Final = 20.0
"""How far the lines of a list are indented."""
APART: Final = 0.45
"""Space above a line of a list, in parts of its size."""
PADDING: Final = 7.0
"""On either side of a table cell's text."""
ROW_PADDING: Final = 4.0

_HALF: Final = 0.64
_GAP: Final = 0.25
_WIDE, _NARROW = "[\u3000-\u9fff\uff01-\uff60]", "[0-9A-Za-z+%-]"
_MEETING: Final = re.compile(f"(?<={_WIDE})(?={_NARROW})|(?<={_NARROW})(?={_WIDE})")
_TOKEN: Final = re.compile(
    "[“‘（《〔【]*(?:[0-9A-Za-z.,%+/()-]+|.)[，。、；：！？）》〕】”’…—]*", re.DOTALL
)

T = TypeVar("T")


def length(text: str) -> float:
    """The width of a text in characters of its size, on the safe side."""
    wide = 2 * width(text) - len(text) + text.count("%")
    return wide + (len(text) - wide) * _HALF + len(_MEETING.findall(text)) * _GAP


def lines(text: str, size: float, wide: float) -> int:
    """How many lines a text takes in a box this wide."""
    if length(text) * size <= wide:
        return 1
    many, filled, line = 1, 0.0, wide / size
    for token in _TOKEN.findall(text):
        needs = length(token) + (_GAP if token[0].isascii() else 0.0)
        if filled and filled + needs > line:
            many, filled = many + 1, 0.0
        filled += needs
        # What is longer than a line is broken anywhere.
        many, filled = many + int(filled // line), filled % line
    return many


def height(texts: Sequence[str], size: float, wide: float) -> float:
    """How high a list of texts stands, each of them indented and set off from the one above."""
    many = sum(lines(text, size, wide - BULLET) for text in texts)
    return (many * LEADING + max(len(texts) - 1, 0) * APART) * size


def largest(sizes: Sequence[float], texts: Sequence[str], box: Box) -> float | None:
    """The largest of the sizes at which the list stands in the box; None where none does."""
    return next((one for one in sizes if height(texts, one, box.width) <= box.height), None)


def cut(text: str, size: float, box: Box) -> list[str]:
    """A text that fills more than a box, in pieces that each fill less; broken after punctuation
    where there is any.
    """
    pieces = []
    while height([text], size, box.width) > box.height:
        at = _fitting(text, lambda part: height([part], size, box.width) <= box.height)
        ends = [end for end in range(at // 2, at + 1) if text[end - 1] in "。；，、;, "]
        at = ends[-1] if ends else at
        pieces.append(text[:at])
        text = text[at:]
    return [*pieces, text]


def _fitting(text: str, fits: Callable[[str], bool]) -> int:
    """How many of a text's characters fit; one at least, so that what is cut comes to an end."""
    return max(bisect_right(range(1, len(text) + 1), False, key=lambda at: not fits(text[:at])), 1)


def evenly(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """The items in as few parts as hold `most` each, all about as long."""
    parts = max(1, -(-len(items) // most))
    ends = [round(place * len(items) / parts) for place in range(parts + 1)]
    return [items[one:two] for one, two in pairwise(ends)]


def clipped(text: str, size: float, wide: float, most: int) -> str:
    """A text that ends in …… where it would take more lines than that; notes have it whole."""
    if lines(text, size, wide) <= most:
        return text
    room = _fitting(text, lambda part: lines(f"{part}……", size, wide) <= most)
    return f"{text[:room]}……"
