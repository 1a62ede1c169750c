"""What the wording may name: Chinese words for the figures of a unit, and what it may go through.

config/bulletin explains them to the office. Each asks the ledger, so that what is told is written
down; what is not there raises Missing, and the sentence is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from dashboard.briefing import ledger as names
from dashboard.briefing.differences import Correction
from dashboard.briefing.facts import Fact, Facts
from dashboard.briefing.instances import instances, most_changed
from dashboard.briefing.known import crossed
from dashboard.briefing.ledger import Ledger, Missing, named
from dashboard.briefing.said import Said, Total
from dashboard.briefing.words import (
    indicator_words,
    joined,
    said_of,
    several,
    siblings_of,
    value_of,
    whole,
)
from dashboard.data.queries.doubts import VILLAGE_INCOME
from dashboard.policy.board import Place
from dashboard.policy.money import wan_text
from dashboard.policy.progress import Light
from dashboard.policy.rounding import largest_remainder

_NUMERALS = "一二三四"
_UNITS = {
    names.ARRANGED: "万元",
    names.ALLOCATED: "万元",
    names.SPENT: "万元",
    names.INVESTED: "万元",
    names.OPEN_AUDITS: "笔",
    names.RETURNED: "次",
    names.RETURNED_OPEN: "次",
    names.ON_LINE: "个",
    names.SHORT_OF_LINE: "个",
    names.NEWLY_OVER: "个",
    names.NEWLY_WEAK: "个",
    names.NO_LONGER_WEAK: "个",
    names.LACKING_SECRETARY: "个",
    names.LATE: "个",
    names.PROJECTS: "个",
    names.OVERDUE_PROJECTS: "个",
}
_OF_INCOMES = frozenset(
    (names.ON_LINE, names.SHORT_OF_LINE, names.NEWLY_OVER, names.NEWLY_WEAK, names.NO_LONGER_WEAK)
)
"""Totals counted from the villages' incomes: they wait to be checked where one of these does."""
_SHARES = {
    "来源": ((names.OWN, names.TRANSFERRED, names.OTHERS), "{name}占{share}%"),
}


