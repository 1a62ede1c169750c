"""The boundary round every page: no traceback reaches a screen, and none is lost.

This is the one place where any exception is caught: beyond it there is only Streamlit, which would
show code and paths to the meeting room. The log has the traceback under the number that the screen
shows.
"""

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.components import away, focus_bar
from dashboard.components.bad_address import BadAddress
from dashboard.data.store import Store, StoreAway, connect
from dashboard.data.units import UnknownUnit
from dashboard.policy.access import NotAllowed
from dashboard.settings import ConfigError

_log = logging.getLogger(__name__)
_IN_VAIN = "pressed_in_vain"


def guarded(page: Callable[[Store], None], home: StreamlitPage) -> None:
    """Run a page on the store; say in Chinese what went wrong, with a way back."""
    store = connect().for_a_look()
    try:
        page(store)
        away.forget_tries()
    except (NotAllowed, UnknownUnit, BadAddress) as error:
        st.error(str(error), icon=":material/wrong_location:")
        _way_back(home)
    except ConfigError as error:
        _log.error("configuration: %s", error)
        st.error("配置文件有误,请管理员检查:", icon=":material/settings_alert:")
        for line in str(error).splitlines():
            st.markdown(f"- {line}")
    except StoreAway:
        if not store.recalls and store.away_since is not None and away.is_first_try():
            # Once more, from what was answered before.
            st.rerun()
        away.nothing_to_show(store, _logged("store away"))
    except Exception:  # noqa: BLE001 (the outermost boundary, see above)
        reference = _logged("page failed")
        st.error(f"页面出错,已记录。请告知管理员编号 {reference}。", icon=":material/error:")
        _way_back(home)


def pressed(action: Callable[..., None]) -> Callable[..., None]:
    """What a press does outside of a page's run, where nothing else would catch it: a store that is
    away is said in a sentence by the run that follows."""

    @wraps(action)
    def guarded_action(*given: Any, **named: Any) -> None:
        try:
            action(*given, **named)
        except StoreAway:
            _logged("press in vain, store away")
            st.session_state[_IN_VAIN] = True

    return guarded_action


def say_in_vain() -> None:
    """That the last press did nothing, once."""
    if st.session_state.pop(_IN_VAIN, False):
        st.error("数据库暂时连不上,没有保存任何改动,恢复后请再试。", icon=":material/cloud_off:")


def _logged(what: str) -> str:
    reference = secrets.token_hex(4).upper()
    _log.exception("%s, reference %s", what, reference, extra={"reference": reference})
    return reference


def _way_back(home: StreamlitPage) -> None:
    if st.button("返回总览", icon=":material/home:"):
        focus_bar.forget()
        st.query_params.clear()
        st.switch_page(home)
