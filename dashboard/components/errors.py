"""The boundary round every page: no traceback reaches a screen, and none is lost.

This is the one place where any exception is caught: beyond it there is only Streamlit, which would
show code and paths to the meeting room. The log has the traceback under the number that the screen
shows.
"""

import logging
import secrets
from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.components import focus_bar
from dashboard.data.store import StoreAway
from dashboard.data.units import UnknownUnit
from dashboard.policy.access import NotAllowed
from dashboard.settings import ConfigError

_log = logging.getLogger(__name__)


class BadAddress(ValueError):
    """The address asks for what cannot be; the message is a Chinese sentence."""


def guarded(page: Callable[[], None], home: StreamlitPage) -> None:
    """Run a page; say in Chinese what went wrong, with a way back."""
    try:
        page()
    except (NotAllowed, UnknownUnit, BadAddress) as error:
        st.error(str(error), icon=":material/wrong_location:")
        _way_back(home)
    except ConfigError as error:
        _log.error("configuration: %s", error)
        st.error("配置文件有误,请管理员检查:", icon=":material/settings_alert:")
        for line in str(error).splitlines():
            st.markdown(f"- {line}")
    except StoreAway:
        reference = _logged("store away")
        st.error(
            "数据库暂时无法访问,数据没有丢失。请稍后重试;"
            f"若持续出现,请告知管理员编号 {reference}。",
            icon=":material/cloud_off:",
        )
        st.button("重试", icon=":material/refresh:")
    except Exception:  # noqa: BLE001 (the outermost boundary, see above)
        reference = _logged("page failed")
        st.error(f"页面出错,已记录。请告知管理员编号 {reference}。", icon=":material/error:")
        _way_back(home)


def _logged(what: str) -> str:
    reference = secrets.token_hex(4).upper()
    _log.exception("%s, reference %s", what, reference)
    return reference


def _way_back(home: StreamlitPage) -> None:
    if st.button("返回总览", icon=":material/home:"):
        focus_bar.forget()
        st.query_params.clear()
        st.switch_page(home)
