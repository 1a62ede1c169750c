"""The section 年底预计: the named list for a district or a town, for a village its own forecast."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components import focus_bar
from dashboard.components.outlook import charts
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.queries.doubts import NONE as NO_DOUBTS
from dashboard.data.queries.doubts import VILLAGE_INCOME, Doubts
from dashboard.data.queries.outlook import Village, YearEnd
from dashboard.figures import DOUBT, DOUBT_NOTE
from dashboard.policy.money import wan_text
from dashboard.policy.outlook import LEAST_TESTED, Check
from dashboard.policy.shortfall import Verdict

_ROW, _HEAD = 34, 38
_MOST_ROWS, _MOST_BARS = 14, 24
_REACHED = "本年累计"


def section(scene: Scene, year_end: YearEnd | None, doubted: Doubts) -> None:
    """For a district or a town: who will miss the line, by how much, and what is needed.

    `doubted`: what waits to be checked.
    """
    if year_end is None:
        return
    st.subheader(f"年底预计({year_end.period.year}年)", anchor=False)
    if not _can_be_told(year_end):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(counted(year_end), width="content")
        asking.beside("village_income", label="依据的收入数", key="outlook")
    pressing = [v for v in year_end.villages if v.standing.verdict in _PRESSING]
    if pressing:
        left, right = st.columns([1, 1.25])
        with left:
            charts.intervals(pressing[:_MOST_BARS], year_end.line, doubted).show()
            if len(pressing) > _MOST_BARS:
                st.caption(f"图中为差得最多的{_MOST_BARS}个村,共{len(pressing)}个。")
        with right:
            _named_list(scene, year_end, doubted)
    _small_print(scene, year_end)


_PRESSING = (Verdict.SHORT, Verdict.BELOW, Verdict.UNSURE)


def village(year_end: YearEnd | None, mark: str) -> None:
    """For one village: what its year will come to, and what is needed each month.

    `mark` stands behind what is made of this year's income where it waits to be checked.
    """
    if year_end is None:
        return
    st.subheader(f"年底预计({year_end.period.year}年)", anchor=False)
    if not _can_be_told(year_end):
        return
    for one in year_end.villages:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(sentence(one, year_end, mark), width="content")
            asking.beside("village_income", label="依据的收入数", key="outlook")
        year = year_end.period.year
        forecast, line = one.standing.forecast, year_end.line
        charts.gauge(forecast, year_end.last_year, line, year, mark).show()
    if year_end.missing:
        st.markdown("本季度未填报,不作预计。")
    if year_end.silent:
        st.markdown("到目前为止的收入太少,看不出全年,不作预计。")
    if year_end.check is not None and year_end.villages:
        st.caption(checked(year_end.check))


def _can_be_told(year_end: YearEnd) -> bool:
    """Says why not where nothing can be expected."""
    if year_end.check is None:
        st.info(
            f"往年有同一季度数又有全年数的不足{LEAST_TESTED}个(村×年),推算准不准无从检验,不作预计。",
            icon=":material/hourglass_empty:",
        )
        return False
    return True


def counted(year_end: YearEnd) -> str:
    """How many villages will end where (Markdown)."""
    counts = Counter(v.standing.verdict for v in year_end.villages)
    line = f"{year_end.line.wording}{wan_text(year_end.line.fen, 0)}万元"
    missing = counts[Verdict.SHORT] + counts[Verdict.BELOW]
    if not year_end.villages:
        return "没有可以预计的村。"
    said = f"以村集体年收入{line}为准:**预计年底不达标{missing}个村**"
    if counts[Verdict.BELOW]:
        said += f"(其中{counts[Verdict.BELOW]}个仍有可能达到)"
    said += (
        f",预计达标但不稳{counts[Verdict.UNSURE]}个,预计达标{counts[Verdict.LIKELY]}个,"
        f"已达标{counts[Verdict.REACHED]}个;共预计{len(year_end.villages)}个村。"
    )
    return said


def checked(check: Check) -> str:
    """What the back-test found, and what it cannot find."""
    years = "、".join(str(year) for year in check.years)
    said = (
        f"把握有多大:对{years}年的{check.tested}个村在同一季度作同样的预计(被检验的村不参与定区间),"
        f"年底数落在区间内的{check.covered}个,占{check.coverage:.1%}(应为{check.nominal:.0%})。"
    )
    if len(check.years) == 1:
        said += "只有一个年度可供检验,年与年之间的整体变化没有计入,实际把握可能低些。"
    return said


def sentence(one: Village, year_end: YearEnd, mark: str = "") -> str:
    """One village's forecast in words (Markdown)."""
    standing, line = one.standing, year_end.line
    forecast = standing.forecast
    said = (
        f"{standing.verdict.glyph} **{standing.verdict.label}**:预计全年"
        f"**{wan_text(forecast.expected, 2, (line.fen,))}**万元{mark},"
        f"八成把握在{charts.span_text(forecast, line)}万元之间"
        f"(往年此时约到账全年的{forecast.share:.0%}"
        f"{',含本村往年的进度' if forecast.has_own else ''})。"
    )
    months = 12 - year_end.period.last_month
    if standing.verdict.misses:
        said += f"距{line.wording}{wan_text(line.fen, 0)}万元差**{wan_text(standing.gap)}**万元;"
    if standing.monthly:
        said += (
            f"余下{months}个月每月需{wan_text(standing.monthly)}万元,"
            f"照预计每月约{wan_text(standing.pace)}万元。"
        )
    return said


