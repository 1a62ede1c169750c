"""What is said of a figure: verbs from exact numbers, differences of what is shown, nothing of
what is missing."""

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import settings as config
from dashboard.briefing.content import FigureUsed
from dashboard.briefing.facts import Fact
from dashboard.briefing.ledger import Ledger, Missing
from dashboard.briefing.said import Said, Total
from dashboard.policy.aggregation import RATE_SCALE
from dashboard.policy.periods import Period

SETTINGS = config.load(Path(__file__).parents[2] / "config")
NOW = Period(2016, 3)
UNIT = "320412"


def fact(code: str, period: Period = NOW, **given_values: Any) -> Fact:
    return Fact(SETTINGS.catalogue[code], UNIT, period, **given_values)


def said(now: Fact, before: Fact | None = None) -> tuple[Said, Ledger]:
    """With a ledger that knows what the facts say."""
    known: dict[Any, int] = {}
    for one in (now, before):
        if one is None:
            continue
        name = one.entry.code + ("" if one.period == NOW else f"@{one.period}")
        for measure in ("value", "target", "scheduled", "numerator", "denominator"):
            value = getattr(one, measure)
            if value is not None:
                known[name, UNIT, measure] = round(value)
    ledger = Ledger(known)
    facts: Any = SimpleNamespace(
        settings=SETTINGS, names={UNIT: "测试区"}, focus=SimpleNamespace(period=NOW)
    )
    return Said(ledger, facts, now, before), ledger


def test_a_figure_is_written_down_with_its_text() -> None:
    one, ledger = said(fact("V03", value=123_450_000, target=200_000_000))
    assert (one.value, one.target, one.unit) == ("123.45", "200.00", "万元")
    assert ledger.figures == (
        FigureUsed(
            indicator="V03", unit_code=UNIT, measure="value", value=123_450_000, text="123.45"
        ),
        FigureUsed(
            indicator="V03", unit_code=UNIT, measure="target", value=200_000_000, text="200.00"
        ),
    )


@pytest.mark.parametrize(
    "what", ["value", "target", "scheduled", "rate", "parts", "before", "against_schedule"]
)
def test_what_is_missing_is_not_told(what: str) -> None:
    one, ledger = said(fact("V09"))
    with pytest.raises(Missing, match="2016年第三季度测试区的“第一书记”到位率"):
        getattr(one, what)
    assert ledger.figures == ()


def test_a_sentence_that_fails_tells_nothing() -> None:
    one, ledger = said(fact("V03", value=1))
    with pytest.raises(Missing), ledger.sentence():
        assert one.value
        assert one.target
    assert ledger.figures == ()
    with ledger.sentence():
        assert one.value
    assert len(ledger.figures) == 1


@given(value=st.integers(0, 10**11), target=st.integers(1, 10**11), share=st.integers(1, 12))
def test_verbs_are_exact_and_the_distance_is_that_of_what_is_shown(
    value: int, target: int, share: int
) -> None:
    scheduled = float(Fraction(target * share, 12))
    done = float(Fraction(value, target))
    one, _ = said(fact("V03", value=value, target=target, scheduled=scheduled, rate=done))
    told = one.against_schedule
    verb = "超过" if value > scheduled else "低于" if value < scheduled else "达到"
    assert told.startswith(f"{verb}序时进度")
    if verb == "达到":
        assert told == "达到序时进度"
        return
    distance = told.removeprefix(f"{verb}序时进度").removesuffix("个百分点")
    if distance == "不足0.1":
        return
    due, _ = said(fact("V03", value=1, target=target, scheduled=1.0, rate=scheduled / target))
    shown = [Decimal(text.removesuffix("%")) for text in (one.rate, due.rate)]
    assert abs(shown[0] - shown[1]) == Decimal(distance) != 0


@given(value=st.integers(0, 1000), scheduled=st.floats(0, 1000))
def test_of_what_is_to_fall_less_is_within_the_limit(value: int, scheduled: float) -> None:
    one, _ = said(fact("V02", value=value, target=0, scheduled=scheduled))
    told = one.against_schedule
    verb = "超过" if value > scheduled else "低于" if value < scheduled else "等于"
    assert told.startswith(f"{verb}序时控制数")
    assert "控制数0个" not in told


@given(value=st.integers(0, RATE_SCALE))
def test_a_rate_short_of_a_hundred_is_not_shown_as_one(value: int) -> None:
    one, _ = said(fact("V09", value=value, numerator=value, denominator=RATE_SCALE))
    assert (one.value == "100.0") == (value == RATE_SCALE)


def test_a_target_is_compared_with_the_indicators_operator() -> None:
    for code, value, words in (
        ("V01", 190, "达到年度力争目标"),
        ("V01", 189, "低于年度力争目标"),
        ("V02", 0, "等于年度目标"),
        ("V02", 3, "超过年度目标"),
    ):
        one, _ = said(fact(code, value=value, target=190 if code == "V01" else 0))
        assert one.against_target == words


def test_a_change_is_told_only_between_what_can_be_compared() -> None:
    before = Period(2016, 2)
    one, ledger = said(
        fact("V02", value=55, reported=19, expected=19),
        fact("V02", before, value=60, reported=19, expected=19),
    )
    assert one.against_last_quarter == "比上季度减少5个村"
    assert {used.indicator for used in ledger.figures} == {"V02", "V02@2016Q2"}
    same, _ = said(fact("V02", value=60), fact("V02", before, value=60))
    assert same.against_last_quarter == "与上季度持平"
    fewer, _ = said(fact("V02", value=55, reported=19), fact("V02", before, value=60, reported=18))
    with pytest.raises(Missing, match="填报单位数不同"):
        assert fewer.against_last_quarter
    first = Period(2017, 1)
    anew, _ = said(fact("V03", first, value=5), fact("V03", Period(2016, 4), value=60))
    with pytest.raises(Missing, match="本年重新累计"):
        assert anew.against_last_quarter


def test_money_in_parts_is_told_in_wan() -> None:
    one, ledger = said(
        fact("G05", value=923_408, numerator=1_078_540_000, denominator=1_168_000_000)
    )
    assert re.fullmatch(r"1,079/1,168", one.parts)
    assert {used.measure for used in ledger.figures} == {"numerator", "denominator"}


def test_a_total_is_told_when_it_is_written_not_when_it_is_asked_for() -> None:
    ledger = Ledger({("资金安排", UNIT, "value"): 1_500_000})
    total = Total(ledger, "资金安排", UNIT, is_money=True)
    assert bool(total)
    assert ledger.figures == ()
    assert str(total) == "1.50"
    assert len(ledger.figures) == 1
    with pytest.raises(Missing, match="资金拨付"):
        str(Total(ledger, "资金拨付", UNIT))
