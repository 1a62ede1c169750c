"""What a template may say of a figure. Every text is final: rounded, with separators, no unit.

A figure that is not there raises Missing, so that its sentence is left out. Verbs (超过, 达到,
等于, 低于) come from exact integers, never from what is shown.
"""

from decimal import Decimal
from fractions import Fraction

from dashboard.briefing.facts import Fact, Facts
from dashboard.briefing.ledger import Ledger, Measure, Missing, named
from dashboard.config_models import IndicatorEntry
from dashboard.figures import figure, rate, rounded
from dashboard.policy.aggregation import RATE_SCALE
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.thresholds import word

_COUNTED = {"村": "个村"}


def text_of(value: int, entry: IndicatorEntry, lines: tuple[int, ...] = ()) -> str:
    """A figure without its unit; a rate just short of 100 % is not shown as 100.0."""
    if entry.quantity == "ratio":
        return rate(value / RATE_SCALE).removesuffix("%")
    return figure(value, entry, lines if entry.quantity == "money" else ())


class Said:
    """One indicator of one unit, as templates see it."""

    def __init__(self, ledger: Ledger, facts: Facts, fact: Fact, before: Fact | None = None):
        self._ledger, self._facts, self._fact, self._before = ledger, facts, fact, before

    @property
    def name(self) -> str:
        return self._fact.entry.name

    @property
    def short(self) -> str:
        return self._fact.entry.short

    @property
    def unit(self) -> str:
        """As it stands after a figure: 59个村."""
        return _COUNTED.get(self._fact.entry.unit, self._fact.entry.unit)

    @property
    def clause(self) -> str:
        return self._fact.entry.clause

    @property
    def department(self) -> str:
        return self._fact.entry.department

    @property
    def goal(self) -> str:
        """What the year's target is called: 力争 is an aspiration and is said so."""
        return f"年度{self._fact.entry.grade}目标"

    @property
    def exact(self) -> int:
        """The figure in its smallest unit, for conditions."""
        self.value  # noqa: B018 (to decide by it is to tell it)
        return self._fact.value or 0

    @property
    def value(self) -> str:
        value = self._need(self._fact.value, "")
        return self._tell(text_of(value, self._fact.entry, self._lines))

    @property
    def target(self) -> str:
        value = self._need(self._fact.target, "的目标")
        text = text_of(value, self._fact.entry).removesuffix(".0")
        return self._tell(text, "target")

    @property
    def scheduled(self) -> str:
        self._need(self._fact.target, "的目标")
        return self._tell(self._scheduled_text(), "scheduled")

    @property
    def rate(self) -> str:
        """Completion of the year's target: 82.3%."""
        self._told("value", "target")
        if self._fact.rate is None:
            raise Missing(f"{self._subject}的完成率")
        return rate(self._fact.rate)

    @property
    def mark(self) -> str:
        """Behind the figure with its unit, where it waits to be checked."""
        return self._facts.doubt_of(self._fact)

    @property
    def parts(self) -> str:
        """What a rate is made of: 44/60."""
        over = (
            self._need(self._fact.numerator, "的分子"),
            self._need(self._fact.denominator, "的分母"),
        )
        numerator = self._fact.entry.numerator
        money = numerator is not None and numerator.quantity == "money"
        scale = FEN_A_WAN if money else 1
        top, bottom = (f"{rounded(Decimal(part) / scale, '1'):,}" for part in over)
        return f"{self._tell(top, 'numerator')}/{self._tell(bottom, 'denominator')}"

    @property
    def coverage(self) -> str:
        """How many have reported of how many that are to: 188/190."""
        return f"{self._fact.reported:,}/{self._fact.expected:,}"

    @property
    def is_partial(self) -> bool:
        return self._fact.is_partial

    @property
    def is_known(self) -> bool:
        return self._fact.value is not None

    @property
    def is_behind(self) -> bool:
        return self._fact.light.value in ("yellow", "red")

    @property
    def light(self) -> str:
        self._told("value")
        return self._fact.light.label

    @property
    def before(self) -> "Said":
        """The same indicator a quarter ago."""
        if self._before is None or self._before.value is None:
            raise Missing(f"{self._subject}的上季度数")
        return Said(self._ledger, self._facts, self._before)

    @property
    def against_last_quarter(self) -> str:
        """比上季度增加5个, 比上季度减少2户, 与上季度持平.

        Not told where other units have reported than a quarter ago, nor from one year to the next
        of what is counted anew each year.
        """
        now, then = self._fact, self._before
        if then is None or then.value is None:
            raise Missing(f"{self._subject}的上季度数")
        if now.reported != then.reported:
            raise Missing(f"{self._subject}两个季度的可比数(填报单位数不同)")
        if now.entry.cumulative and now.period.quarter == 1:
            raise Missing(f"{self._subject}的可比上季度数(本年重新累计)")
        self._told("value")
        self.before.value  # noqa: B018 (a change tells both)
        difference = self._need(now.value, "") - then.value
        if difference == 0:
            return "与上季度持平"
        size = text_of(abs(difference), now.entry)
        unit = "个百分点" if now.entry.quantity == "ratio" else self.unit
        return f"比上季度{'增加' if difference > 0 else '减少'}{size}{unit}"

    @property
    def against_target(self) -> str:
        """超过, 达到, 等于 or 低于 the year's target, with the operator of the indicator."""
        self._told("value", "target")
        fact = self._fact
        verb = word(fact.value or 0, fact.entry.operator, fact.target or 0)
        return f"{verb}{self.goal}"

    @property
    def against_schedule(self) -> str:
        """超过序时进度7.3个百分点, 达到序时进度; of what is to fall: 低于序时控制数5户."""
        self._told("value", "scheduled")
        fact = self._fact
        value, due = fact.value or 0, Fraction(fact.scheduled or 0)
        verb = word(value, fact.entry.operator, due)
        what = "序时进度" if fact.entry.direction == "up" else "序时控制数"
        return f"{verb}{what}" + ("" if value == due else self._distance(value, due))

    def _distance(self, value: int, due: Fraction) -> str:
        """How far apart, as the difference of what is shown; never a difference of nothing."""
        entry, target = self._fact.entry, self._fact.target
        if entry.quantity == "ratio":
            here, there = Fraction(value, RATE_SCALE), due / RATE_SCALE
        elif entry.direction == "up" and target:
            self._told("target")
            here, there = Fraction(value, target), due / target
        else:
            return self._distance_in_units(abs(value - due))
        apart = abs(_shown_percent(here) - _shown_percent(there))
        return f"{apart}个百分点" if apart else "不足0.1个百分点"

    def _distance_in_units(self, apart: Fraction) -> str:
        entry = self._fact.entry
        if entry.quantity in ("money", "money_yuan"):
            return text_of(max(round(apart), 1), entry) + self.unit
        shown = rounded(Decimal(apart.numerator) / apart.denominator)
        if not shown:
            return f"不足0.1{self.unit}"
        return f"{shown:,}".removesuffix(".0") + self.unit

    def _scheduled_text(self) -> str:
        fact = self._fact
        if fact.scheduled is None:
            raise Missing(f"{self._subject}的序时进度")
        whole = round(fact.scheduled)
        if fact.entry.quantity != "count" or whole == fact.scheduled:
            return text_of(whole, fact.entry, () if fact.value is None else (fact.value,))
        return f"{rounded(Decimal(str(fact.scheduled))):,}"

    @property
    def _lines(self) -> tuple[int, ...]:
        return self._facts.settings.policy.village_lines

    @property
    def _subject(self) -> str:
        fact = self._fact
        unit = self._facts.names.get(fact.unit_code, fact.unit_code)
        waits = fact.entry.cadence == "year" and not fact.period.closes_year
        return f"{fact.period.label}{unit}的{fact.entry.name}{'(按年填报)' if waits else ''}"

    def _need(self, value: int | None, what: str) -> int:
        if value is None:
            raise Missing(f"{self._subject}{what}")
        return value

    def _told(self, *measures: Measure) -> None:
        """Write down figures that a sentence says something of without their digits."""
        for measure in measures:
            if measure == "value":
                self.value  # noqa: B018
            elif measure == "target":
                self.target  # noqa: B018
            elif measure == "scheduled":
                self.scheduled  # noqa: B018

    def _tell(self, text: str, measure: Measure = "value") -> str:
        fact = self._fact
        name = named(fact.entry.code, fact.period, self._facts.focus.period)
        return self._ledger.tell(name, fact.unit_code, text, measure)


def _shown_percent(share: Fraction) -> Decimal:
    """A share in percent as `figures.rate` shows it."""
    return Decimal(rate(float(share)).removesuffix("%"))


class Total:
    """A total of the ledger that is no indicator: 资金安排, 新达标村数."""

    def __init__(self, ledger: Ledger, name: str, unit: str, *, is_money: bool = False):
        self._ledger, self._name, self._unit, self._is_money = ledger, name, unit, is_money

    def __str__(self) -> str:
        value = self._ledger.value(self._name, self._unit)
        if value is None:
            raise Missing(self._name)
        text = wan_text(value) if self._is_money else f"{value:,}"
        return self._ledger.tell(self._name, self._unit, text)

    def __bool__(self) -> bool:
        """Whether there is any; to ask is not to tell."""
        return bool(self._ledger.value(self._name, self._unit))

    @property
    def exact(self) -> int:
        str(self)
        return self._ledger.value(self._name, self._unit) or 0
