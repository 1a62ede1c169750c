"""What is on the page as a workbook: the same counts, hidden where the page hides them."""

import pandas as pd

from dashboard.components import exports
from dashboard.components.downloads import XLSX, File, file_name
from dashboard.components.households import flow, panels
from dashboard.components.households.charts import HIDDEN
from dashboard.components.provenance import sheet as origins
from dashboard.components.scene import Scene
from dashboard.config_models import IndicatorEntry
from dashboard.data.frames import records
from dashboard.data.queries.households import Look
from dashboard.data.registers import rule_of
from dashboard.policy.households import GAPS, UNTOLD, Average, Count
from dashboard.settings import Settings

_EXITS = 1
"""The column of 本年退出 in 核实和跟进, counted from 0."""


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
    told = [name for name in sheets if len(sheets[name])]
    sheets[origins.NAME] = pd.concat(
        [_exits(scene, look), exports.of_registers(scene, told, "household")]
    )
    return exports.workbook(scene, "低收入农户", sheets, _note(look))


def _exits(scene: Scene, look: Look) -> pd.DataFrame:
    """Where the exits came from, by unit and cell."""
    entry = exits(scene.settings)
    rows = enumerate((look.whole, *look.lists))
    cells = [
        exports.Cell(at, row.unit, look.names.get(row.unit, row.unit), entry.code)
        for at, row in rows
        if entry is not None
    ]
    return exports.of_figures(scene, "核实和跟进", _EXITS, cells)


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
