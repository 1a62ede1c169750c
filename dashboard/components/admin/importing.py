"""Files on their way in: checked, then shown what they would change, then imported or sent."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.components import downloads, turns
from dashboard.components.provenance import wording
from dashboard.components.scene import Scene
from dashboard.data import units, uploads
from dashboard.data.ingest import importer, marked
from dashboard.data.ingest.importer import Change, Preview
from dashboard.data.ingest.problems import ImportRefused, Problem, quoted
from dashboard.data.ingest.template import template
from dashboard.data.store import Store
from dashboard.data.units import Unit
from dashboard.data.uploads import UploadError
from dashboard.policy.access import NotAllowed, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

_TYPES = ["xlsx", "csv", "geojson", "json", "zip"]
_FIGURES = ("原数", "新数")
_UNDO = "导入有误的,在“导入记录”中选中这一批即可撤销。"
_PLACES = {"工作表": 120, "行": 60, "列": 180}
"""Columns that say where a problem is, and their widths in pixels."""
_SAID = "import_said"
_ROUND = "import_round"
_MOST_SHOWN = 200
Files = Sequence[tuple[str, bytes]]


def office(scene: Scene) -> None:
    """Any file of the district: what it would do, then the import."""
    if not any_file(scene.store, scene.settings, scene.viewer):
        _template(scene, scene.focus.unit.code, scene.focus.unit.name)


def any_file(store: Store, settings: Settings, viewer: Viewer) -> bool:
    """The office's import, which needs no unit to look at: False until a file is chosen."""
    files = _chosen("选择工作簿、CSV 或边界文件,可多选")
    if not files:
        return False
    found = _previewed(store, settings, viewer, files, None)
    if _preview(store, settings, viewer, found, files) and st.button(
        f"导入{len(files)}份文件", type="primary", icon=":material/upload:"
    ):
        _import(store, settings, viewer, files)
    return True


def town(scene: Scene) -> None:
    """A town's own figures: checked here, then put before the office."""
    st.markdown("上报的文件经扶贫办审核后才计入;只接受本镇(街道)的数据。")
    files = _chosen("选择填好的工作簿,可多选")
    if not files:
        _template(scene, scene.viewer.unit_code, "本镇(街道)")
        return
    found = _previewed(scene.store, scene.settings, scene.viewer, files, scene.viewer.unit_code)
    is_good = _preview(scene.store, scene.settings, scene.viewer, found, files)
    if is_good and st.button("上报", type="primary", icon=":material/send:"):
        _send(scene, files)


def _chosen(label: str) -> Files:
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/task_alt:")
    number = st.session_state.get(_ROUND, 0)
    given = st.file_uploader(
        label, type=_TYPES, accept_multiple_files=True, key=f"import_files_{number}"
    )
    return [(file.name, file.getvalue()) for file in given]


def _template(scene: Scene, code: str, name: str) -> None:
    period = scene.focus.period
    st.markdown(f"还没有填报工作簿?下载{name}{period.label}的模板,填好后在这里上传。")
    offered = [
        downloads.File(
            f"{name}{period.label}填报模板",
            downloads.file_name(scene.focus, f"{code}_填报模板", "xlsx", scene.is_demo),
            downloads.XLSX,
            partial(template, scene.store, scene.settings, code, period),
        )
    ]
    below = units.children(scene.store, scene.viewer, scene.focus)
    if scene.viewer.may_import and below and not below[0].is_village:
        offered.append(
            downloads.File(
                f"各{units.siblings_label(below)}的填报模板({len(below)}份,压缩包)",
                downloads.file_name(scene.focus, "各单位填报模板", "zip", scene.is_demo),
                "application/zip",
                partial(_templates, scene, below),
            )
        )
    downloads.bar(scene.store, scene.viewer, *offered)


def _templates(scene: Scene, below: Sequence[Unit]) -> bytes:
    """A zip file with the workbook of each unit, named after it: ready to be handed out."""
    period, out = scene.focus.period, io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for unit in below:
            name = downloads.safe(f"{unit.name}_{period.label}_填报模板.xlsx")
            archive.writestr(name, template(scene.store, scene.settings, unit.code, period))
    return out.getvalue()


def _previewed(
    store: Store, settings: Settings, viewer: Viewer, files: Files, scope: str | None
) -> Preview:
    """Checked again only when a file or the store has changed."""
    digest = hashlib.sha256(viewer.username.encode())
    for name, content in files:
        digest.update(name.encode() + b"\0" + content)
    key = f"{digest.hexdigest()}:{store.version}"
    kept = st.session_state.get("import_preview")
    if kept is None or kept[0] != key:
        turns.give_way()
        with st.spinner("正在检查……"):
            kept = key, importer.preview_files(store, settings, files, scope)
        st.session_state["import_preview"] = kept
    preview: Preview = kept[1]
    return preview


