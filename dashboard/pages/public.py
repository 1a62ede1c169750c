"""公众查询, without a login: the district's progress as it was published, and the bulletins.

Nothing is told here that has not been published: the figures are those of the frozen bulletins.
Source: 武发〔2016〕68号 三(一) (供帮扶单位和社会各界查询).
"""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.briefing.content import Kind, from_json
from dashboard.components import demo_mark, visits
from dashboard.components.public import panels
from dashboard.data import bulletins
from dashboard.data.store import Store
from dashboard.settings import Settings


def render(store: Store, settings: Settings, home: StreamlitPage) -> None:
    """A quarter's published figures; every issue with its files; the way to the login."""
    head = st.container(horizontal=True, vertical_alignment="center")
    head.title(f"{settings.district.name}扶贫开发公开信息", anchor=False, width="stretch")
    head.page_link(home, label="工作人员登录", icon=":material/login:")
    if not visits.allowed(visits.PAGES, st.context.ip_address):
        st.warning(visits.TOO_OFTEN, icon=":material/hourglass_top:")
        return
    demo_mark.show(store.is_demo)
    published = bulletins.published(store, settings.district.root_unit)
    issues = [from_json(issue.content) for issue in published]
    by_quarter = panels.newest(issues, Kind.BULLETIN)
    if not by_quarter:
        st.info("还没有公布情况通报。", icon=":material/inbox:")
        return
    period = st.selectbox(
        "季度", list(by_quarter), format_func=lambda period: period.label, width=240
    )
    panels.progress(by_quarter[period], settings.catalogue)
    st.caption("数字为通报公布时的数,此后的变动以更正通报为准。")
    panels.documents(issues)
