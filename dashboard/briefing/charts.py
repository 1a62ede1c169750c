"""Charts of a bulletin, each answering one question. Figures come from the ledger."""

from collections.abc import Sequence

from dashboard.briefing import ledger as names
from dashboard.briefing.content import Chart, Series
from dashboard.briefing.facts import NOT_TOLD, Facts
from dashboard.briefing.known import income_of
from dashboard.briefing.ledger import Ledger, named
from dashboard.briefing.said import text_of
from dashboard.briefing.words import siblings_of, whole
from dashboard.config_models import IndicatorEntry
from dashboard.data.queries.doubts import VILLAGE_INCOME
from dashboard.figures import DOUBT, DOUBT_NOTE, NOT_PUBLIC, in_unit
from dashboard.policy.money import FEN_A_WAN, wan_text

_SOURCE = "各镇(街道)、村季度填报"


def course(facts: Facts, ledger: Ledger, entry: IndicatorEntry) -> Chart | None:
    """One indicator of the unit, quarter by quarter; a gap where nothing was reported."""
    code, unit, now = entry.code, facts.focus.unit.code, facts.focus.period
    lines = facts.settings.policy.village_lines
    values: list[float | None] = []
    texts: list[str] = []
    for period, sheet in facts.course.items():
        fact = sheet[code]
        value = fact.value
        if value is None:
            values.append(None)
            texts.append(fact.absent)
            continue
        text = text_of(value, entry, lines)
        ledger.tell(named(code, period, now), unit, text)
        texts.append(text + ("*" if fact.is_partial else "") + facts.doubt_of(fact))
        values.append(in_unit(value, entry))
    if not any(value is not None for value in values):
        return None
    categories = tuple(period.short_label for period in facts.course)
    partial = ";* 该季度所辖单位未全部填报" if any("*" in text for text in texts) else ""
    cumulative = "(年内累计)" if entry.cumulative else ""
    return Chart(
        # What begins anew each January is no line.
        mark="bar" if entry.cumulative else "line",
        title=f"{whole(facts)}{entry.name}逐季变化{cumulative}",
        unit=entry.unit,
        categories=categories,
        series=(Series(name=entry.short, values=tuple(values), texts=tuple(texts)),),
        alt=_words(categories, texts, entry.unit),
        source=_source(texts, partial),
    )


def scores(facts: Facts, ledger: Ledger) -> Chart | None:
    """Who is ahead: the composite score of each unit, best first."""
    places = facts.board.places
    if not places:
        return None
    texts = [
        ledger.tell(names.SCORE, place.code, f"{place.points:.2f}")
        + facts.doubt_of_score(place.code)
        for place in places
    ]
    categories = tuple(place.name for place in places)
    return Chart(
        mark="bar",
        title=f"各{siblings_of(facts)}综合得分,100分为全部达到序时进度",
        unit="分",
        categories=categories,
        series=(
            Series(
                name=names.SCORE,
                values=tuple(round(place.points, 2) for place in places),
                texts=tuple(texts),
            ),
        ),
        alt=_words(categories, texts, "分"),
        source=_source(texts),
    )


def sources(facts: Facts, ledger: Ledger) -> Chart | None:
    """Where the villages' income of the year comes from, quarter by quarter, cumulative."""
    code, unit, now = income_of(facts), facts.focus.unit.code, facts.focus.period
    periods = [p for p in facts.course if p.year == now.year]
    told = [p for p in periods if ledger.value(named(names.OWN, p, now), unit) is not None]
    if code is None or not told:
        return None
    series = []
    for name in (names.OWN, names.TRANSFERRED, names.OTHERS):
        texts, values = [], []
        for period in told:
            fen = ledger.value(named(name, period, now), unit) or 0
            text = ledger.tell(named(name, period, now), unit, wan_text(fen))
            texts.append(text + facts.doubt(unit, VILLAGE_INCOME, period=period))
            values.append(fen / FEN_A_WAN)
        series.append(Series(name=name, values=tuple(values), texts=tuple(texts)))
    categories = tuple(period.short_label for period in told)
    alt = "".join(_words(categories, s.texts, "万元", s.name) for s in series)
    return Chart(
        mark="stacked",
        title=f"{whole(facts)}村集体收入的来源(年内累计)",
        unit="万元",
        categories=categories,
        series=tuple(series),
        alt=alt,
        source=_source([text for one in series for text in one.texts]),
    )


def _source(texts: Sequence[str], more: str = "") -> str:
    """Whose figures they are, and what the marks behind them mean."""
    doubt = f";{DOUBT_NOTE}" if any(DOUBT in text for text in texts) else ""
    return _SOURCE + more + doubt.rstrip("。")


def _words(categories: Sequence[str], texts: Sequence[str], unit: str, name: str = "") -> str:
    """The chart in words: 甲镇101.0分,乙镇98.5分."""
    said = [
        category + (text if text in (NOT_TOLD, NOT_PUBLIC) else text + unit)
        for category, text in zip(categories, texts, strict=True)
    ]
    return f"{name + ':' if name else ''}{','.join(said)}。"
