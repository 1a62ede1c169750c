"""An earlier day's knowledge on every page: `?asof=2016-10-12`, the way there and the way back."""

from datetime import date, datetime

import pandas as pd
import streamlit as st

from dashboard.components import downloads, meeting, since, turns
from dashboard.components.bad_address import BadAddress
from dashboard.components.scene import Scene
from dashboard.data import past, units
from dashboard.data.history import end_of
from dashboard.data.past import PastStore
from dashboard.data.queries import changes
from dashboard.data.store import Store
from dashboard.figures import as_of
from dashboard.policy.access import Viewer
from dashboard.policy.periods import CHINA_TIME, Period
from dashboard.settings import Settings

PARAMETER = "asof"
_MOST_SHOWN = 500


def asked() -> date | None:
    """The day that the address names; None for the present. Raises BadAddress."""
    text = str(st.query_params.get(PARAMETER, "")).strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadAddress(f"“截至”的日期应写作2016-10-12的形式,而不是“{text[:20]}”。") from None
    if day > _today():
        raise BadAddress(f"{day.year}年{day.month}月{day.day}日还没有到,请选择今天或以前的日期。")
    return day


def _today() -> date:
    return datetime.now(CHINA_TIME).date()


def said(day: date | None) -> dict[str, str]:
    """As an address says it; nothing for the present."""
    return {PARAMETER: day.isoformat()} if day is not None else {}


def carried() -> dict[str, str]:
    """What keeps the day over another focus."""
    return said(asked())


def store(present: Store, settings: Settings, viewer: Viewer, unit: str) -> PastStore:
    """What was known at the end of the asked day of the district that a unit lies in.

    Put together with visible progress where nobody has yet. Raises BadAddress, and as units.focus
    does: who may not see a unit today waits for nothing.
    """
    day = asked()
    assert day is not None, "asked before"  # noqa: S101
    top = units.focus(present, viewer, unit, Period.of(day)).unit.district_code
    found = past.store_of(present, settings, top, day)
    if found.is_built:
        return found
    turns.give_way()
    place = st.empty()
    text = f"正在还原{as_of(day)}……"
    bar = place.progress(0.0, text=text)

    def report(done: int, total: int) -> None:
        bar.progress(done / total, text=text)

    try:
        past.prepare(found, report)
    except past.NotKnown as error:
        raise BadAddress(f"{error}。") from None
    finally:
        place.empty()
    return found


def show(scene: Scene) -> None:
    """In the bar of every page: what day this is, what has changed since, and the way back."""
    if scene.as_of is None:
        return
    st.badge(as_of(scene.as_of), icon=":material/history:", color="violet")
    if st.button("此后的变化", type="tertiary", icon=":material/difference:", key="asof_changes"):
        _changes(scene)
    if st.button("回到今天", type="tertiary", icon=":material/today:", key="asof_today"):
        _go(scene, None)


def choose(scene: Scene) -> None:
    """The way to an earlier day, folded away."""
    with st.popover("截至", icon=":material/history:", type="tertiary", help="看以前某一天的数据"):
        chosen = st.date_input(
            "看截至哪一天的数据",
            value=scene.as_of,
            min_value=date(scene.settings.district.first_year - 1, 1, 1),
            max_value=_today(),
            format="YYYY-MM-DD",
            key=f"asof_day_{scene.as_of}",
            help="按那一天结束时已经导入的数据重算各页;此后的填报、更正和撤销都不计入。",
        )
    if chosen != scene.as_of and isinstance(chosen, date):
        _go(scene, chosen)


def _go(scene: Scene, day: date | None) -> None:
    """The same unit on another day; a quarter that had not begun gives way to the newest known."""
    focus = scene.focus
    address = {"unit": focus.unit.code, **said(day), **meeting.carried()}
    if day is None or focus.period.first_day <= day:
        address["period"] = str(focus.period)
    st.query_params.from_dict(address)
    st.rerun()


def no_desk() -> None:
    """The desk changes things: it has no past."""
    st.info(
        "正在查看以前的数据,只能看,不能更改。工作台请先点“回到今天”。",
        icon=":material/history:",
    )


@st.dialog("此后的变化", width="large")
def _changes(scene: Scene) -> None:
    day, current = scene.as_of, scene.store
    assert day is not None and isinstance(current, PastStore)  # noqa: S101
    focus = scene.focus
    found = changes.since(current.present, scene.viewer, focus, end_of(day))
    lines = since.lines(found, scene.settings)
    name = focus.unit.name
    if not lines:
        st.info(f"{name}{as_of(day)}与现在相同,没有变化。", icon=":material/done_all:")
        return
    frame = pd.DataFrame(lines)
    st.markdown(
        f"{name}从{day.year}年{day.month}月{day.day}日到现在,有{len(found):,}行数据不同。"
        + (f"下面是最近的{_MOST_SHOWN}处,其余在下载的文件中。" if len(lines) > _MOST_SHOWN else "")
    )
    st.dataframe(frame.head(_MOST_SHOWN), hide_index=True, height=460)
    downloads.bar(
        current,
        scene.viewer,
        downloads.File(
            "变化清单",
            downloads.file_name(focus, "此后的变化", "csv", scene.is_demo),
            "text/csv",
            lambda: downloads.csv(frame),
        ),
    )
