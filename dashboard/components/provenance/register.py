"""A register behind figures that are no indicators: how many rows, of whom, from which files."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard.components import noted
from dashboard.components.provenance import asking, listing, wording
from dashboard.components.provenance.figure import WITHHELD, definition
from dashboard.components.scene import Scene
from dashboard.data.queries.ledgers import LedgerLineage, Share
from dashboard.figures import moment
from dashboard.policy.money import wan_text

_PERSONAL = ("household", "pairing", "measure")
_OF_VILLAGES = "对象为农户的行只向扶贫办和本镇(街道)提供,这里只列对象为村的行。"


def show(scene: Scene, found: LedgerLineage) -> None:
    """The register under the focus that is asked about."""
    table = found.ledger.table.name
    sheet = wording.of_tables(scene.settings.policy)[table].name
    _head(found, sheet)
    definition(
        {
            "登记表": f"{sheet}(工作簿中的同名工作表)",
            "公式": found.ledger.formula,
            "条款": f"武发〔2016〕68号 {found.ledger.clause}",
            "来源部门": found.ledger.department,
        }
    )
    is_of_households = table == "household"
    if found.is_withheld:
        said = WITHHELD if is_of_households else _OF_VILLAGES
        st.info(said, icon=":material/visibility_off:")
    if not found.whole.span.batches:
        st.info(f"{found.focus.unit.name}没有登记。", icon=":material/inbox:")
    elif found.shares:
        _shares(found, table)
    elif found.is_withheld and is_of_households:
        listing.files(found.whole.span)
    if found.origins:
        personal = [o for o in found.origins if _is_personal(table, o.part.row)]
        noted.households(replace(scene, path=f"{scene.path}:{table}"), len(personal))
        st.markdown(f"**{found.focus.unit.name}本身的{len(found.origins)}行**")
        listing.rows(scene, found.origins)
        listing.earlier(scene, found.origins)


def _is_personal(table: str, row: Mapping[str, object]) -> bool:
    return table in _PERSONAL and row.get("subject_type", "household") == "household"


def _head(found: LedgerLineage, sheet: str) -> None:
    left, right = st.columns([1, 1.5], vertical_alignment="center")
    whole, span = found.whole, found.whole.span
    left.metric(sheet, "不列" if whole.rows is None else f"{whole.rows:,} 行", border=True)
    with right:
        if sums := _sums(whole):
            st.markdown(";".join(f"{head}{text}万元" for head, text in sums.items()))
        if span.newest is not None:
            st.markdown(
                f"来自{len(span.files)}个文件,最近一份{moment(span.newest.imported_at)}"
                f"由{span.newest.imported_by}报送。"
            )


def _sums(share: Share) -> dict[str, str]:
    return {head: wan_text(fen) for head, fen in share.sums.items()}


def _shares(found: LedgerLineage, table: str) -> None:
    """What each child has; pressing one asks about it."""
    st.markdown(f"**分布在{len(found.shares)}个下级单位**(点单位看它的行)")
    told = [
        {"单位": one.name}
        | {f"{head}(万元)": text for head, text in _sums(one).items()}
        | wording.of_span(one.span)
        for one in found.shares
    ]
    cells = [(table, one.unit) for one in found.shares]
    key = f"figure_pieces_{found.focus.unit.code}_{table}"
    right = [head for head in told[0] if head not in ("单位", *wording.FILE_HEADS)]
    units = asking.column("单位", key, cells, width=130, alignment="left")
    listing.table(told, {**dict.fromkeys(right, listing.RIGHT), "单位": units})
