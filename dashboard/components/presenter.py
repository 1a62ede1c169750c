"""Meeting mode: the agenda page by page, with nothing else on the screen.

It lives in the address (`present=1`, `slide`, `back`), so that a reload stays in it, and
every page can be turned to another focus on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.components import focus_bar, meeting, overview
from dashboard.components.meeting import BACK, PRESENT, SLIDE
from dashboard.components.provenance import asking
from dashboard.components.scene import Scene
from dashboard.data.queries import progress
from dashboard.data.units import Unit, UnknownUnit, focus
from dashboard.policy.access import NotAllowed

_CSS = Path(__file__).parent / "present.css"
_PAGES = {
    "overview": "",
    "targets": "targets",
    "ranking": "ranking",
    "map": "map",
    "decisions": "supervision",
    "households": "households",
    "support": "support",
    "funds": "funds",
    "bulletin": "bulletin",
}
"""What an agenda may name, and the page that it shows."""
RED_UNITS = "red_towns"


@dataclass(frozen=True)
class Slide:
    """One point of the agenda: a page's path and the unit it shows."""

    path: str
    unit: str
    title: str


def prepare() -> None:
    """Larger type and no chrome, before anything is drawn."""
    if meeting.is_on():
        st.html(_CSS)


def button(scene: Scene) -> None:
    """The way into the meeting."""
    pressed = st.button(
        "会议模式",
        icon=":material/slideshow:",
        type="tertiary",
        key="present",
        help="按议程逐页放映",
    )
    if pressed:
        where = f"{scene.path}:{scene.focus.unit.code}:{scene.focus.period}"
        _go(scene, agenda(scene), 1, where)


def show(scene: Scene) -> None:
    """The slim bar of the meeting: which point, back and on, and the end."""
    slides = agenda(scene)
    asked = st.query_params.get(SLIDE, "")
    back = st.query_params.get(BACK, "")
    # As text: a number of thousands of digits is none that Python reads.
    if asked not in {str(number) for number in range(1, len(slides) + 1)}:
        _go(scene, slides, 1, back)
        return
    number = int(asked)
    with st.container(horizontal=True, vertical_alignment="center", key="presenter"):
        title = slides[number - 1].title
        st.markdown(f"**{number}/{len(slides)} {title}**", width="content")
        st.space("stretch")
        # While a figure is asked about, the keys belong to that window.
        keys = ("Left", "Right", "Escape") if not asking.asked()[0] else (None, None, None)
        previous = st.button("上一页", key="slide_previous", shortcut=keys[0], disabled=number == 1)
        onward = st.button(
            "下一页", key="slide_next", shortcut=keys[1], disabled=number == len(slides)
        )
        end = st.button("结束放映", key="slide_end", shortcut=keys[2])
    if end:
        _leave(scene, back)
    if previous or onward:
        _go(scene, slides, number + (1 if onward else -1), back)


def agenda(scene: Scene) -> list[Slide]:
    """The points of config's agenda that have a page; each red unit is a point of its own.

    They are about the viewer's own unit at the focus quarter, whatever page one has turned to.
    """
    top = _top(scene)
    slides: list[Slide] = []
    for name in scene.settings.district.agenda:
        if name == RED_UNITS:
            slides += [Slide("unit", code, said) for code, said in _red(scene, top)]
        elif _PAGES[name] in scene.pages:
            path = _PAGES[name]
            slides.append(Slide(path, top.code, scene.pages[path].title))
    return slides


def _top(scene: Scene) -> Unit:
    """The viewer's own unit, which the meeting is about."""
    own = scene.viewer.unit_code
    known: Sequence[Unit] = (*scene.focus.ancestors, scene.focus.unit)
    return next((unit for unit in known if unit.code == own), scene.focus.unit)


def _red(scene: Scene, top: Unit) -> list[tuple[str, str]]:
    """(code, title) of the units that lag in many core indicators, the worst first."""
    try:
        here = focus(scene.store, scene.viewer, top.code, scene.focus.period)
    except (UnknownUnit, NotAllowed):
        return []
    children = progress.of_children(scene.store, scene.viewer, here)
    core = [entry.code for entry in scene.settings.catalogue.core]
    found = overview.standings(children, core)
    least = scene.settings.district.agenda_red_from
    worst = sorted((s for s in found if s.red >= least), key=lambda s: (-s.red, s.share, s.code))
    return [(s.code, f"{s.name}({s.red}项明显滞后)") for s in worst]


def _go(scene: Scene, slides: Sequence[Slide], number: int, back: str) -> None:
    """Turn to a point of the agenda. Ends the run."""
    slide = slides[number - 1]
    query = focus_bar.address(scene, slide.unit)
    query |= {PRESENT: "1", SLIDE: str(number), BACK: back}
    st.switch_page(scene.pages[slide.path], query_params=query)


def _leave(scene: Scene, back: str) -> None:
    """Back to where the meeting was begun, or to the overview. Ends the run."""
    path, _, rest = back.partition(":")
    unit, _, period = rest.partition(":")
    query = focus_bar.here(scene)
    query |= {"unit": unit, "period": period} if unit and period else {}
    st.switch_page(scene.pages.get(path, scene.pages[""]), query_params=query)
