"""What a published bulletin told, and what the store says of the same figures today."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.briefing.content import Align, Bulletin, Cell, Column, FigureUsed, Table
from dashboard.briefing.facts import Facts, gather
from dashboard.briefing.known import known
from dashboard.briefing.ledger import (
    ALLOCATED,
    ARRANGED,
    INVESTED,
    OTHERS,
    OWN,
    SCORE,
    SPENT,
    TRANSFERRED,
    Key,
)
from dashboard.briefing.said import text_of
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.policy.money import wan_text
from dashboard.policy.periods import Period
from dashboard.settings import Settings

_MONEY = (ARRANGED, ALLOCATED, SPENT, INVESTED, OWN, TRANSFERRED, OTHERS)
_MEASURES = {
    "value": "实际",
    "target": "目标",
    "scheduled": "序时进度",
    "numerator": "分子",
    "denominator": "分母",
}


@dataclass(frozen=True)
class Difference:
    """A figure that is no longer what was published; `now` is None where it is gone.

    `indicator` and `unit` are names for people; texts are without units.
    """

    indicator: str
    unit: str
    measure: str
    then: FigureUsed
    now: int | None
    now_text: str


@dataclass(frozen=True)
class Correction:
    """An issue that is corrected, by its document number, and what is otherwise now."""

    document_number: str
    differences: tuple[Difference, ...]


def differences(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    published: Bulletin,
) -> list[Difference]:
    """Every figure of the published bulletin that the store now has otherwise, in its order.

    Looked up one by one, whether or not a bulletin built today would still tell it. Raises
    NotAllowed where the viewer may not see the unit.
    """
    facts = gather(store, viewer, focus, settings)
    return against(published, facts, known(facts))


def against(published: Bulletin, facts: Facts, now: Mapping[Key, int]) -> list[Difference]:
    """The same, where the facts have been read already."""
    names = facts.names
    found = []
    for then in published.figures:
        value = now.get((then.indicator, then.unit_code, then.measure))
        if value != then.value:
            code, _, quarter = then.indicator.partition("@")
            found.append(
                Difference(
                    _indicator(facts, code, quarter),
                    names.get(then.unit_code, then.unit_code),
                    _MEASURES[then.measure],
                    then,
                    value,
                    "—" if value is None else _text(facts, code, then.measure, value),
                )
            )
    return found


def _indicator(facts: Facts, code: str, quarter: str) -> str:
    entry = facts.settings.catalogue.by_code.get(code)
    of = f"({Period.parse(quarter).label})" if quarter else ""
    if entry is not None:
        return f"{entry.name}({entry.unit}){of}"
    return code + ("(万元)" if _is_money(code) else "") + of


def _is_money(code: str) -> bool:
    return code.partition("·")[0] in _MONEY


def _text(facts: Facts, code: str, measure: str, value: int) -> str:
    entry = facts.settings.catalogue.by_code.get(code)
    if code == SCORE:
        return f"{value / 100:.2f}"
    if entry is None:
        return wan_text(value) if _is_money(code) else f"{value:,}"
    if measure in ("numerator", "denominator"):
        part = entry.numerator if measure == "numerator" else entry.denominator
        is_money = part is not None and part.quantity == "money"
        return wan_text(value) if is_money else f"{value:,}"
    return text_of(value, entry, facts.settings.policy.village_lines)


def corrected(correction: Correction | None) -> Table | None:
    """What was published beside what holds now; None where there is nothing to correct."""
    if correction is None or not correction.differences:
        return None
    columns = (
        Column(head="单位", align=Align.LEFT, width=14),
        Column(head="指标", align=Align.LEFT, width=34),
        Column(head="项目", align=Align.CENTER, width=10),
        Column(head="原数", width=14),
        Column(head="更正后", width=14),
    )
    rows = [
        (
            Cell(text=one.unit),
            Cell(text=one.indicator),
            Cell(text=one.measure),
            Cell(text=one.then.text),
            Cell(text=one.now_text),
        )
        for one in correction.differences
    ]
    return Table(
        title="更正对照表",
        columns=columns,
        rows=tuple(rows),
    )
