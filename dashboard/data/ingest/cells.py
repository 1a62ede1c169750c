"""One cell: read what is certain, refuse what is not with what was expected. Nothing is guessed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from sys import float_info
from typing import Any, NamedTuple

from dashboard.data.ingest.number_formats import Look
from dashboard.policy.aggregation import RATE_SCALE
from dashboard.policy.codes import is_code
from dashboard.policy.money import FEN_A_WAN, FEN_A_YUAN, fen_from


class CellError(ValueError):
    """The cell cannot be read; the message says what was expected."""


AS_STORED = Look()


class Cell(NamedTuple):
    """A cell as read; `look` is how its number format displays a number.

    A tuple, as a large file has millions of them.
    """

    value: Any
    row: int
    column: int
    look: Look = AS_STORED

    @property
    def is_blank(self) -> bool:
        value = self[0]
        return value is None or (isinstance(value, str) and not value.strip())

    @property
    def shown(self) -> Decimal | None:
        """The number as the sheet displays it; None where it is not a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return None
        value = exact(self.value)
        places = self.look.places
        if places is None or self.look.is_percent:
            return value
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


Parse = Callable[[Cell], Any]

_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_QUARTER = re.compile(r"(?:第?([1-4一二三四])季度?|Q([1-4])|([1-4]))")
_DATES = (
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_IDENTIFIER = re.compile(r"[\w〔〕()\[\]/.\-]{1,40}")
_MONTH_OF_YEAR = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月)")
MONEY_UNIT = re.compile(r"[亿千百十万]*元|[亿千百十万]+")
_LONGEST_TEXT = 2000
_MAX_DIGITS = 12


def exact(value: float) -> Decimal:
    """The number that a sheet shows for this float."""
    # A whole number beyond all floats is in no sheet that a spreadsheet has written.
    if isinstance(value, int) and abs(value) > float_info.max:
        return Decimal(value)
    # A sheet keeps 15 significant digits; what lies beyond is noise of the binary form.
    return Decimal(format(value, ".15g"))


def normal(value: Any) -> str:
    """Half-width, trimmed text: ' 123 ' is '123'. Whole floats lose their .0."""
    if type(value) is str and value.isascii():
        return value.strip()
    return _normal(value)


