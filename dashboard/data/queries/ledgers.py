"""数出有源 for figures that are no indicators: the rows of a register behind a page's counts.

Rows of households are for the office and their own town, as in queries.lineage; everybody else is
told which files they came in.
Source: 武发〔2016〕68号 四(四) (专款专用), 四(五) (严禁弄虚作假), 三(二) (挂钩结对).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from dashboard.data import units
from dashboard.data.contributions import Part
from dashboard.data.origins import Origin, Span, batches_of, history_of, origins_of
from dashboard.data.queries import funds, supervision
from dashboard.data.queries.subtree import under
from dashboard.data.schema import (
    INCOME_SOURCES,
    fund_flow,
    household,
    inspection,
    measure,
    pairing,
    project,
    task,
    unit,
    village_income,
    village_income_check,
)
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.aggregation import Figure

Conditions = Callable[[Focus], list[ColumnElement[bool]]]


@dataclass(frozen=True)
class Ledger:
    """A register: which of its rows a page counts for a focus, what it adds up, and by which rule.

    `place`: its column of units; `sums`: head to the columns (fen) that are added.
    """

    table: Table
    formula: str
    clause: str
    department: str
    counted: Conditions
    place: str = "unit_code"
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _in_force(focus: Focus) -> list[ColumnElement[bool]]:
    day = focus.period.last_day
    is_on = or_(pairing.c.ended_on.is_(None), pairing.c.ended_on >= day)
    return [pairing.c.started_on <= day, is_on]


def _of_the_year(focus: Focus) -> list[ColumnElement[bool]]:
    return [inspection.c.period.between(f"{focus.period.year}Q1", str(focus.period))]


_INCOME = {"收入": tuple(f"{source}_fen" for source in INCOME_SOURCES)}
LEDGERS: Mapping[str, Ledger] = {
    ledger.table.name: ledger
    for ledger in (
        Ledger(
            fund_flow,
            "本年度到季末的资金流水(没有日期的也计入),按流水逐笔相加",
            "四(四)、四(三)",
            "区财政局;镇财政",
            lambda focus: funds.in_year(focus.period),
            sums={
                "安排": ("arranged_fen",),
                "拨付": ("allocated_fen",),
                "支出": ("spent_fen",),
            },
        ),
        Ledger(
            project,
            "到季末已开工的项目,逐个相加",
            "四(二)、四(五)",
            "区委农工办",
            lambda focus: [project.c.started_on <= focus.period.last_day],
            sums={"总投资": ("invested_fen",), "已完成": ("completed_fen",)},
        ),
        Ledger(
            pairing,
            "季末当日有效的结对,逐对计数",
            "三(二)",
            "区委组织部;区委农工办",
            _in_force,
            place="village_code",
        ),
        Ledger(
            measure,
            "到季末已开始的帮扶措施,逐项计数",
            "三(三)、三(五)",
            "各帮扶单位",
            lambda focus: [measure.c.started_on <= focus.period.last_day],
            place="village_code",
            sums={"金额": ("amount_fen",)},
        ),
        Ledger(
            task,
            "本年度到季末应完成的任务和议定事项,逐项计数;是否逾期按完成月份和完成日期判断",
            "四(五)",
            "区委农工办;各责任单位",
            lambda focus: [supervision.due_in_year(focus.period)],
        ),
        Ledger(
            inspection,
            "本年度到本季度的督查,逐次计数",
            "四(五)",
            "区委农工办",
            _of_the_year,
        ),
        Ledger(
            household,
            "到季末已识别的低收入农户(含以后退出的),逐户计数",
            "二(一)",
            "区委农工办",
            lambda focus: [household.c.identified_on <= focus.period.last_day],
            place="village_code",
        ),
        Ledger(
            village_income,
            "各村本季度填报的年内累计收入,七类来源相加",
            "四(二)",
            "区委农工办;统计审核:区统计局",
            lambda focus: [village_income.c.period == str(focus.period)],
            place="village_code",
            sums=_INCOME,
        ),
        Ledger(
            village_income_check,
            "村账或统计审核的年内累计收入,七类来源相加;只作核对,不计入任何指标",
            "四(一)",
            "区委农工办;区统计局",
            lambda focus: [village_income_check.c.period == str(focus.period)],
            place="village_code",
            sums=_INCOME,
        ),
    )
}
_SUBJECTS = (pairing.name, measure.name)
_MOST = 500
"""So many rows of a unit's own are listed; a register of more is looked into by unit."""


@dataclass(frozen=True)
class Share:
    """What a child has in the register: `rows` None where that is not to be told."""

    unit: str
    name: str
    rows: int | None
    sums: Mapping[str, int]
    span: Span


