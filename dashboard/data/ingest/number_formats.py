"""What a cell's number format makes of its number: how many decimals show, or another number.

A clerk believes what the screen shows. `0.0` rounds; `0!.0,` (a habit for showing yuan as 万元)
shows a ten-thousandth of what is stored. Format codes: ECMA-376 Part 1, 18.8.31.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|(?P<escaped>[\\!].?)|(?P<space>_.?|\*.?)|(?P<bracket>\[[^\]]*\])
    |(?P<general>General|G/通用格式)|(?P<power>E[+-])|(?P<plain>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[\d.]+)\]")
_OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "=": eq,
    "<>": ne,
}
_DIGITS = "0#?"
Token = tuple[str, str]
"""(kind, text)"""


@dataclass(frozen=True)
class Look:
    """How a number is displayed.

    `places`: decimals shown, None where all are (negative: rounded to tens and so on). `words`: the
    text set around the digits. `distortion`: what is shown is another number than the one stored;
    the words complete “单元格格式…”.
    """

    places: int | None = None
    is_percent: bool = False
    words: str = ""
    distortion: str | None = None


def look(form: str, value: Decimal) -> Look:
    """What the format code `form` shows of the value. A zero is a zero however it is shown."""
    if form in ("", "General", "@"):
        return Look()
    tokens = _section(form, value)
    shown = _look(tokens)
    if shown.places is not None and any(kind == "power" for kind, _ in tokens):
        shown = replace(shown, places=shown.places - (value.adjusted() if value else 0))
    return replace(shown, distortion=None) if not value else shown


@lru_cache(maxsize=512)
def _look(tokens: tuple[Token, ...]) -> Look:
    marks = "".join(said for kind, said in tokens if kind == "plain" and said in f"{_DIGITS}.,%/")
    words = "".join(_said(kind, said) for kind, said in tokens)
    is_percent = "%" in marks
    if not any(digit in marks for digit in _DIGITS):
        is_general = "@" in words or any(kind == "general" for kind, _ in tokens)
        return Look(None, is_percent, words, None if is_general else "不显示数字")
    after = marks.partition(".")[2]
    places = sum(after.count(digit) for digit in _DIGITS)
    return Look(places, is_percent, words, _distortion(marks, words))


def _section(form: str, value: Decimal) -> tuple[Token, ...]:
    """The tokens of the part of the format that applies to this value."""
    sections = _sections(form)
    conditions = [_condition(section) for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or condition(value):
                return section
        return sections[-1]
    if len(sections) > 2 and value == 0:
        return sections[2]
    return sections[1] if len(sections) > 1 and value < 0 else sections[0]


@lru_cache(maxsize=512)
def _sections(form: str) -> tuple[tuple[Token, ...], ...]:
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(form):
        kind = str(match.lastgroup)
        if kind == "plain" and match[0] == ";":
            sections.append([])
        else:
            sections[-1].append((kind, match[0]))
    return tuple(tuple(section) for section in sections)


def _condition(section: tuple[Token, ...]) -> Callable[[Decimal], bool] | None:
    for kind, said in section:
        match = _CONDITION.fullmatch(said) if kind == "bracket" else None
        if match:
            compare, limit = _OPERATORS[match[1]], Decimal(match[2])
            return lambda value: compare(value, limit)
    return None


def _said(kind: str, said: str) -> str:
    if kind == "quoted":
        return said.strip('"')
    if kind == "escaped":
        return said[1:]
    return said if kind == "plain" and said not in f"{_DIGITS}.,%/" else ""


def _distortion(marks: str, words: str) -> str | None:
    if "/" in marks:
        return "把数字显示成分数"
    if re.search(r",(?![0#?,])", marks.rstrip("%")):
        return "把数字缩小后显示(以千、万等为单位)"
    if re.search(r"[\d.,]", words):
        return "在显示的数字中加了小数点或数字"
    return None
