"""How two sources of one income are put beside each other."""

import pandas as pd
import pytest

from dashboard.components.quality import side_by_side

WAN = 1_000_000


@pytest.mark.parametrize(
    ("told", "other", "said"),
    [
        (103_200_000, 100_000_000, "+3.20(+3.2%)"),
        (100_000_000, 103_200_000, "-3.20(-3.1%)"),
        (100_000_000, 100_000_000, "0.00(0.0%)"),
        (5 * WAN, 0, "+5.00"),
        (None, 5 * WAN, "—"),
        (5 * WAN, pd.NA, "—"),
    ],
)
def test_a_difference_in_wan_and_as_a_share_of_the_other(
    told: object, other: object, said: str
) -> None:
    assert side_by_side._apart(told, other) == said


def test_a_line_says_whether_any_source_is_far_off() -> None:
    row = {"town_name": "甲镇", "name": "乙村", "told": 100 * WAN, "村账": 99 * WAN}
    near = side_by_side._line(row | {"统计审核": None}, 5)
    assert near["核对"] == "● 相近"
    assert near["镇(街道)"] == "甲镇"
    assert side_by_side._line(row | {"统计审核": 90 * WAN}, 5)["核对"] == "■ 相差较大"
    assert side_by_side._line(row | {"told": None, "统计审核": WAN}, 5)["核对"] == "○ 没有填报"
