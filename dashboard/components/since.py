"""Changes since an earlier day as lines that a person reads: sheet, unit, figure then and now."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard import figures
from dashboard.config_models import IndicatorEntry
from dashboard.data.ingest.sheets import Sheet, sheets
from dashboard.data.queries.changes import Change
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.aggregation import RATE_SCALE
from dashboard.policy.money import wan_text, yuan_text
from dashboard.settings import Settings

_ABSENT, _BOUNDARY = "—", "边界"
_VALUES = {"observation": "value", "target": "value", "target_month": "planned"}
"""Tables whose figure is in the unit of an indicator."""
_TOTAL = "年累计收入(万元)"
Line = dict[str, str | int | None]


def lines(found: Sequence[Change], settings: Settings) -> list[Line]:
    """One a figure that differs; one a row that came or went, with its main figure."""
    named = {sheet.table: sheet for sheet in sheets(settings.policy).values()}
    return [
        _line(change, named.get(change.table), what, then, now)
        for change in found
        for what, then, now in _differences(change, named.get(change.table), settings)
    ]


def _line(change: Change, sheet: Sheet | None, what: str, then: str, now: str) -> Line:
    back = "(已撤销)" if change.taken_back else ""
    return {
        "时间": figures.moment(change.at),
        "单位": change.name,
        "工作表": sheet.name if sheet else _BOUNDARY,
        "数据": what,
        "当时": then,
        "现在": now,
        "文件": f"{change.file}{back}",
        "行": change.row,
        "由谁": change.by,
        "批次": change.batch,
        "代码": change.unit,
    }


def _differences(
    change: Change, sheet: Sheet | None, settings: Settings
) -> list[tuple[str, str, str]]:
    """(what, then, now)."""
    row = change.new or change.old or {}
    entry = _entry(settings, row.get("indicator_code"))
    subject = _subject(change, row, entry)
    if change.old is not None and change.new is not None:
        heads = _heads(sheet)
        return [
            (
                f"{subject}{_head(heads, name, entry)}".strip(),
                _shown(change.table, name, change.old.get(name), entry),
                _shown(change.table, name, change.new[name], entry),
            )
            for name in change.fields
        ]
    then, now = (_whole(change.table, one, entry) for one in (change.old, change.new))
    what = _TOTAL if change.table == "village_income" else ""
    return [(f"{subject}{what}".strip() or change.key.replace("|", " "), then, now)]


def _subject(change: Change, row: Mapping[str, Any], entry: IndicatorEntry | None) -> str:
    """The indicator and when, or what else tells the row from others of its unit."""
    code = row.get("indicator_code")
    if code is not None:
        when = row.get("period") or f"{row.get('year')}年"
        month = f"{row['month']}月" if "month" in row else ""
        return f"{entry.name if entry else code} {when}{month} "
    parts = [part for part in change.key.split("|") if part != change.unit]
    return " ".join(parts) + " " if parts else ""


def _entry(settings: Settings, code: Any) -> IndicatorEntry | None:
    """The indicator of that code; a part that is reported under a code of its own looks alike."""
    for entry in settings.catalogue.indicators:
        if entry.code == code:
            return entry
        for part in entry.parts:
            if part.code == code:
                same = {name: getattr(part, name) for name in ("code", "name", "unit", "quantity")}
                return entry.model_copy(update=same)
    return None


def _heads(sheet: Sheet | None) -> dict[str, str]:
    return {column.field: column.head for column in sheet.columns} if sheet else {}


def _head(heads: Mapping[str, str], name: str, entry: IndicatorEntry | None) -> str:
    head = heads.get(name, name)
    if name in _VALUES.values() and entry is not None:
        return f"{head}({entry.unit})"
    if name == "income_fen":
        return f"{head}(元)"
    return f"{head}(万元)" if name.endswith("_fen") else head


def _shown(table: str, name: str, value: Any, entry: IndicatorEntry | None) -> str:
    if value is None or value == "":
        return _ABSENT
    if name == _VALUES.get(table) and entry is not None:
        return figures.figure(int(value), entry)
    if name == "income_fen":
        return yuan_text(int(value))
    if name.endswith("_fen"):
        return wan_text(int(value))
    if name == "progress":
        return f"{figures.rounded(Decimal(value) * 100 / RATE_SCALE)}%"
    if name == "score":
        return f"{figures.rounded(Decimal(value) / 100)}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "(图形)" if isinstance(value, dict) else str(value)


def _whole(table: str, row: Mapping[str, Any] | None, entry: IndicatorEntry | None) -> str:
    """The main figure of a row that came or went; 有 where it has none."""
    if row is None:
        return _ABSENT
    if table in _VALUES:
        return _shown(table, _VALUES[table], row[_VALUES[table]], entry)
    if table == "village_income":
        return wan_text(sum(int(row[f"{source}_fen"]) for source in INCOME_SOURCES))
    if table == "household_income":
        return yuan_text(int(row["income_fen"]))
    return "有"
