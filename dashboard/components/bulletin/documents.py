"""A bulletin's files, and a picture of each page as it will be printed."""

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from functools import lru_cache, partial

import streamlit as st

from dashboard import handed_out
from dashboard.briefing import preview, render
from dashboard.briefing.content import Bulletin, canonical
from dashboard.briefing.fonts import NoChineseFont
from dashboard.briefing.origins import with_origins
from dashboard.components import downloads
from dashboard.components.scene import Scene
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period

_GLANCE_S = 0.4
"""How often a page that waits looks whether its pictures are there."""


def files(scene: Scene, shown: Bulletin) -> None:
    """A button for each kind of document."""
    downloads.bar(
        scene.store,
        scene.viewer,
        *(
            downloads.File(
                each.label,
                downloads.safe(render.file_name(shown, suffix)),
                each.mime,
                partial(_made, scene, shown, suffix),
            )
            for suffix, each in render.FORMATS.items()
        ),
    )


def _made(scene: Scene, shown: Bulletin, suffix: str) -> bytes:
    """The document. A draft's workbook is told where its figures come from only now: an issue has
    it in it since it was published."""
    if shown.is_draft and suffix == "xlsx":
        shown = with_origins(scene.store, scene.viewer, scene.focus, scene.settings, shown)
    return render.FORMATS[suffix].render(shown)


def pages(viewer: Viewer, shown: Bulletin) -> None:
    """Two side by side, as soon as they are set: the page does not wait for them."""
    laid = _laid_out(canonical(_timeless(shown)))
    if laid.done():
        _show(viewer, laid)
    else:
        _waiting(laid)


@st.fragment(run_every=_GLANCE_S)
def _waiting(laid: "Future[list[bytes]]") -> None:
    if laid.done():
        st.rerun()
    st.caption(":material/hourglass_top: 正在排版……")


def _show(viewer: Viewer, laid: "Future[list[bytes]]") -> None:
    try:
        pictures = laid.result()
    except NoChineseFont as error:
        _laid_out.cache_clear()
        st.warning(str(error), icon=":material/font_download_off:")
        return
    except BrokenProcessPool:
        _laid_out.cache_clear()
        st.warning("排版中途被中断,请刷新本页重试。", icon=":material/refresh:")
        return
    for start in range(0, len(pictures), 2):
        for place, (column, picture) in enumerate(
            zip(st.columns(2), pictures[start : start + 2], strict=False), start=start + 1
        ):
            sheet = column.container(border=True)
            handed_out.give(viewer.username, picture)
            sheet.image(picture, caption=f"第{place}页,共{len(pictures)}页", width="stretch")


def _timeless(shown: Bulletin) -> Bulletin:
    """A draft is of this second, which no page shows: set anew only when its words change."""
    if not shown.is_draft:
        return shown
    end = Period.parse(shown.period).last_day
    return shown.model_copy(update={"cut_off": datetime(end.year, end.month, end.day, tzinfo=UTC)})


@lru_cache(maxsize=16)
def _laid_out(text: str) -> "Future[list[bytes]]":
    """By the content alone: who may not see a bulletin does not come to have its text."""
    return preview.pictures(text)
