"""Pages run through the real app: its gate, its navigation, its error boundary."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.data import accounts, demo
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import Settings

ROOT = "320412"
ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
PASSWORD = "Bamboo-Grove-77"  # noqa: S105 (of a store that lives for one test)

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A small demo district, for pages to read; tests add nothing to it but accounts."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('pages')}/demo.db")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    return store


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """`open_page(store, path, role, own_unit, **query)`: log in at an address, as a person would.
    `root`: the configured root unit, where the test has configured another.

    The form is filled in with the password of an account of that role; nothing is put into the
    session by hand.
    """
    monkeypatch.setenv("DASHBOARD_COOKIE_KEY", "0" * 64)
    # AppTest has no browser: it would hand out a mock for the address that a login comes from.
    monkeypatch.setattr(ContextProxy, "ip_address", None)

    def opened(
        store: Store, path: str, role: Role, own_unit: str = ROOT, root: str = ROOT, **query: str
    ) -> AppTest:
        monkeypatch.setenv("STORE_URL", store.url.render_as_string(hide_password=False))
        username = f"test-{role}-{own_unit}"
        if accounts.find(store, root, username) is None:
            organisation = "区财政局" if role is Role.DEPARTMENT else None
            accounts.add(
                store, root, username, role, own_unit, PASSWORD, organisation, must_change=False
            )
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if path:
            # A page that is a function is known by its address; switch_page() takes files only.
            app._page_hash = calc_hash(path)
        app.text_input[0].set_value(username)
        app.text_input[1].set_value(PASSWORD)
        next(button for button in app.button if button.label == "登录").click()
        app.run()
        return app

    return opened


def words(app: AppTest) -> str:
    """All text that the run has put on the screen."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "success")
    kinds += ("warning", "error")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