def _named_list(scene: Scene, year_end: YearEnd, doubted: Doubts) -> None:
    misses = year_end.misses
    st.markdown(f"**预计年底不达标的村({len(misses)}个)**")
    if not misses:
        st.markdown("没有。")
        return
    shown = table(misses, year_end, doubted)
    right = st.column_config.TextColumn(alignment="right")
    state = st.dataframe(
        shown,
        hide_index=True,
        row_height=_ROW,
        height=_HEAD + _ROW * min(len(shown), _MOST_ROWS),
        column_config=dict.fromkeys(shown.columns[3:], right),
        on_select="rerun",
        selection_mode="single-row",
        key="outlook_table",
    )
    if state.selection.rows:
        focus_bar.goto(scene, "unit", misses[state.selection.rows[0]].code)
    months = 12 - year_end.period.last_month
    is_marked = shown[_REACHED].str.endswith(DOUBT).any()
    st.caption(
        f"金额单位万元。还差:预计全年与标准线之差;每月需:余下{months}个月平均每月须到账的数"
        "(均进到0.01);照预计:推算的每月到账数。勾选一行可查看该村。"
        + (DOUBT_NOTE if is_marked else "")
    )


def table(
    misses: Sequence[Village], year_end: YearEnd, doubted: Doubts = NO_DOUBTS
) -> pd.DataFrame:
    """The named list with amounts in 万元 as text; what waits to be checked is marked."""
    lines = (year_end.line.fen,)
    return pd.DataFrame(
        [
            {
                "把握": "■ 大" if v.standing.verdict is Verdict.SHORT else "▲ 仍有可能达到",
                "村": v.name,
                "镇(街道)": v.town,
                _REACHED: wan_text(v.standing.forecast.reached, 2, lines)
                + doubted.mark(v.code, VILLAGE_INCOME),
                "预计全年": wan_text(v.standing.forecast.expected, 2, lines),
                "八成把握": charts.span_text(v.standing.forecast, year_end.line),
                "还差": wan_text(v.standing.gap),
                "每月需": wan_text(v.standing.monthly),
                "照预计": wan_text(v.standing.pace),
            }
            for v in misses
        ]
    )


def _small_print(scene: Scene, year_end: YearEnd) -> None:
    if year_end.missing:
        said = f"本季度未填报,不作预计({len(year_end.missing)}个村)"
        if scene.focus.unit.level == "town":
            said += f":{'、'.join(name for name, _ in year_end.missing)}"
        else:
            towns = Counter(town for _, town in year_end.missing)
            said += f":{'、'.join(f'{town}{count}个' for town, count in towns.items())}"
        st.caption(f"{said}。")
    if year_end.silent:
        names = "、".join(name for name, _ in year_end.silent)
        st.caption(f"到目前为止的收入太少,看不出全年,不作预计:{names}。")
    if year_end.check is not None:
        st.caption(
            "推算办法:各类收入到账有先后(租金在季初,分红在年底),按各村上年的收入构成和全区往年"
            "各类收入的到账时间,算出此时通常到账全年的几成,再由本年累计推算全年。"
            + checked(year_end.check)
        )
