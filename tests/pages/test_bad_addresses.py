"""Senseless words in an address: a sentence, or the focus that was meant; never an error."""

import pytest
from streamlit.util import calc_hash

from dashboard.app import _PAGES
from dashboard.components import as_of, meeting
from dashboard.components.decomposition import screen
from dashboard.components.maps import panel
from dashboard.components.provenance import asking
from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage, words

PARAMETERS = (
    "unit",
    "period",
    as_of.PARAMETER,
    screen.PARAMETER,
    panel.PARAMETER,
    asking.FIGURE,
    asking.OF,
    meeting.PRESENT,
    meeting.SLIDE,
    meeting.BACK,
)
SENSELESS = (
    "",
    "0",
    "-1",
    "9" * 5000,
    "1e309",
    "٣٢٠٤١٢",
    "320412104201999",
    "999999",
    "2016Q5",
    "２０１６Q3",
    "9999-99-99",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "\x00\x1b[31m",
    "a" * 5000,
    "📊" * 40,
    "V01,V02",
    "none",
    "//example.invalid",
)
PATHS = [path for path, _, _, _ in _PAGES]
_BROKEN = ("页面出错", "Traceback", "Error")


def test_the_list_of_parameters_is_whole() -> None:
    assert len(set(PARAMETERS)) == len(PARAMETERS)


@pytest.mark.parametrize("path", PATHS)
def test_no_word_in_an_address_breaks_a_page(
    path: str, demo_store: Store, open_page: OpenPage
) -> None:
    """Each parameter meets each word on two or three of the pages, which share them out."""
    app = open_page(demo_store, path, Role.OFFICE, unit=ROOT, period="2016Q3")
    at = PARAMETERS.index
    for parameter in PARAMETERS:
        for word in SENSELESS[(at(parameter) + PATHS.index(path)) % 8 :: 8]:
            for name in PARAMETERS:
                if name in app.query_params:
                    del app.query_params[name]
            app.query_params["unit"], app.query_params["period"] = ROOT, "2016Q3"
            if parameter in (meeting.SLIDE, meeting.BACK):
                app.query_params[meeting.PRESENT] = "1"
            app.query_params[parameter] = word
            app._page_hash = calc_hash(path or "overview")
            app.run()
            said = words(app)
            assert not app.exception, (parameter, word)
            assert not any(broken in said for broken in _BROKEN), (parameter, word, said[:500])
