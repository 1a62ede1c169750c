"""What a page is given: a viewer's look at a focus, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from streamlit.navigation.page import StreamlitPage

from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings


@dataclass(frozen=True)
class Scene:
    """`periods` are the quarters with figures for the root unit, oldest first;
    `pages` the app's pages by their path ("" is the overview), for links between them; `path` is
    this one's.
    """

    store: Store
    settings: Settings
    viewer: Viewer
    focus: Focus
    periods: tuple[Period, ...]
    is_demo: bool
    pages: Mapping[str, StreamlitPage] = field(default_factory=dict)
    path: str = ""

    @property
    def as_of(self) -> date | None:
        """The day at whose end this was known; None for the present."""
        return self.focus.as_of