@lru_cache(maxsize=8192, typed=True)
def _normal(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip()


def folded(text: str) -> str:
    """The same for texts that a person reads as the same: H001, h001, H 001."""
    known = text if text.isascii() else normal(text)
    return "".join(known.casefold().split())


def text(cell: Cell) -> str:
    said = str(normal(cell.value) if isinstance(cell.value, int | float) else cell.value).strip()
    if len(said) > _LONGEST_TEXT:
        raise CellError(f"应不超过{_LONGEST_TEXT}个字")
    return said


def short_text(longest: int) -> Parse:
    def parse(cell: Cell) -> str:
        said = text(cell)
        if len(said) > longest:
            raise CellError(f"应不超过{longest}个字")
        return said

    return parse


def identifier(cell: Cell) -> str:
    """A number given to something (农户编号, 项目编号): kept as text."""
    said = normal(cell.value)
    if not _IDENTIFIER.fullmatch(said):
        raise CellError("应为不超过40位的编号,不含空格")
    return said


def unit_code(cell: Cell) -> str:
    said = normal(cell.value)
    if not is_code(said):
        raise CellError("应为6位、9位或12位统计用区划代码")
    return said


def number(cell: Cell) -> Decimal:
    """A number; full-width digits and thousands separators are read, words are not."""
    if isinstance(cell.value, bool | date):
        raise CellError("应为数字")
    if isinstance(cell.value, int | float):
        if cell.look.is_percent:
            raise CellError("单元格是百分比格式,本列不是百分数;请改为数字格式并核对数值")
        return exact(cell.value)
    said = normal(cell.value).replace(" ", "")
    if _GROUPED.fullmatch(said):
        said = said.replace(",", "")
    if not _PLAIN.fullmatch(said) or len(said) > 2 * _MAX_DIGITS:
        raise CellError("应为数字,不带文字和单位")
    return Decimal(said)


def whole(cell: Cell) -> int:
    value = number(cell)
    if value != value.to_integral_value() or value.adjusted() > _MAX_DIGITS:
        raise CellError("应为整数")
    return int(value)


def between(low: int, high: int, what: str) -> Parse:
    def parse(cell: Cell) -> int:
        value = whole(cell)
        if not low <= value <= high:
            raise CellError(f"应为{what}({low}至{high})")
        return value

    return parse


def year(cell: Cell) -> int:
    said = normal(cell.value).removesuffix("年")
    if not re.fullmatch(r"20\d\d", said):
        raise CellError("应为四位年度,如2016")
    return int(said)


def quarter(cell: Cell) -> int:
    match = _QUARTER.fullmatch(normal(cell.value).upper())
    if match is None:
        raise CellError("应为季度1、2、3、4")
    said = next(group for group in match.groups() if group)
    return _QUARTERS.get(said) or int(said)


def month(cell: Cell) -> int:
    said = normal(cell.value).removesuffix("月")
    if len(said) > 2 or not said.isdecimal() or not 1 <= int(said) <= 12:
        raise CellError("应为月份1至12")
    return int(said)


def month_of_year(cell: Cell) -> str:
    """A month with its year, as "2016-09"."""
    if isinstance(cell.value, date):
        return f"{cell.value:%Y-%m}"
    match = _MONTH_OF_YEAR.fullmatch(normal(cell.value))
    if match is None or not 1 <= int(match[2] or match[3]) <= 12:
        raise CellError("应为年月,如2016-09")
    return f"{match[1]}-{int(match[2] or match[3]):02d}"


def day(cell: Cell) -> date:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    for form in _DATES:
        match = form.fullmatch(normal(cell.value))
        if match:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                break
    raise CellError("应为日期,如2016-09-30")


def wan(most: int | None = None) -> Parse:
    """万元 as fen, not negative. Above `most` (万元) the cell was filled in with the wrong unit."""

    def parse(cell: Cell) -> int:
        _shown_in(cell, "万元")
        value = _not_negative(number(cell), "金额(万元)")
        if most is not None and value > most:
            raise CellError(
                f"超过{most:,}万元,像是以元填写;本列单位为万元(若是元,折合{value / 10_000:,f}万元)"
            )
        return _fen(value, FEN_A_WAN)

    return parse


def yuan(most: int | None = None) -> Parse:
    """元 as fen, not negative."""

    def parse(cell: Cell) -> int:
        _shown_in(cell, "元")
        value = _not_negative(number(cell), "金额(元)")
        if most is not None and value > most:
            raise CellError(f"超过{most:,}元,请核对;本列单位为元")
        return _fen(value, FEN_A_YUAN)

    return parse


def percent(cell: Cell) -> int:
    """A percentage as millionths: 95, "95%" or a cell formatted as percent. 0.95 is ambiguous."""
    if isinstance(cell.value, str) and normal(cell.value).endswith("%"):
        value = number(Cell(normal(cell.value)[:-1], cell.row, cell.column)) / 100
    elif cell.look.is_percent:
        value = number(cell._replace(look=AS_STORED))
    else:
        value = number(cell) / 100
        if 0 < value <= Decimal("0.01"):
            raise CellError("无法判断是百分数还是小数;95%请填95,或把单元格设为百分比格式")
    if value < 0:
        raise CellError("应为不小于0的百分数")
    millionths = value * RATE_SCALE
    if millionths != millionths.to_integral_value():
        raise CellError("百分数最多4位小数")
    return int(millionths)


def choice(options: Mapping[str, str], what: str) -> Parse:
    """One of the words; stored as what it maps to."""

    def parse(cell: Cell) -> str:
        said = normal(cell.value)
        if said not in options:
            raise CellError(f"应为{what}:{'、'.join(options)}")
        return options[said]

    return parse


def degrees(low: float, high: float, what: str) -> Parse:
    def parse(cell: Cell) -> float:
        value = float(number(cell))
        if not low <= value <= high:
            raise CellError(f"应为{what},{low:g}至{high:g}度")
        return value

    return parse


def _shown_in(cell: Cell, unit: str) -> None:
    """A number format may write a unit beside the number: 0"元" in a column of 万元."""
    others = [said for said in MONEY_UNIT.findall(cell.look.words) if said not in (unit, unit[:-1])]
    if others:
        raise CellError(f"单元格格式显示“{others[0]}”,本列单位为{unit};请核对后改为数字格式")


def _not_negative(value: Decimal, what: str) -> Decimal:
    if value < 0:
        raise CellError(f"应为不小于0的{what}")
    return value


def _fen(value: Decimal, unit: int) -> int:
    try:
        return fen_from(value, unit)
    except ValueError as error:
        raise CellError(
            f"{error}(最多{6 if unit == FEN_A_WAN else 2}位小数),请四舍五入后填写"
        ) from None