def _preview(
    store: Store, settings: Settings, viewer: Viewer, found: Preview, files: Files
) -> bool:
    """What is wrong, or what would change; whether there is anything to do."""
    for remark in found.remarks:
        st.info(remark, icon=":material/info:")
    if found.problems:
        problems(store, viewer, found.problems, files)
        return False
    counts = pd.DataFrame(
        [(file, sheet, c.new, c.changed, c.unchanged) for file, sheet, c in found.counts],
        columns=["文件", "工作表", "新增(行)", "更改(行)", "相同(行)"],
    )
    st.markdown("**检查通过。** 导入后:")
    st.dataframe(counts, hide_index=True)
    if found.changes:
        shown = found.changes[:_MOST_SHOWN]
        rest = len(found.changes) - len(shown)
        with st.expander(f"将被更改的数({len(found.changes)}处)", expanded=True):
            right = dict.fromkeys(_FIGURES, st.column_config.TextColumn(alignment="right"))
            frame = _changes(store, settings, viewer, shown)
            st.dataframe(frame, hide_index=True, column_config=right)
            if rest:
                st.caption(f"另有{rest:,}处未列出。")
    if not found.does_something:
        st.info("与库中数据相同,没有需要导入的内容。", icon=":material/done_all:")
    return found.does_something


def _changes(
    store: Store, settings: Settings, viewer: Viewer, changes: Sequence[Change]
) -> pd.DataFrame:
    """What would be written over, in the words of the sheets."""
    known, catalogue = wording.of_tables(settings.policy), settings.catalogue
    top = units.focus(store, viewer, viewer.unit_code, Period(settings.district.first_year, 1))
    names = {unit.code: unit.name for unit in units.within(store, viewer, top)}
    return pd.DataFrame(
        [
            (
                one.sheet,
                wording.row_of(one.key, names, catalogue),
                wording.head(one.table, one.field, known),
                *(
                    wording.value(one.table, one.field, stored, one.key, known, catalogue)
                    for stored in (one.old, one.new)
                ),
            )
            for one in changes
        ],
        columns=["工作表", "哪一行", "列", *_FIGURES],
    )


def problems(store: Store, viewer: Viewer, found: Sequence[Problem], files: Files) -> None:
    """Every reason with its place, and a copy of each file with its bad cells marked."""
    st.error(f"共{len(found)}处错误,没有导入任何数据。请改正后重新上传。", icon=":material/error:")
    frame = pd.DataFrame(
        [
            (
                p.file,
                p.sheet or "",
                p.row,
                f"{p.column or ''} {quoted(p.head) if p.head else ''}".strip(),
                p.reason,
            )
            for p in found
        ],
        columns=["文件", *_PLACES, "错误"],
    )
    # The reason is what is read: it has the room that the place leaves.
    widths = {head: st.column_config.Column(width=width) for head, width in _PLACES.items()}
    shown = frame if len(files) > 1 else frame.drop(columns="文件")
    st.dataframe(shown, hide_index=True, column_config=widths)
    offered = []
    for name, content in files:
        own = [problem for problem in found if problem.file == name]
        copy = marked.copy((name, content), own) if own else None
        if copy is not None:
            stem = name.rsplit(".", 1)[0]
            offered.append(
                downloads.File(
                    f"{stem}(标出错误)",
                    downloads.safe(f"{stem}_有误.xlsx"),
                    downloads.XLSX,
                    partial(bytes, copy),
                )
            )
    downloads.bar(store, viewer, *offered)


def _import(store: Store, settings: Settings, viewer: Viewer, files: Files) -> None:
    try:
        result = importer.import_files(
            store,
            settings,
            files,
            viewer.username,
            on_progress=progress("正在导入……"),
            origin=viewer.origin,
        )
    except ImportRefused as refusal:
        problems(store, viewer, refusal.problems, files)
        return
    undo = [_UNDO] if any(applied.batch_id for _, applied in result.applied) else []
    _done("\n".join(f"- {line}" for line in [*result.report, *undo]))


def progress(text: str) -> Callable[[int, int], None]:
    """A bar on the screen for long work, which lets other pages go ahead."""
    turns.give_way()
    bar = st.progress(0.0, text=text)

    def report(done: int, total: int) -> None:
        bar.progress(done / total, text=text)

    return report


def _send(scene: Scene, files: Files) -> None:
    turns.give_way()
    for name, content in files:
        try:
            uploads.submit(scene.store, scene.settings, scene.viewer, name, content)
        except ImportRefused as refusal:
            problems(scene.store, scene.viewer, refusal.problems, files)
            return
        except (UploadError, NotAllowed) as error:
            st.error(f"{name}:{error}", icon=":material/block:")
            return
    _done(f"已上报{len(files)}份文件,等待扶贫办审核。")


def _done(said: str) -> None:
    """Begin anew with an empty uploader, and say what was done above it."""
    st.session_state[_SAID] = said
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state.pop("import_preview", None)
    st.rerun()
