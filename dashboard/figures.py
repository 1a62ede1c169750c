"""How a figure is put into digits, the same on screens and in documents."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal

from dashboard.config_models import IndicatorEntry
from dashboard.policy.money import FEN_A_WAN, wan_text, yuan_text
from dashboard.policy.periods import CHINA_TIME

NONE = "—"
DOUBT = "◇"
"""Behind a figure that waits to be checked. Not ※, which the ranking has for few villages."""
PARTIAL_NOTE = "* 尚未全部填报,为已填报单位的合计。"
DOUBT_NOTE = "◇ 有核查线索或已退回,待核实;是提示,不是结论。"
NOT_PUBLIC = "不公开"
NOT_PUBLIC_NOTE = f"“{NOT_PUBLIC}”的,农户太少,数字会说出某一户的收入;连同能推算出它的一并不公开。"
"""In place of a figure that would tell what a few households earn (dashboard.data.few)."""
_LARGE = 1000 * FEN_A_WAN
"""From here on (fen) an amount is shown in whole 万元: a column's width is dear."""


def figure(
    value: int | None,
    entry: IndicatorEntry,
    lines: tuple[int, ...] = (),
    places: int | None = None,
) -> str:
    """A figure without its unit (the head carries it): 1,583 · 149.9999 · 90.0 · 9,800.

    Amounts in 万元 have `places` decimals, else as many as their size deserves; more where fewer
    would show them on another side of one of `lines` (fen).
    """
    if value is None:
        return NONE
    if entry.quantity == "money":
        fitting = 0 if abs(value) >= _LARGE else 2
        return wan_text(value, fitting if places is None else places, lines)
    if entry.quantity == "money_yuan":
        return yuan_text(value)
    if entry.quantity == "count":
        return f"{value:,}"
    return f"{rounded(Decimal(value) / entry.scale):,}"


def in_unit(value: int, entry: IndicatorEntry) -> float:
    """A figure as a number in the indicator's unit: 万元, 元, percent, pieces."""
    return float(Decimal(value) / entry.scale)


def goal(target: int, entry: IndicatorEntry, places: int | None = None) -> str:
    """A target beside its figure: 目标1,200; a whole percent without its zero."""
    return f"目标{figure(target, entry, places=places).removesuffix('.0')}"


def rate(value: float | None) -> str:
    """A completion rate, 1 being 100 %. A rate just short of 100 % is not shown as 100.0%."""
    if value is None:
        return NONE
    exact = Decimal(str(value)) * 100
    shown = rounded(exact)
    if (shown >= 100) != (exact >= 100):
        shown = Decimal("99.9")
    return f"{shown}%"


def signed(value: int, entry: IndicatorEntry) -> str:
    """A difference with its sign and unit: +20户."""
    return f"{'+' if value > 0 else ''}{figure(value, entry)}{entry.unit}"


def rounded(value: Decimal, to: str = "0.1") -> Decimal:
    """Rounded half up; never a negative zero."""
    return value.quantize(Decimal(to), ROUND_HALF_UP) + 0


def as_of(day: date) -> str:
    """What screens and files say of an earlier state: 截至2016年10月12日的数据."""
    return f"截至{day.year}年{day.month}月{day.day}日的数据"


def moment(at: datetime) -> str:
    """2016年10月12日15:04 on the office's clock; a time without a zone is UTC."""
    here = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA_TIME)
    return f"{here.year}年{here.month}月{here.day}日{here:%H:%M}"
