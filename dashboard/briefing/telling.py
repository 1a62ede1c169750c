"""What the wording may name: Chinese words for the figures of a unit, and what it may go through.

config/bulletin explains them to the office. Each asks the ledger, so that what is told is written
down; what is not there raises Missing, and the sentence is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from dashboard.briefing import ledger as names
from dashboard.briefing.differences import Correction
from dashboard.briefing.facts import Child, Fact, Facts
from dashboard.briefing.known import crossed
from dashboard.briefing.ledger import Ledger, Missing, named
from dashboard.briefing.said import Said, Total
from dashboard.policy.board import Place
from dashboard.policy.money import wan_text
from dashboard.policy.progress import Light, on_schedule
from dashboard.policy.rounding import largest_remainder

_NUMERALS = "一二三四"
_WHOLE = {"district": "全区", "city": "全市", "province": "全省", "nation": "全国"}
_MOST_NAMES = 5
_INSTANCES = 3
"""Indicators told of a unit that is held up as an instance."""
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

    @property
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
        return _said(self._ledger, self._facts, now, before)

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
        return f"{Total(self._ledger, name, self._code, is_money=money)}{_UNITS[base]}"

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
            [child.name + _value(Said(self._ledger, facts, child.now[name])) for child in told]
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

    def lagging(self) -> str:
        """Core indicators of the unit that lag clearly; "" for none."""
        return joined([fact.entry.name for fact in self._red()])

    def on_schedule(self, code: object) -> str:
        """How many of the units that can be judged are on schedule: 9."""
        name = self._known_code(code)
        lights = [child.now[name].light for child in self._facts.children]
        if all(light is Light.NONE for light in lights):
            raise Missing(f"{siblings_of(self._facts)}的{self._facts.own[name].entry.name}")
        return f"{lights.count(Light.GREEN):,}"

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
        return joined(said)

    def without_secretary(self) -> str:
        return several([v.name for v in self._facts.villages if v.lacks_secretary])


class ChildTeller:
    """Tells of one unit under the focus unit: figures are that unit's."""

    def __init__(self, above: Teller, facts: Facts, ledger: Ledger, place: Place) -> None:
        self._above, self._facts, self._ledger, self._place = above, facts, ledger, place
        self._child = next(child for child in facts.children if child.code == place.code)

    @property
    def words(self) -> Mapping[str, Any]:
        sheet = _said(self._ledger, self._facts, self._child.now, self._child.before)
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
        return self._ledger.tell(names.RANK, self._place.code, text)

    def _points(self) -> str:
        return self._ledger.tell(names.SCORE, self._place.code, f"{self._place.points:.2f}")

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


def _said(
    ledger: Ledger, facts: Facts, now: Mapping[str, Fact], before: Mapping[str, Fact]
) -> dict[str, Said]:
    return {code: Said(ledger, facts, fact, before.get(code)) for code, fact in now.items()}


def indicator_words(sheet: Mapping[str, Said]) -> dict[str, Any]:
    """Functions of an indicator's code: 值('V03')."""

    def asked(tell: Callable[[Said], Any]) -> Callable[[object], Any]:
        def function(code: object) -> Any:
            name = str(code)
            if name not in sheet:
                raise ValueError(f"指标目录中没有{name}")
            return tell(sheet[name])

        return function

    tells: dict[str, Callable[[Said], Any]] = {
        "名": lambda said: said.name,
        "短名": lambda said: said.short,
        "责任部门": lambda said: said.department,
        "值": _value,
        "目标": lambda said: said.target + said.unit,
        "年度目标": lambda said: said.goal,
        "序时": lambda said: said.scheduled + said.unit,
        "完成率": lambda said: said.rate,
        "比序时": lambda said: said.against_schedule,
        "比目标": lambda said: said.against_target,
        "比上季": lambda said: said.against_last_quarter,
        "上季比序时": lambda said: said.before.against_schedule,
        "上季值": lambda said: _value(said.before),
        "分子分母": lambda said: said.parts,
        "填报面": lambda said: said.coverage,
        "未填全": lambda said: said.is_partial,
        "已有": lambda said: said.is_known,
        "多于零": lambda said: said.exact > 0,
    }
    return {name: asked(tell) for name, tell in tells.items()}


def _value(said: Said) -> str:
    return said.value + said.unit


def whole(facts: Facts) -> str:
    """全区, 全镇, 全街道."""
    unit = facts.focus.unit
    if unit.level in _WHOLE:
        return _WHOLE[unit.level]
    return "全" + ("街道" if unit.name.endswith("街道") else unit.name[-1])


def siblings_of(facts: Facts) -> str:
    """What the units under the focus unit are called: 镇(街道), 村, 区县."""
    return {"district": "镇(街道)", "town": "村"}.get(facts.focus.unit.level, "单位")


def instances(facts: Facts, *, best: bool, many: int = _INSTANCES) -> list[Place]:
    """Units whose score rose (fell) most since last quarter, the most first.

    Where nobody has a score of last quarter there is nothing to go by: Missing.
    """
    moved = [place for place in facts.board.places if place.gained is not None]
    if not moved:
        raise Missing("上季度的综合得分")
    sign = 1 if best else -1
    # A change that two decimals do not show is none.
    told = [place for place in moved if sign * round(place.gained or 0, 2) > 0]
    return sorted(told, key=lambda place: (-sign * (place.gained or 0), place.code))[:many]


def most_changed(facts: Facts, child: Child, *, up: bool, many: int = _INSTANCES) -> list[str]:
    """Core indicators whose progress against the schedule rose (fell) most in a quarter.

    Weighed as in the score, and no further than that counts them; what is still on schedule has not
    fallen behind.
    """
    cap = Fraction(facts.settings.policy.scoring.cap_percent, 100)
    changes = []
    for code, now in child.now.items():
        then, here = share(child.before[code]), share(now)
        if not now.entry.core or then is None or here is None:
            continue
        change = min(here, cap) - min(then, cap)
        if change > 0 if up else change < 0 and now.light is not Light.GREEN:
            changes.append((abs(change) * now.entry.weight, code))
    return [code for _, code in sorted(changes, key=lambda pair: (-pair[0], pair[1]))[:many]]


def share(fact: Fact) -> Fraction | None:
    """Actual over scheduled progress; None where it cannot be said."""
    if fact.value is None or fact.scheduled is None or fact.denominator == 0:
        return None
    due = Fraction(fact.scheduled)
    return on_schedule(fact.value, due, fact.entry.direction, fact.baseline)


def joined(words: Sequence[str]) -> str:
    return "、".join(words)


def several(words: Sequence[str], most: int = _MOST_NAMES) -> str:
    """Names in a row, the first ones where they are many: 甲村、乙村等."""
    return joined(words[:most]) + ("等" if len(words) > most else "")
