"""The window 数据来源: one figure, what it means, what it is made of, and from which files.

Drawn only when the address asks (asking.py). Its clicks ask another question, and go the way of
every click: through the gate, with the page behind.
"""

from dataclasses import replace
from functools import partial
from itertools import count

import streamlit as st

from dashboard.components.provenance import asking, figure, register, wording
from dashboard.components.scene import Scene
from dashboard.data import units
from dashboard.data.queries.ledgers import LEDGERS, rows_behind
from dashboard.data.queries.lineage import lineage
from dashboard.data.units import Focus, UnknownUnit
from dashboard.policy.access import NotAllowed, may_see

_WIDTH = 1200


def show(scene: Scene) -> None:
    """Open the window where the address asks for one."""
    asked, of = asking.asked()
    if not asked:
        return
    runs = count()

    @st.dialog(
        asking.LABEL, width=_WIDTH, position="right", icon=asking.ICON, on_dismiss=asking.stop
    )
    def window() -> None:
        if next(runs):
            # A click within: alone, the window would not ask whether the session is still open.
            st.rerun()
        _draw(scene, asked, of)

    window()


def _draw(scene: Scene, asked: str, of: str) -> None:
    try:
        focus = _focus(scene, of)
    except (NotAllowed, UnknownUnit) as error:
        st.error(str(error), icon=":material/wrong_location:")
        return
    _choices(scene, focus, asked)
    here = replace(scene, focus=focus)
    if asked in LEDGERS:
        rows = rows_behind(scene.store, scene.viewer, focus, asked)
        if rows is not None:
            register.show(here, rows)
        return
    found = lineage(scene.store, scene.viewer, focus, scene.settings, asked)
    if found is None:
        st.info("没有这个指标,请在上面选择一个。", icon=":material/help:")
    else:
        figure.show(here, found)


def _focus(scene: Scene, of: str) -> Focus:
    """The unit that is asked about. Raises NotAllowed and UnknownUnit."""
    if not of or of == scene.focus.unit.code:
        return scene.focus
    return units.focus(scene.store, scene.viewer, of, scene.focus.period)


def _choices(scene: Scene, focus: Focus, asked: str) -> None:
    """The way up to the units above, and another figure of the same unit."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    line = [*focus.ancestors, focus.unit]
    for at, unit in enumerate(line[:-1]):
        if may_see(scene.viewer, [one.code for one in line[: at + 1]]):
            bar.button(
                f"{unit.name} ›",
                type="tertiary",
                key=f"figure_up_{unit.code}",
                on_click=asking.ask,
                args=(asked, _of(scene, unit.code)),
            )
    bar.markdown(f"**{focus.unit.name}** {focus.period.label}", width="content")
    bar.space("stretch")
    names = _names(scene)
    key = f"figure_which_{asked}"
    bar.selectbox(
        "哪个数",
        list(names),
        index=list(names).index(asked) if asked in names else None,
        format_func=lambda code: names[code],
        placeholder="选择指标或登记表",
        label_visibility="collapsed",
        key=key,
        on_change=partial(_another, key, _of(scene, focus.unit.code)),
        width=300,
    )


def _names(scene: Scene) -> dict[str, str]:
    """What can be asked about: the indicators, then the registers."""
    known = wording.of_tables(scene.settings.policy)
    found = {e.code: f"{e.code} {e.short}" for e in scene.settings.catalogue.indicators}
    return found | {table: f"登记表:{known[table].name}" for table in LEDGERS}


def _of(scene: Scene, unit: str) -> str:
    return "" if unit == scene.focus.unit.code else unit


def _another(key: str, of: str) -> None:
    asking.ask(st.session_state[key], of)