class _Absent:
    """A word that stands for nothing: whoever says it leaves the sentence out."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __str__(self) -> str:
        raise Missing(self._what)


class Teller:
    """Tells of the focus unit; `each` gives those who tell of its parts."""

    def __init__(self, facts: Facts, ledger: Ledger, correction: Correction | None = None) -> None:
        self._facts, self._ledger, self._correction = facts, ledger, correction
        self._code = facts.focus.unit.code

    @cached_property
    def words(self) -> Mapping[str, Any]:
        unit, period = self._facts.focus.unit, self._facts.focus.period
        district, line = self._facts.settings.district, self._facts.line
        absent = _Absent(f"{period.year}年的村集体收入标准线")
        functions: dict[str, Callable[..., Any]] = {
            "合计": self.total,
            "有": self.any,
            "领先": partial(self.ends, best=True),
            "落后": partial(self.ends, best=False),
            "未填报": lambda: joined([child.name for child in self._facts.late]),
            "未排名": lambda: joined([apart.name for apart in self._facts.board.apart]),
            "各单位": self.by_child,
            "退回单位": self.sent_back,
            "滞后指标": self.lagging,
            "来源构成": self.income_shares,
            "新达标村": lambda: several(crossed(self._facts, "villages_beyond_line", 1)),
            "新经济一般村": lambda: several(crossed(self._facts, "weak_villages", 1)),
            "退出村": lambda: several(crossed(self._facts, "weak_villages", 0)),
            "无第一书记": self.without_secretary,
            "达到序时的单位数": self.on_schedule,
        }
        return (
            indicator_words(self._sheet())
            | functions
            | {
                "单位": unit.name,
                "全": whole(self._facts),
                "下级": siblings_of(self._facts),
                "下级数": len(self._facts.children),
                "是区": unit.level != "town",
                "年": period.year,
                "季": _NUMERALS[period.quarter - 1],
                "年末": period.closes_year,
                "地区": district.name,
                "规划": district.programme,
                "机关": district.issuer,
                "更正": self._correction is not None,
                "原文号": self._correction.document_number if self._correction else "",
                "变动数": len(self._correction.differences) if self._correction else 0,
                "标准": absent if line is None else f"{wan_text(line.threshold.fen, 0)}万元",
                "达标": absent if line is None else line.threshold.wording,
                "达标指标": absent if line is None else line.entry.code,
            }
        )

    def _sheet(self) -> Mapping[str, Said]:
        now, before = self._facts.own, self._facts.before
        return said_of(self._ledger, self._facts, now, before)

    def each(self, name: str) -> "Sequence[Teller | ChildTeller | IndicatorTeller]":
        """先进, 后进: who moved up or down; 滞后指标: the unit's core indicators that lag."""
        if name in ("先进", "后进"):
            moved = instances(self._facts, best=name == "先进")
            return [ChildTeller(self, self._facts, self._ledger, place) for place in moved]
        if name == "滞后指标":
            return [IndicatorTeller(self.words, fact.entry.code) for fact in self._red()]
        raise KeyError(name)

    def total(self, name: str) -> str:
        """A total with its unit: 合计('资金安排')."""
        base = name.partition("·")[0]
        if base not in _UNITS:
            raise ValueError(f"没有“{name}”这一合计,有:{'、'.join(_UNITS)}")
        money = _UNITS[base] == "万元"
        said = f"{Total(self._ledger, name, self._code, is_money=money)}{_UNITS[base]}"
        return said + (self._facts.doubt(self._code, VILLAGE_INCOME) if base in _OF_INCOMES else "")

    def any(self, name: str) -> bool:
        """Whether a total is there and above 0; to ask that is not to tell it."""
        return bool(self._ledger.value(name, self._code))

    def ends(self, many: int, fewer_than: float | None = None, *, best: bool) -> str:
        """The units at either end of the ranking, the first or the last named first.

        Ties are named whole; a unit that would then be at both ends leaves nothing to say. With
        `fewer_than` (points), only those with fewer: "" where there are none.
        """
        places = self._facts.board.places
        many = min(many, len(places) // 2)
        if many < 1:
            raise Missing("综合排名(参加排名的单位太少)")
        first = [place for place in places if place.rank <= places[many - 1].rank]
        last = [place for place in places if place.rank >= places[-many].rank]
        if first[-1].rank >= last[0].rank:
            raise Missing("综合排名的先后(得分相同的单位太多)")
        found = first if best else last[::-1]
        told = [
            place for place in found if fewer_than is None or round(place.points, 2) < fewer_than
        ]
        for place in told:
            self._ledger.tell(names.RANK, place.code, str(place.rank))
        return joined([place.name for place in told])

    def by_child(self, code: object) -> str:
        """Units with more than 0, and how many, most first: 湖塘镇3项、潞城街道2项."""
        name = self._known_code(code)
        told = [child for child in self._facts.children if child.now[name].value]
        told.sort(key=lambda child: (-(child.now[name].value or 0), child.code))
        facts = self._facts
        return joined(
            [child.name + value_of(Said(self._ledger, facts, child.now[name])) for child in told]
        )

    def _known_code(self, code: object) -> str:
        name = str(code)
        if name not in self._facts.settings.catalogue.by_code:
            raise ValueError(f"指标目录中没有{name}")
        return name

    def sent_back(self) -> str:
        said = []
        for row in self._facts.returned:
            times = self._ledger.tell(names.RETURNED, str(row["unit"]), str(row["times"]))
            said.append(f"{row['name']}{times}次")
        return joined(said)

    def _red(self) -> list[Fact]:
        core = [fact for fact in self._facts.own.values() if fact.entry.core]
        if all(fact.light is Light.NONE for fact in core):
            raise Missing("可以与序时进度比较的核心指标")
        red = [fact for fact in core if fact.light is Light.RED]
        return sorted(red, key=lambda fact: -fact.entry.weight)

    def lagging(self, most: int = 0) -> str:
        """Core indicators of the unit that lag clearly; "" for none.

        With `most`, so many by their short names, and how many they are: 甲、乙、丙等5项指标.
        """
        red = self._red()
        if not most or len(red) <= most:
            return joined([fact.entry.name for fact in red])
        return f"{joined([fact.entry.short for fact in red[:most]])}等{len(red)}项指标"

    def on_schedule(self, code: object) -> str:
        """How many of the units that can be judged are on schedule: 9."""
        name = self._known_code(code)
        lights = [child.now[name].light for child in self._facts.children]
        if all(light is Light.NONE for light in lights):
            raise Missing(f"{siblings_of(self._facts)}的{self._facts.own[name].entry.name}")
        marks = {self._facts.doubt_of(child.now[name]) for child in self._facts.children}
        return f"{lights.count(Light.GREEN):,}{''.join(marks)}"

    def income_shares(self) -> str:
        """Own, transferred and other income in percent; they add up to 100."""
        parts, pattern = _SHARES["来源"]
        values = [self._ledger.value(name, self._code) for name in parts]
        amounts = [value for value in values if value is not None]
        if len(amounts) < len(parts) or sum(amounts) <= 0 or min(amounts) < 0:
            raise Missing("村集体收入的来源构成")
        said = []
        shares = largest_remainder(amounts, sum(amounts))
        for name, amount, share in zip(parts, amounts, shares, strict=True):
            self._ledger.tell(name, self._code, wan_text(amount))
            said.append(pattern.format(name=name, share=share))
        return joined(said) + self._facts.doubt(self._code, VILLAGE_INCOME)

    def without_secretary(self) -> str:
        return several([v.name for v in self._facts.villages if v.lacks_secretary])


class ChildTeller:
    """Tells of one unit under the focus unit: figures are that unit's."""

    def __init__(self, above: Teller, facts: Facts, ledger: Ledger, place: Place) -> None:
        self._above, self._facts, self._ledger, self._place = above, facts, ledger, place
        self._child = next(child for child in facts.children if child.code == place.code)

    @property
    def words(self) -> Mapping[str, Any]:
        sheet = said_of(self._ledger, self._facts, self._child.now, self._child.before)
        return {
            **self._above.words,
            **indicator_words(sheet),
            "单位": self._child.name,
            "名次": self._rank,
            "得分": self._points,
            "升降": self._moved,
        }

    def each(self, name: str) -> "Sequence[IndicatorTeller]":
        """进步指标, 退步指标: what changed most since last quarter against the schedule."""
        if name not in ("进步指标", "退步指标"):
            raise KeyError(name)
        codes = most_changed(self._facts, self._child, up=name == "进步指标")
        return [IndicatorTeller(self.words, code) for code in codes]

    def _rank(self) -> str:
        text = f"{'并列' if self._place.is_tied else ''}第{self._place.rank}位"
        return self._ledger.tell(names.RANK, self._place.code, text) + self._mark

    def _points(self) -> str:
        text = f"{self._place.points:.2f}"
        return self._ledger.tell(names.SCORE, self._place.code, text) + self._mark

    @property
    def _mark(self) -> str:
        return self._facts.doubt_of_score(self._place.code)

    def _moved(self) -> str:
        """比上季度上升3位: against last quarter's place."""
        place, period = self._place, self._facts.focus.period
        if place.moved is None:
            raise Missing(f"{place.name}上季度的排名")
        before = named(names.RANK, period.previous(), period)
        self._ledger.tell(before, place.code, f"第{place.rank_before}位")
        if place.moved == 0:
            return "与上季度持平"
        return f"比上季度{'上升' if place.moved > 0 else '下降'}{abs(place.moved)}位"


class IndicatorTeller:
    """Tells of one indicator of a unit; `指标` is its code."""

    def __init__(self, words: Mapping[str, Any], code: str) -> None:
        self.words: Mapping[str, Any] = {**words, "指标": code}

    def each(self, name: str) -> "Sequence[Teller]":
        raise KeyError(name)
