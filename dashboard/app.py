"""Assembles the app: pages, login, navigation, the focus in the address. Nothing else."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard import settings as config
from dashboard import warm
from dashboard.components import (
    as_of,
    away,
    demo_mark,
    empty,
    errors,
    focus_bar,
    login,
    meeting,
    presenter,
    turns,
)
from dashboard.components.admin import importing
from dashboard.components.bad_address import BadAddress
from dashboard.components.provenance import asking, dialog
from dashboard.components.scene import Scene
from dashboard.data import units
from dashboard.data.health import Away
from dashboard.data.queries import periods
from dashboard.data.store import Store
from dashboard.data.units import Focus, Unit
from dashboard.pages import (
    admin,
    bulletin,
    funds,
    households,
    overview,
    quality,
    ranking,
    supervision,
    support,
    targets,
    unit,
)
from dashboard.pages import help as help_page
from dashboard.pages import map as map_page
from dashboard.pages import public as public_page
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period

# A picture of our own: for a named icon, Streamlit asks a font server on the internet.
_LAYOUT = Path(__file__).parent / "components" / "layout.css"
_ICON = str(Path(__file__).parent / "components" / "icon.png")
Render = Callable[[Scene], None]
_PAGES: tuple[tuple[str, str, str, Render], ...] = (
    ("", "总览", ":material/dashboard:", overview.render),
    ("targets", "目标任务分解", ":material/account_tree:", targets.render),
    ("ranking", "排名", ":material/leaderboard:", ranking.render),
    ("map", "地图", ":material/map:", map_page.render),
    ("unit", "镇村详情", ":material/location_city:", unit.render),
    ("households", "农户", ":material/family_restroom:", households.render),
    ("support", "帮扶", ":material/handshake:", support.render),
    ("funds", "资金项目", ":material/payments:", funds.render),
    ("bulletin", "通报", ":material/description:", bulletin.show),
    ("supervision", "督办督查", ":material/fact_check:", supervision.render),
    ("quality", "数据质量", ":material/policy:", quality.render),
    ("admin", "工作台", ":material/desk:", admin.render),
    ("help", "使用帮助", ":material/help:", help_page.render),
)
"""Path, title, icon and page, in the order of the navigation. The first lives at "/"."""
_DESK, _PUBLIC = "admin", "public"


def main() -> None:
    """One run of the script: what Streamlit calls for every viewer and every change."""
    with turns.turn():
        _main()


def _main() -> None:
    st.set_page_config(
        page_title="扶贫开发领导驾驶舱",
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(_LAYOUT)
    presenter.prepare()
    # Every page draws itself once the gate is passed; a page function alone shows nothing.
    todo: dict[str, Callable[[], None]] = {}
    pages = _laid_out(todo)
    # Called before the gate, else a deep link is an unknown page; hidden until logged in.
    chosen = st.navigation(list(pages.values()), position=_position())
    errors.guarded(partial(_run, chosen, pages, todo), pages[""])


def _laid_out(todo: dict[str, Callable[[], None]]) -> dict[str, StreamlitPage]:
    """The pages; the desk stands in the navigation of those only who work at it, and the public
    page, which asks for no login, in nobody's."""
    public = st.Page(
        partial(_draw, todo, _PUBLIC),
        title="公众查询",
        icon=":material/public:",
        url_path=_PUBLIC,
        visibility="hidden",
    )
    return {_PUBLIC: public} | {
        path: st.Page(
            partial(_draw, todo, path),
            title=title,
            icon=icon,
            url_path=path or "overview",
            default=not path,
            visibility="visible" if path != _DESK or login.has_desk() else "hidden",
        )
        for path, title, icon, _ in _PAGES
    }


def _position() -> Literal["top", "hidden"]:
    """Where the navigation lies: nowhere before the gate and in a meeting."""
    return "top" if login.is_inside() and not meeting.is_on() else "hidden"


def _draw(todo: dict[str, Callable[[], None]], path: str) -> None:
    todo[path]()


