"""What the screen says and does while the database is away: the last good figures stay, with their
time; the page comes back by itself.
"""

import time
from datetime import UTC, datetime

import streamlit as st

from dashboard.data.store import Store
from dashboard.policy.periods import CHINA_TIME

_ASK_S = 2
_TRIED = "away_tried"


def notice(store: Store, seen_at: datetime) -> None:
    """Above a page that is drawn from memory; `seen_at` is when its figures were read (UTC)."""
    st.warning(
        f"数据库暂时连不上,以下是{_said(seen_at)}的数据;恢复后自动更新,此前不能保存任何改动。",
        icon=":material/cloud_off:",
    )
    _wait(store)


def nothing_to_show(store: Store, reference: str) -> None:
    """In place of a page that was not looked at before the store went away."""
    st.error(
        "数据库暂时连不上,数据没有丢失;这一页没有可以先看的数据,恢复后自动显示。"
        f"若持续出现,请告知管理员编号 {reference}。",
        icon=":material/cloud_off:",
    )
    _wait(store)


def is_first_try() -> bool:
    """Whether a run that found the store away should be followed by one from memory: once, so that
    a store that answers, but not this, does not keep the page going round."""
    tried = bool(st.session_state.get(_TRIED))
    st.session_state[_TRIED] = not tried
    return not tried


def forget_tries() -> None:
    st.session_state.pop(_TRIED, None)


def _wait(store: Store) -> None:
    drawn_at = time.monotonic()

    @st.fragment(run_every=_ASK_S)
    def look_again() -> None:
        # Not within the run that draws it: a store that answers, but not this, would keep the page
        # going round.
        if store.away_since is None and time.monotonic() - drawn_at > _ASK_S / 2:
            st.rerun()

    look_again()


def _said(moment: datetime) -> str:
    local, today = moment.astimezone(CHINA_TIME), datetime.now(UTC).astimezone(CHINA_TIME)
    day = "" if local.date() == today.date() else f"{local.month}月{local.day}日"
    return f"{day}{local:%H:%M}"
