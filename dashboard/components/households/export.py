"""What is on the page as a workbook: the same counts, hidden where the page hides them."""

from io import BytesIO

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from dashboard.components.downloads import XLSX, File, file_name
from dashboard.components.households import flow, panels
from dashboard.components.households.charts import HIDDEN
from dashboard.components.provenance import sheet as origins
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data.frames import records
from dashboard.data.queries import ledgers, lineage
from dashboard.data.queries.households import Look
from dashboard.data.registers import rule_of
from dashboard.figures import as_of
from dashboard.policy.households import GAPS, UNTOLD, Average, Count
from dashboard.settings import Settings

_WIDTH = 18
_FIRST_ROW, _EXITS = 2, 1
"""Where a sheet's rows begin, and the column of 本年退出 in 核实和跟进, counted from 0."""


def offer(scene: Scene, look: Look) -> File:
    """The workbook, made when it is asked for, of what this viewer was shown."""
    name = file_name(scene.focus, "低收入农户", "xlsx", scene.is_demo)
    return File("下载农户表(工作簿)", name, XLSX, lambda: workbook(scene, look))


def workbook(scene: Scene, look: Look) -> bytes:
    """Sheets 分类, 进出, 平均收入, 与标准线, 核实和跟进; for who may see households 名单, 各户; and
    数据来源, read once the file is asked for."""
    sheets = {
        "分类": _breakdown(look),
        "进出": _flow(look),
        "平均收入": _averages(look),
        "与标准线": _gaps(look),
        "核实和跟进": pd.DataFrame(
            [panels.list_row(look, row) for row in (look.whole, *look.lists)]
        ),
    }
    if look.is_open:
        sheets["名单"] = panels.cases_frame(look)
        sheets["各户"] = panels.members_frame(scene, look)
    sheets[origins.NAME] = _origins(scene, look, [name for name in sheets if len(sheets[name])])
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#EDEDED"})
        for name, frame in sheets.items():
            if not len(frame):
                continue
            sheet = book.add_worksheet(name)
            mark = "(演示数据)" if scene.is_demo else ""
            mark += f"({as_of(scene.focus.as_of)})" if scene.focus.as_of else ""
            focus = scene.focus
            title = f"{focus.unit.name}低收入农户 {focus.period.label} {name}{mark}"
            sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
            sheet.write_row(1, 0, [str(column) for column in frame.columns], head)
            for at, row in enumerate(frame.itertuples(index=False), start=2):
                sheet.write_row(at, 0, row)
            sheet.set_column(0, len(frame.columns) - 1, _WIDTH)
            sheet.write_string(len(frame) + 3, 0, _note(look))
    return out.getvalue()


def _origins(scene: Scene, look: Look, names: list[str]) -> pd.DataFrame:
    """Where the figures came from: exits by unit and cell, all else by its sheet."""
    store, viewer, focus = scene.store, scene.viewer, scene.focus
    quarter, rows = focus.period.label, []
    entry = exits(scene.settings)
    if entry is not None:
        known = lineage.sources(store, viewer, focus, scene.settings, [entry.code])
        for at, row in enumerate((look.whole, *look.lists), start=_FIRST_ROW):
            if (one := known.get((row.unit, entry.code))) is not None:
                unit = look.names.get(row.unit, row.unit)
                place = ("核实和跟进", xl_rowcol_to_cell(at, _EXITS))
                rows.append(origins.of_figure(place, unit, quarter, entry, one))
    behind = ledgers.rows_behind(store, viewer, focus, "household")
    if behind is not None:
        told = (focus.unit.name, quarter, "低收入农户", behind.ledger, behind.whole.span)
        rows += [origins.of_register((name, "全部"), *told) for name in names]
    return pd.DataFrame(rows, columns=list(origins.HEADS), dtype=object)


def exits(settings: Settings) -> IndicatorEntry | None:
    """The indicator that counts exits; None where the catalogue has none."""
    entries = settings.catalogue.indicators
    return next((e for e in entries if rule_of(e) == "households_exited"), None)


def _note(look: Look) -> str:
    said = "依据武发〔2016〕68号。"
    return said if look.is_open else said + f"{HIDDEN}:少于5户或为免推算不显示。"


def _breakdown(look: Look) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "分组": row["dimension"],
                "名称": row["word"],
                **_count(None if row["hidden"] else Count(row["households"], row["persons"])),
            }
            for row in records(look.breakdown)
        ]
    )


def _count(count: Count | None) -> dict[str, int | str]:
    if count is None:
        return {"户数(户)": HIDDEN, "人口(人)": HIDDEN}
    return {"户数(户)": int(count.households), "人口(人)": int(count.persons)}


def _flow(look: Look) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"上季度末": before, "本季度末": now, "去向": flow.kind((before, now)), **_count(count)}
            for (before, now), count in sorted((look.flow or {}).items())
        ]
    )


def _averages(look: Look) -> pd.DataFrame:
    split = look.split
    if split is None:
        return pd.DataFrame()
    groups: list[tuple[str, int, Average]] = [
        ("全部", split.year - 1, split.before),
        ("留下的", split.year - 1, split.stayed_before),
        ("离开的", split.year - 1, split.left),
        ("全部", split.year, split.now),
        ("留下的", split.year, split.stayed_now),
        ("进入的", split.year, split.joined),
    ]
    return pd.DataFrame(
        [
            {
                "农户": name,
                "年度": year,
                "户数(户)": one.households,
                "人口(人)": one.persons,
                "人均可支配收入(元)": ""
                if one.a_head is None
                else round(float(one.a_head) / 100, 2),
            }
            for name, year, one in groups
        ]
    )


def _gaps(look: Look) -> pd.DataFrame:
    words = [word for word in (*GAPS, UNTOLD) if word in look.gaps]
    return pd.DataFrame(
        [{f"离人均1万元({look.year}年)": word, **_count(look.gaps[word])} for word in words]
    )
