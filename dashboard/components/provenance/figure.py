"""One indicator's figure: what it is, what it is made of, its rows and what they were before."""

from dataclasses import replace

import streamlit as st

from dashboard.components import focus_bar, noted
from dashboard.components.decomposition import wording as figures
from dashboard.components.decomposition.table import State
from dashboard.components.provenance import asking, doubts, listing, wording
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data import few
from dashboard.data.queries.lineage import Lineage, Piece, figure_of
from dashboard.figures import moment
from dashboard.policy.progress import Light
from dashboard.policy.suppression import LEAST

_PERSONAL = ("household", "household_income", "lifecycle_event")
WITHHELD = (
    "由农户的登记行逐户计算;名单和行只向扶贫办和本镇(街道)提供,"
    f"少于{LEAST}户的行数也不列。下面是这些行来自的文件。"
)


def show(scene: Scene, found: Lineage) -> None:
    """Everything about the figure; `scene` has the focus that is asked about."""
    _head(scene, found)
    definition(wording.definition(scene.settings, found.entry))
    doubted = st.container()
    if found.row is None or found.row["source"] == "none":
        st.info(
            f"{found.focus.unit.name}{found.focus.period.label}没有这项指标的数据。",
            icon=":material/inbox:",
        )
    elif found.pieces:
        _pieces(found)
    if found.is_withheld:
        st.info(WITHHELD, icon=":material/visibility_off:")
        listing.files(found.span)
    elif found.origins:
        _origins(scene, found)
    elif _is_of_no_rows(found):
        st.markdown("登记表中没有计入这个数的行,所以是0。")
    targets = [found.target] if found.target else []
    listing.earlier(scene, [*found.origins, *targets])
    _target(found)
    path, query = focus_bar.behind(scene, found.entry)
    st.page_link(
        scene.pages[path],
        label=f"到“{scene.pages[path].title}”页查看{found.focus.unit.name}",
        icon=":material/arrow_forward:",
        query_params=query,
    )
    with doubted:
        # Last: the checks may have to be made first, and all else should not wait for them.
        doubts.show(scene, found)
    st.caption("地址栏里的地址就是这个问题:发给别人,打开即到这里(按对方的权限显示)。")


def definition(told: dict[str, str]) -> None:
    """What is meant, head by head, in small type."""
    st.markdown("  \n".join(f":small[**{head}** {said}]" for head, said in told.items()))


def _is_of_no_rows(found: Lineage) -> bool:
    is_register = found.row is not None and found.row["source"] == "register"
    return is_register and not found.pieces


def _head(scene: Scene, found: Lineage) -> None:
    """The figure itself, large, and in a sentence what it is made of."""
    entry, row = found.entry, found.row
    lines = scene.settings.policy.village_lines if entry.quantity == "money" else ()
    left, right = st.columns([1, 1.5], vertical_alignment="center")
    value = None if row is None else row["value"]
    text = wording.NOTHING_TOLD
    if value is not None:
        text = f"{figures.figure(value, entry, lines)} {entry.unit}"
    elif row is not None and row["source"] == few.WITHHELD:
        text = State.WITHHELD.value
    left.metric(entry.name, text, border=True)
    if row is None:
        return
    light = Light(row["light"])
    goal = "未下达目标"
    if row["target"] is not None:
        goal = f"全年目标{figures.figure(row['target'], entry)}{entry.unit}"
    with right:
        st.markdown(f"{light.glyph} **{light.label}** · {goal}")
        if told := wording.parts_of(entry, figure_of(row)):
            st.markdown(f"分子 / 分母:{told}")
        st.markdown(_said(found))


def _said(found: Lineage) -> str:
    row, span = found.row or {}, found.span
    places = {"district": "镇(街道)", "town": "村"}.get(found.focus.unit.level, "单位")
    said = wording.made_of(found.entry, str(row.get("source")), len(found.pieces), places)
    if span.newest is not None:
        many = "" if span.rows is None else f"共{span.rows:,}行,"
        said += (
            f"{many}来自{len(span.files)}个文件,"
            f"最近一份{moment(span.newest.imported_at)}由{span.newest.imported_by}报送。"
        )
    return said


def _pieces(found: Lineage) -> None:
    """The children's figures; pressing one asks about it."""
    entry = found.entry
    st.markdown(f"**由{len(found.pieces)}个下级单位的数组成**(点单位看它的来源)")
    told = [
        {"单位": piece.name, f"数值({entry.unit})": _value(piece, entry)}
        | ({"分子 / 分母": wording.parts_of(entry, piece.figure)} if entry.numerator else {})
        | {"已报/应报": f"{piece.figure.reported:,}/{piece.figure.expected:,}"}
        | wording.of_span(piece.span)
        for piece in found.pieces
    ]
    cells = [(entry.code, piece.unit) for piece in found.pieces]
    key = f"figure_pieces_{found.focus.unit.code}_{entry.code}"
    right = [head for head in told[0] if head not in ("单位", *wording.FILE_HEADS)]
    units = asking.column("单位", key, cells, width=130, alignment="left")
    listing.table(told, {**dict.fromkeys(right, listing.RIGHT), "单位": units})
    if found.left_out:
        st.caption(f"没有数、不在其中的({len(found.left_out)}个):{'、'.join(found.left_out)}。")


def _value(piece: Piece, entry: IndicatorEntry) -> str:
    return State.WITHHELD if piece.is_withheld else figures.figure(piece.figure.value, entry)


def _origins(scene: Scene, found: Lineage) -> None:
    """The very rows, as the workbook has them."""
    noted.households(
        replace(scene, path=f"{scene.path}:{found.entry.code}"),
        sum(origin.part.table in _PERSONAL for origin in found.origins),
    )
    basis = sum(one.part.is_basis for one in found.origins)
    said = f",另有{basis}行作对照" if basis else ""
    st.markdown(f"**由{len(found.origins) - basis}行组成**{said}")
    adds = [wording.adds(found.entry, one.part) for one in found.origins]
    listing.rows(scene, found.origins, adds)


def _target(found: Lineage) -> None:
    """Where the year's target comes from."""
    one = found.target
    if one is None:
        return
    row = one.part.row
    duty = "、".join(text for text in (row["department"], row["post"]) if text) or "未落实到人"
    file = ""
    if one.batch is not None:
        at = "" if row["source_row"] is None else f"第{row['source_row']}行"
        file = (
            f",来自文件“{one.batch.file}”的“目标”表{at},"
            f"{moment(one.batch.imported_at)}由{one.batch.imported_by}导入"
        )
    goal = figures.figure(int(row["value"]), found.entry)
    st.markdown(
        f"**年度目标** {goal}{found.entry.unit},{row['due_month']}月完成;责任:{duty}{file}。"
    )
