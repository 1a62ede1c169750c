"""What an import would write over, in the words of the sheets: heads, units, names."""

from datetime import date
from typing import Any

import pytest

from dashboard.components.provenance import wording
from dashboard.settings import Settings

CASES: list[tuple[str, str, Any, dict[str, Any], tuple[str, str]]] = [
    ("village_income", "fiscal_fen", 1_234_500, {}, ("财政补助收入", "1.23万元")),
    ("household_income", "income_fen", 980_050, {}, ("人均可支配收入", "9,800.50元")),
    ("household", "persons", 3, {}, ("人口数", "3人")),
    ("project", "progress", 455_000, {}, ("进度", "45.5%")),
    ("project", "due_on", date(2016, 9, 30), {}, ("计划完成日期", "2016年9月30日")),
    ("task", "status", "", {}, ("状态", "(空)")),
    ("observation", "value", 900_000, {"indicator_code": "H02"}, ("数值", "90.0%")),
    ("observation", "value", 17, {"indicator_code": "H02A"}, ("数值", "17户")),
    ("target", "value", 12, {"indicator_code": "V01"}, ("目标值", "12村")),
]


@pytest.mark.parametrize(("table", "field", "stored", "key", "said"), CASES)
def test_a_value_reads_as_in_its_sheet(
    table: str,
    field: str,
    stored: Any,
    key: dict[str, Any],
    said: tuple[str, str],
    settings: Settings,
) -> None:
    known = wording.of_tables(settings.policy)
    head = wording.head(table, field, known)
    value = wording.value(table, field, stored, key, known, settings.catalogue)
    assert (head, value) == said


def test_a_row_is_told_by_names(settings: Settings) -> None:
    names = {"320412101201": "测试一村"}
    key = {"unit_code": "320412101201", "indicator_code": "V01", "period": "2016Q3"}
    said = wording.row_of(key, names, settings.catalogue)
    assert said.startswith("测试一村 V01 ") and said.endswith("2016年第三季度")
    event = {"subject_type": "household", "subject": "H001", "happened_on": date(2016, 3, 21)}
    assert wording.row_of(event, names, settings.catalogue) == "农户 H001 2016年3月21日"
