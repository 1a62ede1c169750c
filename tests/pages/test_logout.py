"""The way out, where the run that a press of 退出登录 starts is cut short."""

import pytest
import streamlit as st

from dashboard.components import login
from dashboard.data import sessions
from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage


def test_a_logout_cut_short_is_a_logout(
    demo_store: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(demo_store, "help", Role.LEADER)
    token = app.session_state["login_token"]
    name = f"test-{Role.LEADER}-{ROOT}"
    assert not sessions.look(demo_store, ROOT, name, token).is_over

    # Another press in the same moment ends the run at its next drawing.
    with monkeypatch.context() as cut:
        cut.setattr(login, "_deliver", st.stop)
        next(button for button in app.button if button.label == "退出登录").click().run()
    assert sessions.look(demo_store, ROOT, name, token).is_over

    app.run()
    assert [field.label for field in app.text_input] == ["用户名", "密码"]
    assert not [button for button in app.button if button.label == "退出登录"]
