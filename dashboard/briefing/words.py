"""Words that templates share: an indicator's figures by its code, and what units are called."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.briefing.facts import Fact, Facts
from dashboard.briefing.ledger import Ledger
from dashboard.briefing.said import Said
from dashboard.data.units import Unit

_WHOLE = {"district": "全区", "city": "全市", "province": "全省", "nation": "全国"}
_MOST_NAMES = 5


def said_of(
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
        "值": value_of,
        "目标": lambda said: said.target + said.unit,
        "年度目标": lambda said: said.goal,
        "序时": lambda said: said.scheduled + said.unit,
        "完成率": lambda said: said.rate + said.mark,
        "比序时": lambda said: said.against_schedule,
        "比目标": lambda said: said.against_target,
        "比上季": lambda said: said.against_last_quarter,
        "上季比序时": lambda said: said.before.against_schedule,
        "上季值": lambda said: value_of(said.before),
        "分子分母": lambda said: said.parts + said.mark,
        "填报面": lambda said: said.coverage,
        "未填全": lambda said: said.is_partial,
        "已有": lambda said: said.is_known,
        "多于零": lambda said: said.exact > 0,
    }
    return {name: asked(tell) for name, tell in tells.items()}


def value_of(said: Said) -> str:
    """59个村, and the mark of what waits to be checked: 59个村◇."""
    return said.value + said.unit + said.mark


def whole(facts: Facts) -> str:
    """全区, 全镇, 全街道."""
    return whole_of(facts.focus.unit)


def whole_of(unit: Unit) -> str:
    """What the whole under a unit is called beside its parts."""
    if unit.level in _WHOLE:
        return _WHOLE[unit.level]
    return "全" + ("街道" if unit.name.endswith("街道") else unit.name[-1])


def siblings_of(facts: Facts) -> str:
    """What the units under the focus unit are called: 镇(街道), 村, 区县."""
    return {"district": "镇(街道)", "town": "村"}.get(facts.focus.unit.level, "单位")


def joined(words: Sequence[str]) -> str:
    return "、".join(words)


def several(words: Sequence[str], most: int = _MOST_NAMES) -> str:
    """Names in a row, the first ones where they are many: 甲村、乙村等."""
    return joined(words[:most]) + ("等" if len(words) > most else "")
