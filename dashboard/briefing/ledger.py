"""Every figure that a bulletin may tell, in one place, and which of them it has told.

Texts, tables and charts take their figures from here by name; what is not known cannot be told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal

from dashboard.briefing.content import FigureUsed
from dashboard.policy.periods import Period

Measure = Literal["value", "target", "scheduled", "numerator", "denominator"]
Key = tuple[str, str, Measure]
"""(indicator, unit code, measure). An indicator is a code of the catalogue or the Chinese name of a
total; of another quarter than the bulletin's, it bears that: V02@2016Q2."""
SCORE, RANK = "综合得分", "综合排名"
ON_LINE, SHORT_OF_LINE = "恰在目标线上的村数", "未达标村数"
NEWLY_OVER, NEWLY_WEAK, NO_LONGER_WEAK = "新达标村数", "新成为经济一般村数", "退出经济一般村数"
LACKING_SECRETARY = "无第一书记的经济一般村数"
LATE, RETURNED, RETURNED_OPEN = "未填报单位数", "退回次数", "退回未更正次数"
ARRANGED, ALLOCATED, SPENT = "资金安排", "资金拨付", "资金支出"
OPEN_AUDITS = "审计待整改资金笔数"
PROJECTS, INVESTED, OVERDUE_PROJECTS = "开工项目数", "项目总投资", "逾期未完工项目数"
OWN, TRANSFERRED, OTHERS = "自有收入", "转移收入", "捐赠和其他收入"


class Missing(Exception):
    """A figure that is not there; the message names it in Chinese."""


class Ledger:
    """Hands out figures and writes down which were told."""

    def __init__(self, known: Mapping[Key, int]) -> None:
        self._known = known
        self._told: dict[Key, FigureUsed] = {}
        self._pending: dict[Key, FigureUsed] | None = None

    def value(self, indicator: str, unit: str, measure: Measure = "value") -> int | None:
        """A figure without telling it; None where it is not known."""
        return self._known.get((indicator, unit, measure))

    def tell(self, indicator: str, unit: str, text: str, measure: Measure = "value") -> str:
        """Write a figure down with the text that tells it, and give back the text."""
        value = self._known.get((indicator, unit, measure))
        if value is None:
            raise Missing(indicator)
        book = self._told if self._pending is None else self._pending
        used = FigureUsed(
            indicator=indicator, unit_code=unit, measure=measure, value=value, text=text
        )
        book.setdefault((indicator, unit, measure), used)
        return text

    @contextmanager
    def sentence(self) -> Iterator[None]:
        """Figures told within count only if nothing goes wrong: a sentence left out tells none."""
        self._pending = {}
        try:
            yield
            for key, used in self._pending.items():
                self._told.setdefault(key, used)
        finally:
            self._pending = None

    @property
    def figures(self) -> tuple[FigureUsed, ...]:
        return tuple(self._told.values())


@lru_cache(maxsize=4096)
def named(indicator: str, period: Period, now: Period) -> str:
    """An indicator's name in the ledger: with its quarter where that is not the bulletin's."""
    return indicator if period == now else f"{indicator}@{period}"