def _run(
    chosen: StreamlitPage,
    pages: dict[str, StreamlitPage],
    todo: dict[str, Callable[[], None]],
    store: Store,
) -> None:
    settings = config.load()
    if not store.recalls and not store.was_ready():
        st.error("数据库尚未初始化,请管理员运行:python -m dashboard init")
        return
    if chosen.url_path == _PUBLIC:
        scope = Viewer("", Role.PUBLIC, settings.district.root_unit).scope
        if not store.recalls:
            store.see(store.version, store.is_demo, scope)
        draw = partial(public_page.render, store, settings, pages[""])
        todo[_PUBLIC] = partial(_looked, store, scope, _PUBLIC, draw)
        chosen.run()
        return
    before = login.is_inside(), login.has_desk()
    account = login.account_of_this_session(store, settings)
    if (login.is_inside(), login.has_desk()) != before:
        # Laid out again within this run: another would draw the page a second time.
        pages = _laid_out(todo)
        chosen = st.navigation(list(pages.values()), position=_position())
    if account is None:
        _left, middle, _right = st.columns([1, 1.2, 1])
        middle.page_link(pages[_PUBLIC], label="公众查询:已公布的进展和通报,不需要登录")
        return
    viewer = account.viewer(st.context.ip_address or "")
    for path, _, _, render in _PAGES:
        todo[path] = partial(_page, store, settings, viewer, pages, path, render)
    chosen.run()


def _page(
    store: Store,
    settings: config.Settings,
    viewer: Viewer,
    pages: dict[str, StreamlitPage],
    path: str,
    render: Render,
) -> None:
    if not store.has_seen and not store.recalls:
        # The run that lets somebody in has not looked for a session.
        store.see(store.version, store.is_demo, viewer.scope)
    look = partial(_draw_page, store, settings, viewer, pages, path, render)
    _looked(store, viewer.scope, path, look)
    if not store.recalls:
        login.watch(store)


def _looked(store: Store, scope: Hashable, path: str, draw: Callable[[], None]) -> None:
    """A page, kept for when the store is away; or, while it is, the page as it was kept."""
    looked_at = path, tuple(sorted(st.query_params.to_dict().items()))
    if store.recalls:
        seen_at = store.look_back(scope, looked_at)
        if seen_at is None:
            raise Away("数据库暂时连不上,这一页没有可以先看的数据")
        away.notice(store, seen_at)
    errors.say_in_vain()
    draw()
    store.drawn(looked_at)


def _draw_page(
    store: Store,
    settings: config.Settings,
    viewer: Viewer,
    pages: dict[str, StreamlitPage],
    path: str,
    render: Render,
) -> None:
    is_demo = store.is_demo_seen
    if render is help_page.render:
        demo_mark.show(is_demo)
        help_page.draw(settings)
        return
    focus_bar.resume(viewer.username)
    if as_of.asked() is not None:
        own = viewer.unit_code or settings.district.root_unit
        store = as_of.store(store, settings, viewer, _parameter("unit") or own)
        viewer = replace(viewer, only_reads=True)
    focus, known = _focus(store, settings, viewer)
    if focus is None:
        empty.empty_store(settings.district.name, viewer.may_import)
        if path == _DESK and viewer.may_import:
            importing.any_file(store, settings, viewer)
        return
    warm.looked_at(focus)
    scene = Scene(store, settings, viewer, focus, known, is_demo, pages, path)
    focus_bar.keep(scene)
    if meeting.is_on():
        presenter.show(scene)
    focus_bar.show(scene, partial(_tools, scene))
    if path == _DESK and scene.as_of is not None:
        as_of.no_desk()
        return
    render(scene)
    dialog.show(scene)


def _tools(scene: Scene) -> None:
    """What stands in the bar of every page, beside the way and the quarter."""
    asking.button(scene)
    if not meeting.is_on():
        as_of.choose(scene)
        presenter.button(scene)


def _focus(
    store: Store, settings: config.Settings, viewer: Viewer
) -> tuple[Focus | None, tuple[Period, ...]]:
    """The focus of the address, by default the viewer's own unit and the newest quarter.

    None where the store has no units yet. Raises BadAddress, UnknownUnit and NotAllowed.
    """
    own = viewer.unit_code or settings.district.root_unit
    code = _parameter("unit") or own
    text = _parameter("period")
    try:
        period = Period.parse(text) if text else Period(settings.district.first_year, 1)
    except ValueError as error:
        raise BadAddress(f"{error}。") from None
    try:
        focus = units.focus(store, viewer, code, period)
    except units.UnknownUnit:
        if code == own:
            return None, ()
        raise
    top: Unit = next((u for u in (*focus.ancestors, focus.unit) if u.code == own), focus.unit)
    known = tuple(periods.available(store, viewer, top))
    if not text and known:
        focus = focus.at(known[-1])
    return focus, known


def _parameter(name: str) -> str:
    value: Any = st.query_params.get(name, "")
    return str(value).strip()
