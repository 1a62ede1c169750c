"""Floor support: both sides compared to the fen, and what a line would cost."""

import pandas as pd
import streamlit as st

from dashboard.components import exports
from dashboard.components.scene import Scene
from dashboard.data.frames import records
from dashboard.policy.floor_support import candidates, halves
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.rounding import apportioned

_RIGHT = st.column_config.TextColumn(alignment="right")
_LOWEST, _HIGHEST = 50, 200
_STEP = FEN_A_WAN // 100


def paid(scene: Scene, frame: pd.DataFrame) -> None:
    """What the district and the town have paid for each village, and whether it agrees."""
    st.subheader("兜底资金:区、镇各半", anchor=False)
    if frame.empty:
        st.markdown(f"{scene.focus.period.year}年没有登记兜底资金。")
        return
    percent = scene.settings.policy.floor_share_district_percent
    rows, differing = [], 0
    for row in records(frame):
        both = halves(int(row["district_fen"]), int(row["town_fen"]), percent)
        # An odd fen is the town's: a fen either way is no difference.
        agrees = abs(both.difference_fen) <= 1
        differing += not agrees
        rows.append(
            {
                "村": row["name"],
                "区级拨付(万元)": wan_text(both.district_fen),
                "镇级拨付(万元)": wan_text(both.town_fen),
                "状态": "● 相符"
                if agrees
                else f"■ 区级{'多' if both.difference_fen > 0 else '少'}"
                f"{wan_text(abs(both.difference_fen), 2, (0,))}万元",
            }
        )
    total = [sum(int(row[name]) for row in records(frame)) for name in ("district_fen", "town_fen")]
    st.markdown(
        f"区级共拨付{wan_text(total[0])}万元,镇级共拨付{wan_text(total[1])}万元;"
        + (f"{differing}个村两级不符。" if differing else "各村两级相符(到分)。")
    )
    right = {name: _RIGHT for name in rows[0] if "万元" in name}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=right)


def calculator(scene: Scene, villages: pd.DataFrame) -> None:
    """Candidates below a line, the assumed top-up and each side's share of it."""
    policy = scene.settings.policy
    usual = policy.threshold("floor_support").fen // FEN_A_WAN
    st.subheader("兜底测算", anchor=False)
    line = st.slider(
        "兜底线(万元)", _LOWEST, _HIGHEST, int(usual), step=5, key="floor_line", width=480
    )
    whole = scene.focus.period.closes_year
    column = "total_fen" if whole else "last_year_fen"
    basis = f"{scene.focus.period.year if whole else scene.focus.period.year - 1}年全年收入"
    told = villages[villages[column].notna()]
    pairs = [(str(row["village"]), int(row[column])) for row in records(told)]
    percent = policy.floor_share_district_percent
    found = candidates(pairs, line * FEN_A_WAN, percent)
    total = sum(one.top_up_fen for one in found)
    district, town = _adding_up([one.district_fen for one in found], total)
    st.markdown(
        f"按{basis}低于{line}万元,候选{len(found)}个村(共{len(told)}个村有数据)。"
        f"假定补到线上,需{wan_text(total)}万元:区级{district}万元,镇级{town}万元。"
    )
    if line != usual:
        base = candidates(pairs, int(usual) * FEN_A_WAN, percent)
        more = total - sum(one.top_up_fen for one in base)
        st.markdown(
            f"与现行{usual}万元相比,{'增加' if more >= 0 else '减少'}"
            f"{abs(len(found) - len(base))}个村、{wan_text(abs(more))}万元。"
        )
    st.caption(
        "假设:文件没有规定补足公式,这里按 max(0, 兜底线 − 年收入) 测算;收入只是候选条件,"
        "还须符合条件、扶贫工作扎实、一时难以脱贫并经确认。不足一分的零头由镇级承担。"
    )
    if not found:
        return
    names = dict(zip(villages["village"], villages["name"], strict=True))
    shown = pd.DataFrame(
        [
            {
                "村": names[one.village],
                "年收入(万元)": wan_text(one.income_fen, 2, (line * FEN_A_WAN,)),
                "需补(万元)": wan_text(one.top_up_fen, 2, (0,)),
                "区级(万元)": wan_text(one.district_fen, 2, (0,)),
                "镇级(万元)": wan_text(one.town_fen, 2, (0,)),
            }
            for one in found
        ]
    )
    right = {name: _RIGHT for name in shown.columns if "万元" in name}
    st.dataframe(shown, hide_index=True, column_config=right)
    exports.register(scene, f"兜底测算_{line}万元", shown, "village_income")


def _adding_up(district: list[int], total: int) -> tuple[str, str]:
    """Both sides' sums, rounded so that they make up the whole as it is shown."""
    side = sum(district)
    steps = apportioned([side, total - side], round(total / _STEP)) if total else [0, 0]
    first, second = (wan_text(step * _STEP) for step in steps)
    return first, second
