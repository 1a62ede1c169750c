"""Tables of a bulletin. Every figure in them comes from the ledger, and is written down there."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from dashboard.briefing.content import Align, Cell, Column, Table
from dashboard.briefing.facts import Fact, Facts
from dashboard.briefing.ledger import Ledger, Measure, named
from dashboard.briefing.said import text_of
from dashboard.briefing.words import siblings_of, whole
from dashboard.config_models import IndicatorEntry
from dashboard.figures import DOUBT, DOUBT_NOTE, NOT_PUBLIC, NOT_PUBLIC_NOTE, in_unit, rate
from dashboard.policy.progress import Light

NONE = "—"
_PARTIAL = "* 所辖单位尚未全部填报,为已填报单位的合计。"
_ORIGIN = "每个数的口径和来源文件见工作簿“数据来源”页。"
_FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "money_yuan": "#,##0.00",
    "ratio": "0.0",
    "score": "0.0",
}


def core(facts: Facts, ledger: Ledger) -> Table | None:
    """The unit's own core indicators: target, figure, scheduled, completion, light."""
    entries = [e for e in facts.settings.catalogue.core if _is_known(facts.own[e.code])]
    rows = []
    for entry in entries:
        fact = facts.own[entry.code]
        rows.append(
            (
                Cell(text=f"{entry.short}({entry.unit})"),
                _target(facts, ledger, fact),
                _actual(facts, ledger, fact),
                _scheduled(facts, ledger, fact),
                _completion(fact),
                Cell(text=f"{fact.light.glyph}{fact.light.label}", light=_colour(fact)),
            )
        )
    columns = (
        Column(head="核心指标", align=Align.LEFT, width=22),
        Column(head="年度目标", width=12, number_format="#,##0.##"),
        Column(head="实际", width=14, number_format="#,##0.##"),
        Column(head="序时进度", width=12, number_format="#,##0.##"),
        Column(head="完成率", width=10, number_format="0.0%"),
        Column(head="状态", align=Align.CENTER, width=14),
    )
    note = _PARTIAL if any(facts.own[e.code].is_partial for e in entries) else ""
    if not rows:
        return None
    return Table(
        title="核心指标完成情况",
        columns=columns,
        rows=tuple(rows),
        footnote=note + doubt_note(rows),
    )


def decomposition(facts: Facts, ledger: Ledger, codes: Sequence[str]) -> Table | None:
    """附件1: the whole and its units by some indicators: target, actual, completion.

    Raises KeyError for a code that the catalogue does not have.
    """
    entries = [facts.settings.catalogue[code] for code in codes]
    columns = [Column(head=siblings_of(facts), align=Align.LEFT, width=14)]
    for entry in entries:
        group, shown = f"{entry.short}({entry.unit})", _FORMATS[entry.quantity]
        columns += [
            Column(head="目标", group=group, number_format=shown),
            Column(head="实际", group=group, number_format=shown),
            Column(head="完成率", group=group, number_format="0.0%"),
        ]
    rows = [(whole(facts), facts.own), *((child.name, child.now) for child in facts.children)]
    if not any(_is_known(sheet[e.code]) for _, sheet in rows for e in entries):
        return None
    partial = any(sheet[entry.code].is_partial for _, sheet in rows for entry in entries)
    told = tuple(_goals(facts, ledger, name, sheet, entries) for name, sheet in rows)
    return Table(
        title="目标任务分解完成情况表",
        columns=tuple(columns),
        rows=told,
        footnote="比率为分子之和除以分母之和。"
        + _ORIGIN
        + (_PARTIAL if partial else "")
        + doubt_note(told),
        total_row=True,
    )


def _goals(
    facts: Facts,
    ledger: Ledger,
    name: str,
    sheet: Mapping[str, Fact],
    entries: Sequence[IndicatorEntry],
) -> tuple[Cell, ...]:
    cells = [Cell(text=name)]
    for entry in entries:
        fact = sheet[entry.code]
        cells += [_target(facts, ledger, fact), _actual(facts, ledger, fact), _completion(fact)]
    return tuple(cells)


def _is_known(fact: Fact) -> bool:
    return fact.value is not None or fact.target is not None


def _target(facts: Facts, ledger: Ledger, fact: Fact) -> Cell:
    if fact.target is None:
        return Cell(text=NONE)
    text = text_of(fact.target, fact.entry).removesuffix(".0")
    return _told(facts, ledger, fact, "target", fact.target, text)


def _actual(facts: Facts, ledger: Ledger, fact: Fact) -> Cell:
    if fact.value is None:
        waits = fact.entry.cadence == "year" and not fact.period.closes_year
        absent = "年底填报" if waits and not fact.is_withheld else fact.absent
        return Cell(text=NONE if fact.denominator == 0 or not fact.expected else absent)
    text = text_of(fact.value, fact.entry, facts.settings.policy.village_lines)
    cell = _told(facts, ledger, fact, "value", fact.value, text)
    marks = ("*" if fact.is_partial else "") + facts.doubt_of(fact)
    return cell.model_copy(update={"text": cell.text + marks}) if marks else cell


def doubt_note(rows: Iterable[Sequence[Cell]]) -> str:
    """What stands below a table with marks; nothing below one without."""
    texts = [cell.text for row in rows for cell in row]
    return (DOUBT_NOTE if any(DOUBT in text for text in texts) else "") + (
        NOT_PUBLIC_NOTE if NOT_PUBLIC in texts else ""
    )


def _scheduled(facts: Facts, ledger: Ledger, fact: Fact) -> Cell:
    if fact.scheduled is None:
        return Cell(text=NONE)
    due = fact.scheduled
    if fact.entry.quantity == "count" and due != round(due):
        text = f"{Decimal(str(due)):,.1f}"
        return _told(facts, ledger, fact, "scheduled", round(due), text, due)
    text = text_of(round(due), fact.entry).removesuffix(".0")
    return _told(facts, ledger, fact, "scheduled", round(due), text)


def _completion(fact: Fact) -> Cell:
    if fact.rate is None:
        return Cell(text=NONE)
    return Cell(text=rate(fact.rate), number=fact.rate, light=_colour(fact))


def _told(
    facts: Facts,
    ledger: Ledger,
    fact: Fact,
    measure: Measure,
    value: int,
    text: str,
    number: float | None = None,
) -> Cell:
    name = named(fact.entry.code, fact.period, facts.focus.period)
    ledger.tell(name, fact.unit_code, text, measure)
    return Cell(text=text, number=in_unit(value, fact.entry) if number is None else number)


def _colour(fact: Fact) -> str:
    return "" if fact.light is Light.NONE else fact.light.value
