"""The workbook of a focus, read afresh when it is asked for."""

from dashboard.components.decomposition.differences import differences
from dashboard.components.decomposition.table import TITLE, Decomposition
from dashboard.components.decomposition.workbook import Content, workbook
from dashboard.components.downloads import XLSX, File, file_name
from dashboard.components.scene import Scene
from dashboard.data.queries import decomposition, lineage, sources


def offer(scene: Scene, table: Decomposition, is_core: bool) -> File:
    """The workbook of the table on the screen; its other sheets are read once it is asked for."""
    what = TITLE if is_core else f"{TITLE}_全部指标"
    name = file_name(scene.focus, what, "xlsx", scene.is_demo)
    return File("下载分解表(工作簿)", name, XLSX, lambda: workbook_of(scene, table))


def workbook_of(scene: Scene, table: Decomposition) -> bytes:
    """The table with its months, duties, check and sources. A dozen statements."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    catalogue = scene.settings.catalogue
    checked = decomposition.check(store, viewer, focus, catalogue)
    shown = [entry.code for entry in table.entries]
    targets = decomposition.targets(store, viewer, focus)
    months = decomposition.months(store, viewer, focus)
    content = Content(
        targets=targets[targets["indicator"].isin(shown)],
        months=months[months["indicator"].isin(shown)],
        checked=checked,
        sources=sources.newest(store, viewer, focus, None),
        catalogue=catalogue,
        differences=differences(checked, catalogue),
        origins=lineage.sources(store, viewer, focus, scene.settings, shown),
    )
    return workbook(table, content)
