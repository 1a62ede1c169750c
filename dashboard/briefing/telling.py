"""What the wording may say: figures in words, each exactly as the store has it.

These are the functions that templates of config/bulletin call, under Chinese names. One that lacks
its figure raises Missing, and the sentence is left out. Verbs follow from exact integers, never
from rounded text. Every figure told is noted, so that a later difference can be found.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from dashboard.briefing.content import FigureUsed
from dashboard.briefing.facts import Facts, Row
from dashboard.config_models import IndicatorEntry
from dashboard.figures import figure, rate, rounded
from dashboard.policy.board import Place
from dashboard.policy.money import wan_text
from dashboard.policy.rounding import largest_remainder

Measure = Literal["value", "target", "scheduled", "numerator", "denominator"]
_OF_CHILDREN = {"district": "各镇(街道)", "town": "各村"}
_NUMERALS = "一二三四"


class Missing(LookupError):
    """A sentence's figure is not there; the message says which."""


class Teller:
    """Tells the figures of one unit and quarter. `told` grows with every figure that was asked."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.told: list[FigureUsed] = []
        self._catalogue = facts.settings.catalogue
        self._lines = facts.settings.policy.village_lines

    @property
    def words(self) -> dict[str, Any]:
        """Everything that a template may name."""
        unit, period = self.facts.focus.unit, self.facts.focus.period
        functions: dict[str, Callable[..., Any]] = {
            "名": self.name,
            "值": self.value,
            "目标": self.target,
            "完成率": self.rate,
            "比序时": self.against_schedule,
            "增减": self.change,
            "比上季": self.change,
            "分子分母": self.parts,
            "已报": self.reported,
            "应报": self.expected,
            "领先": self.leaders,
            "落后": self.laggards,
            "未填报": self.late,
            "未参加排名": self.apart,
            "滞后指标": self.lagging,
            "逾期单位": self.overdue,
            "来源构成": self.income_shares,
            "退出村": self.exited,
            "无第一书记": self.without_secretary,
            "未达标村数": self.short_of_line,
            "标准": self.line,
        }
        return functions | {
            "单位": unit.name,
            "全": {"district": "全区", "town": f"全{unit.name[-1]}"}.get(unit.level, unit.name),
            "下级": _OF_CHILDREN.get(unit.level, "所辖单位"),
            "是区": unit.level == "district",
            "年": period.year,
            "季": _NUMERALS[period.quarter - 1],
            "年末": period.closes_year,
            "地区": self.facts.settings.district.name,
            "规划": self.facts.settings.district.programme,
        }

    def name(self, code: str) -> str:
        return self._entry(code).name

    def value(self, code: str) -> str:
        """The figure with its unit: 12,345万元."""
        return self._said(code, "value") + self._entry(code).unit

    def target(self, code: str) -> str:
        """The year's target with its unit."""
        return self._said(code, "target").removesuffix(".0") + self._entry(code).unit

    def rate(self, code: str) -> str:
        """Completion of the year's target: 82.3%."""
        self._said(code, "value")
        self._said(code, "target")
        done = self._row(code)["rate"]
        if done is None:
            raise Missing(f"{self.name(code)}完成率")
        return rate(float(done))

    def parts(self, code: str) -> str:
        """What a rate is made of: 4,326/4,548."""
        row, entry = self._row(code), self._entry(code)
        if row["denominator"] is None or entry.numerator is None:
            raise Missing(f"{entry.name}的分子分母")
        return f"{self._part(code, 'numerator')}/{self._part(code, 'denominator')}"

    def reported(self, code: str) -> int:
        """How many of those that are to report have: a figure is theirs alone."""
        return int(self._row(code)["reported"] or 0)

    def expected(self, code: str) -> int:
        return int(self._row(code)["expected"] or 0)

    def against_schedule(self, code: str) -> str:
        """超过序时进度7.3个百分点, 达到序时进度, 低于序时进度2.1个百分点."""
        row, entry = self._row(code), self._entry(code)
        for measure in ("value", "target"):
            self._said(code, measure)
        if row["scheduled"] is None:
            raise Missing(f"{entry.name}序时进度")
        ahead = Fraction(row["value"]) - Fraction(float(row["scheduled"])).limit_denominator(1000)
        if entry.direction == "down":
            return "未超出序时控制数" if ahead <= 0 else "超出序时控制数"
        if ahead == 0:
            return "达到序时进度"
        verb = "超过" if ahead > 0 else "低于"
        if not row["target"]:
            return f"{verb}序时进度"
        # A rate's own points; for an amount those of its completion.
        whole = entry.scale if entry.quantity == "ratio" else Fraction(row["target"], 100)
        points = rounded(Decimal(str(float(abs(ahead) / whole))))
        return f"{verb}序时进度" + (f"{points}个百分点" if points else "不足0.1个百分点")

    def change(self, code: str) -> str:
        """比上季度增加20户, 减少, 与上季度持平."""
        row, entry = self._row(code), self._entry(code)
        self._said(code, "value")
        before = self.facts.before.get(code)
        if before is None or before["value"] is None:
            raise Missing(f"{entry.name}上季度数")
        if entry.cumulative and self.facts.focus.period.quarter == 1:
            raise Missing(f"{entry.name}:年内累计数,一季度不与上年四季度相比")
        if (before["reported"], before["expected"]) != (row["reported"], row["expected"]):
            raise Missing(f"{entry.name}:两个季度填报的单位数不同,不可比")
        difference = int(row["value"]) - int(before["value"])
        if not difference:
            return "与上季度持平"
        verb = "增加" if difference > 0 else "减少"
        return f"比上季度{verb}{figure(abs(difference), entry)}{entry.unit}"

    def leaders(self, many: int = 3) -> str:
        """The best by score, with their places: 雪堰镇、遥观镇、戚墅堰街道."""
        return _named([place.name for place in self._places()[:many]])

    def laggards(self, many: int = 3) -> str:
        """The worst by score, the last first; never one that is among the leaders."""
        rest = self._places()[many:]
        if not rest:
            raise Missing("排名靠后的单位:参加排名的单位太少")
        return _named([place.name for place in rest[::-1][:many]])

    def _places(self) -> tuple[Place, ...]:
        places = self.facts.standing.board.places
        if not places:
            raise Missing("排名:没有可以排名的单位")
        return places

    def late(self) -> str:
        """Who did not report, "" where everybody did."""
        reasons = {each.name: each.reason for each in self.facts.standing.board.apart}
        return _named([name for name, reason in reasons.items() if reason == "本季度未填报"])

    def apart(self) -> int:
        return len(self.facts.standing.board.apart)

    def lagging(self) -> str:
        """Core indicators that lag far behind, "" where none does."""
        core = [entry for entry in self._catalogue.core if entry.code in self.facts.now]
        return _named([e.short for e in core if self.facts.now[e.code]["light"] == "red"])

    def overdue(self, code: str) -> str:
        """Who has overdue tasks and how many: 湖塘镇3项、潞城街道2项; "" for nobody."""
        entry = self._entry(code)
        counts = {
            name: int(row["value"])
            for unit, name in self.facts.names.items()
            for row in [self.facts.children.get((unit, code))]
            if row is not None and row["value"]
        }
        ordered = sorted(counts.items(), key=lambda pair: -pair[1])
        return _named([f"{name}{count:,}{entry.unit}" for name, count in ordered])

    def income_shares(self, code: str) -> str:
        """Own, transferred and other income in percent that add up to 100."""
        row, policy = self._row(code), self.facts.settings.policy
        classes = {name: int(fen) for name, fen in (row["classes"] or {}).items()}
        whole = sum(classes.values())
        if whole <= 0:
            raise Missing("村集体收入的来源构成")
        own = sum(classes.get(source, 0) for source in policy.own_sources)
        given = sum(classes.get(source, 0) for source in policy.transfer_sources)
        shares = largest_remainder([own, given, whole - own - given], whole)
        self._said(code, "value")
        words = ("自有收入占", "转移性收入占", "捐赠和其他收入占")
        return "、".join(f"{word}{share}%" for word, share in zip(words, shares, strict=True))

    def exited(self) -> int:
        return sum(1 for row in self._villages() if row["exited"])

    def without_secretary(self) -> str:
        """Weak villages without a first secretary: "" for none."""
        rows = [r for r in self._villages() if r["weak"] == 1 and not r["first_secretary"]]
        return _named([row["name"] for row in rows])

    def short_of_line(self, key: str) -> int:
        """Villages that have reported and are not at a line of policy.yaml."""
        line = self.facts.settings.policy.threshold(key)
        told = [row for row in self._villages() if row["total_fen"] is not None]
        if not told:
            raise Missing("村集体收入:没有村填报")
        return sum(not line.holds(int(row["total_fen"])) for row in told)

    def line(self, key: str) -> str:
        """A line of policy.yaml in words: 超过150万元."""
        line = self.facts.settings.policy.threshold(key)
        return f"{line.wording}{wan_text(line.fen, 0)}万元"

    def _villages(self) -> tuple[Row, ...]:
        if self.facts.villages is None:
            raise Missing("村级明细")
        return self.facts.villages

    def _entry(self, code: str) -> IndicatorEntry:
        if code not in self._catalogue.by_code:
            raise Missing(f"指标目录中没有{code}")
        return self._catalogue[code]

    def _row(self, code: str) -> Row:
        entry = self._entry(code)
        row = self.facts.now.get(code)
        if row is None:
            raise Missing(entry.name)
        return row

    def _said(self, code: str, measure: Measure) -> str:
        """The figure without its unit; noted as told."""
        entry, found = self._entry(code), self._row(code)[measure]
        if found is None:
            raise Missing(f"{entry.name}{'年度目标' if measure == 'target' else '本季度数'}")
        text = figure(int(found), entry, self._lines if entry.quantity == "money" else ())
        self._note(code, measure, int(found), text)
        return text

    def _part(self, code: str, measure: Measure) -> str:
        entry, found = self._entry(code), int(self._row(code)[measure] or 0)
        part = entry.numerator if measure == "numerator" else entry.denominator
        is_money = part is not None and part.quantity == "money"
        text = wan_text(found) if is_money else f"{found:,}"
        self._note(code, measure, found, text)
        return text

    def _note(self, code: str, measure: Measure, value: int, text: str) -> None:
        used = FigureUsed(
            indicator=code,
            unit_code=self.facts.focus.unit.code,
            measure=measure,
            value=value,
            text=text,
        )
        if used not in self.told:
            self.told.append(used)


def _named(names: list[str]) -> str:
    return "、".join(names)
