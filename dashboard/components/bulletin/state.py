"""What is known of an issue beside its words: whether it is as published, what has moved since."""

import pandas as pd
import streamlit as st

from dashboard.briefing.content import Bulletin
from dashboard.briefing.issues import Standing
from dashboard.components import exports
from dashboard.components.scene import Scene
from dashboard.figures import moment


def show(scene: Scene, found: Standing, shown: Bulletin) -> None:
    """The kept issue, then published beside recomputed today, then what was left unsaid."""
    for issue, edition in zip(found.published, found.editions, strict=True):
        if edition == shown:
            st.caption(
                f"{moment(issue.published_at)}由{issue.published_by}发布,"
                f"数据截至{moment(issue.cut_off)},校验值{issue.sha256[:16]}…"
            )
            if issue.is_intact:
                st.caption(":material/verified: 内容与发布时一致。")
            else:
                st.error(
                    "内容与发布时的校验值不符,可能被改动,请立即核查。", icon=":material/gpp_bad:"
                )
    if found.published:
        _differences(scene, found)
    _omitted(shown)


def _differences(scene: Scene, found: Standing) -> None:
    count, newest = len(found.differing), found.editions[-1].document_number
    if not count:
        st.markdown(f"**已发布与现在重算**:与{newest}相比没有变动。")
        return
    st.markdown(f"**已发布与现在重算**:与{newest}相比,有{count}个数已经变动。")
    frame = pd.DataFrame(
        [
            {
                "单位": one.unit,
                "指标": one.indicator,
                "项目": one.measure,
                "发布时": one.then.text,
                "现在": one.now_text,
            }
            for one in found.differing
        ]
    )
    st.dataframe(frame, hide_index=True)
    now = list(frame.columns).index("现在")
    cells = [
        exports.Cell(at, one.then.unit_code, one.unit, one.then.indicator)
        for at, one in enumerate(found.differing)
    ]
    exports.offer(
        scene, "通报变动清单", frame, lambda: exports.of_figures(scene, exports.SHEET, now, cells)
    )


def _omitted(shown: Bulletin) -> None:
    if not shown.omitted:
        return
    with st.expander(f"没有写的句子({len(shown.omitted)}句):缺少所用的数"):
        for omitted in shown.omitted:
            st.caption(f"缺{omitted.missing}")
