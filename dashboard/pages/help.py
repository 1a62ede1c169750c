"""使用帮助: lights and words, how each figure is defined, who sees what, how data get in.

Tables here are plain ones: their text wraps, and the browser's own search finds it.
"""

import pandas as pd
import streamlit as st

from dashboard.components import help_words
from dashboard.components.scene import Scene
from dashboard.policy.progress import Light
from dashboard.settings import Settings

_LIGHT_COLOURS = {
    Light.GREEN: "green",
    Light.YELLOW: "orange",
    Light.RED: "red",
    Light.NONE: "gray",
}


def render(scene: Scene) -> None:
    """The page for a scene; it needs no figures, so that it also opens on an empty store."""
    draw(scene.settings)


def draw(settings: Settings) -> None:
    st.header("使用帮助", anchor=False)
    lights, figures, words, roles, loading = st.tabs(
        ["亮灯与标准线", "指标口径", "名词", "角色", "数据导入"]
    )
    with lights:
        _lights(settings)
    with figures:
        _indicators(settings)
    with words:
        st.table(pd.DataFrame(help_words.WORDS.items(), columns=["名词", "含义"]), hide_index=True)
    with roles:
        for role, text in help_words.ROLES.items():
            st.markdown(f"**{role.label}**:{text}")
    with loading:
        _loading()


def _lights(settings: Settings) -> None:
    rule = settings.policy.lights
    meanings = {
        Light.GREEN: f"实际进度达到序时进度的{rule.green_from}%及以上",
        Light.YELLOW: f"达到序时进度的{rule.yellow_from}%,不足{rule.green_from}%",
        Light.RED: f"不足序时进度的{rule.yellow_from}%",
        Light.NONE: "没有填报数、没有目标,或缺少基期",
    }
    for light, meaning in meanings.items():
        st.markdown(f":{_LIGHT_COLOURS[light]}[{light.glyph} **{light.label}**]:{meaning}")
    st.markdown(
        "**序时进度**:下达了月度计划的,以计划累计值为准;没有月度计划的,从年初到完成月份按月均匀推进。"
    )
    st.markdown("**完成率** = 实际值 ÷ 全年目标;逐步减少的指标为已减少数 ÷ 应减少数。")
    st.subheader("标准线", anchor=False)
    lines = [
        {
            "名称": entry.label,
            "口径": entry.concept,
            "标准": f"{settings.policy.threshold(key).wording}"
            + (f"{entry.wan}万元" if entry.wan is not None else f"{entry.yuan:,}元"),
            "承诺": entry.grade,
            "条款": entry.clause,
            "说明": entry.note,
        }
        for key, entry in settings.policy.thresholds.items()
    ]
    st.table(pd.DataFrame(lines), hide_index=True)


def _indicators(settings: Settings) -> None:
    rows = [
        {
            "代码": entry.code,
            "指标": entry.name,
            "单位": entry.unit,
            "口径": entry.formula,
            "条款": entry.clause,
            "责任部门": entry.department,
            "核心": "是" if entry.core else "",
            "复核": entry.reviewed.strftime("%Y年%-m月%-d日"),
        }
        for entry in settings.catalogue.indicators
    ]
    st.caption("依据武发〔2016〕68号。标注“(推定)”的责任部门,文件没有点名。")
    st.table(pd.DataFrame(rows), hide_index=True)


def _loading() -> None:
    st.markdown(
        "1. 扶贫办生成各镇的填报工作簿:"
        "`python -m dashboard template --unit 单位代码 --period 2016Q3 某镇.xlsx`\n"
        "2. 镇(街道)填写后报回;金额单位为万元,收入为本年累计数。\n"
        "3. 扶贫办在“工作台”上传,先看会改动什么,再导入(或用命令"
        "`python -m dashboard import 某镇.xlsx`);镇(街道)自己上传的,待扶贫办审核后才计入。"
        "任何一处有误,整个文件都不导入,并生成标出错误的副本。\n"
        "4. 同一文件重复导入不会改变任何数据;更改过的数,旧值都会保留。\n"
        "5. 含有姓名、身份证号、电话的文件一律拒收。"
    )