@dataclass(frozen=True)
class LedgerLineage:
    """The rows behind a register's figures under a unit: `whole` of all, `shares` by child, and
    the unit's own as `origins`. `is_withheld`: rows of households are not shown."""

    focus: Focus
    ledger: Ledger
    whole: Share
    shares: tuple[Share, ...] = ()
    origins: tuple[Origin, ...] = ()
    is_withheld: bool = False


def rows_behind(
    store: Store, viewer: Viewer | None, focus: Focus, table: str
) -> LedgerLineage | None:
    """The register's rows that are counted for the focus, by child, with their files; the focus
    unit's own one by one. Four statements. None for who may not see the unit, and for a table that
    is no register."""
    ledger = LEDGERS.get(table)
    if viewer is None or ledger is None or not may_see(viewer, focus.lineage):
        return None
    is_open = viewer.sees_households or table not in (*_SUBJECTS, household.name)
    shown = _is_shown(ledger, is_open=is_open)
    with store.reading() as connection:
        groups = connection.execute(_grouped(ledger, focus, shown)).all()
        parts = _own(connection, ledger, focus, shown) if is_open or table in _SUBJECTS else []
        district = focus.unit.district_code
        history = history_of(connection, district, parts)
        ids = {row.batch_id for row in groups} | {part.batch for part in parts}
        ids |= {
            one for rows in history.values() for r in rows for one in (r.batch_id, r.replaced_by)
        }
        known = batches_of(connection, district, ids)
    is_hidden = table == household.name and not is_open
    child_of, names = _children(store, viewer, focus)
    by_child: dict[str, list[Any]] = {}
    for row in groups:
        by_child.setdefault(child_of.get(row.place, row.place), []).append(row)

    def share(code: str, name: str, rows: list[Any]) -> Share:
        heads = list(ledger.sums)
        sums = {head: sum(int(row[3 + at] or 0) for row in rows) for at, head in enumerate(heads)}
        ids = {row.batch_id for row in rows} & known.keys()
        newest = sorted((known[i] for i in ids), key=lambda b: (b.imported_at, b.id), reverse=True)
        count = None if is_hidden else sum(row.many for row in rows)
        return Share(code, name, count, {} if is_hidden else sums, Span(count, tuple(newest)))

    here = focus.unit.code
    return LedgerLineage(
        focus,
        ledger,
        share(here, focus.unit.name, list(groups)),
        tuple(
            share(code, names.get(code, code), by_child[code])
            for code in sorted(by_child)
            if code != here
        ),
        origins_of(parts, known, history),
        not is_open,
    )


def _is_shown(ledger: Ledger, *, is_open: bool) -> list[ColumnElement[bool]]:
    """Rows about villages alone for who may not see households."""
    if is_open or ledger.table.name not in _SUBJECTS:
        return []
    return [ledger.table.c.subject_type == "village"]


def _grouped(ledger: Ledger, focus: Focus, shown: list[ColumnElement[bool]]) -> Select[Any]:
    """Counts and sums by unit and batch."""
    table = ledger.table
    place = table.c[ledger.place]
    sums = [
        func.sum(sum((table.c[name] for name in columns[1:]), table.c[columns[0]]))
        for columns in ledger.sums.values()
    ]
    return (
        select(place.label("place"), table.c.batch_id, func.count().label("many"), *sums)
        .select_from(_placed(ledger))
        .where(*_here(ledger, focus), *under(focus), *ledger.counted(focus), *shown)
        .group_by(place, table.c.batch_id)
    )


def _own(
    connection: Connection, ledger: Ledger, focus: Focus, shown: list[ColumnElement[bool]]
) -> list[Part]:
    table = ledger.table
    statement = (
        select(table)
        .where(
            table.c.district_code == focus.unit.district_code,
            table.c[ledger.place] == focus.unit.code,
            *ledger.counted(focus),
            *shown,
        )
        .order_by(*table.primary_key.columns)
        .limit(_MOST)
    )
    rows = connection.execute(statement).mappings()
    return [Part(table.name, dict(row), Figure(1)) for row in rows]


def _placed(ledger: Ledger) -> Any:
    table = ledger.table
    here = and_(unit.c.district_code == table.c.district_code, unit.c.code == table.c[ledger.place])
    return table.join(unit, here)


def _here(ledger: Ledger, focus: Focus) -> list[ColumnElement[bool]]:
    if focus.unit.level not in ("district", "town", "village"):
        return []
    return [ledger.table.c.district_code == focus.unit.district_code]


def _children(store: Store, viewer: Viewer, focus: Focus) -> tuple[dict[str, str], dict[str, str]]:
    """The child in which each unit lies, and names, by code."""
    tree = units.within(store, viewer, focus)
    tree += [one for one in units.children(store, viewer, focus) if one not in tree]
    above = {one.code: one.parent_code for one in tree}
    found = {}
    for one in tree:
        code = one.code
        while code != focus.unit.code and above.get(code) not in (None, focus.unit.code):
            code = str(above[code])
        found[one.code] = code
    return found, {one.code: one.name for one in tree}
