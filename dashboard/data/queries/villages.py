"""Villages and their collective income."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, select

from dashboard.config_models import PolicyConfig
from dashboard.data import frames
from dashboard.data.schema import INCOME_SOURCES, unit, village_income
from dashboard.data.scoped import kept_frame
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.periods import Period

SOURCE_COLUMNS = [f"{source}_fen" for source in INCOME_SOURCES]
INCOME_COLUMNS = ["village", "name", "town", "lon", "lat", *SOURCE_COLUMNS, "batch"]


@kept_frame
def incomes(
    store: Store, viewer: Viewer | None, focus: Focus, policy: PolicyConfig
) -> pd.DataFrame:
    """Year-to-date collective income of every village under the focus unit (a town or a village).

    Columns: village (code), name, town (code), lon, lat (degrees), one a source in integer fen
    (SOURCE_COLUMNS), batch, then own_fen, transfer_fen, total_fen and last_year_fen (the whole of
    last year, NA where it is not in the store). One row a village, those without a report included
    (amounts NA). Source: 武发〔2016〕68号 二·首段, 四(二).
    """
    statement = selection(focus.unit.district_code, focus.period).where(under(focus))
    rows = summed(_read(store, viewer, focus, statement), Sources.of(policy))
    return as_frame(rows, (*INCOME_COLUMNS, *SUMS))


SUMS = ("own_fen", "transfer_fen", "total_fen", "last_year_fen")


def as_frame(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], whole: Sequence[str] = ()
) -> pd.DataFrame:
    """These columns of `summed` rows; amounts, and those of `whole`, as Int64."""
    plain = [[row[name] for name in columns] for row in rows]
    amounts = [name for name in columns if name.endswith("_fen")]
    return frames.frame(plain, columns, (*amounts, *whole))


def selection(district: str, period: Period) -> Select[Any]:
    """Every village of a district, by code, with its year to date and the whole of last year: the
    columns of `incomes` without the sums, then before_… of each source."""
    now = village_income.alias("now")
    before = village_income.alias("before")
    joined = unit.outerjoin(now, _income_of(now, period)).outerjoin(
        before, _income_of(before, period.year_end(1))
    )
    return (
        select(
            unit.c.code.label("village"),
            unit.c.name,
            unit.c.parent_code.label("town"),
            unit.c.lon,
            unit.c.lat,
            *[now.c[name] for name in SOURCE_COLUMNS],
            now.c.batch_id.label("batch"),
            *[before.c[name].label(f"before_{name}") for name in SOURCE_COLUMNS],
        )
        .select_from(joined)
        .where(
            unit.c.district_code == district,
            unit.c.level == "village",
            unit.c.valid_to.is_(None),
        )
        .order_by(unit.c.code)
    )


def read(connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
    """The statement's rows."""
    columns = [column.name for column in statement.selected_columns]
    rows = connection.execute(statement)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _read(
    store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any]
) -> list[dict[str, Any]]:
    """The statement's rows, none for who may not see the focus unit."""
    if not may_see(viewer, focus.lineage):
        return []
    with store.reading() as connection:
        return read(connection, statement)


class Sources(NamedTuple):
    """Columns of income that count as the village's own, and as transfers (policy.yaml)."""

    own: tuple[str, ...]
    transfer: tuple[str, ...]

    @classmethod
    def of(cls, policy: PolicyConfig) -> "Sources":
        own, transfer = policy.own_sources, policy.transfer_sources
        return cls(tuple(f"{one}_fen" for one in own), tuple(f"{one}_fen" for one in transfer))


def summed(rows: list[dict[str, Any]], sources: Sources) -> list[dict[str, Any]]:
    """With SUMS in each row: None for a village that did not report, never 0."""
    parts: dict[str, Sequence[str]] = {
        "own_fen": sources.own,
        "transfer_fen": sources.transfer,
        "total_fen": SOURCE_COLUMNS,
        "last_year_fen": [f"before_{name}" for name in SOURCE_COLUMNS],
    }
    for row in rows:
        for name, names in parts.items():
            told = [row[one] for one in names]
            row[name] = None if None in told else sum(told)
    return rows


@kept_frame
def history(store: Store, viewer: Viewer | None, focus: Focus, since: Period) -> pd.DataFrame:
    """The focus village's year-to-date income by quarter, from `since` to the focus period.

    Columns: period ("2016Q3"), one a source in integer fen (SOURCE_COLUMNS), batch. Oldest first.
    """
    statement = (
        select(
            village_income.c.period,
            *[village_income.c[name] for name in SOURCE_COLUMNS],
            village_income.c.batch_id.label("batch"),
        )
        .where(
            village_income.c.district_code == focus.unit.district_code,
            village_income.c.village_code == focus.unit.code,
            village_income.c.period.between(str(since), str(focus.period)),
        )
        .order_by(village_income.c.period)
    )
    columns = [column.name for column in statement.selected_columns]
    return as_frame(_read(store, viewer, focus, statement), columns)


def year_so_far(
    history: pd.DataFrame, period: Period, policy: PolicyConfig
) -> dict[str, int | None]:
    """What `incomes` says of a village, out of its `history`: own_fen, transfer_fen, total_fen and
    last_year_fen (integer fen, None where not in the history)."""
    rows = {row["period"]: row for row in history.to_dict("records")}
    now, last = rows.get(str(period)), rows.get(str(period.year_end(1)))
    sums = {
        "own_fen": [f"{source}_fen" for source in policy.own_sources],
        "transfer_fen": [f"{source}_fen" for source in policy.transfer_sources],
        "total_fen": SOURCE_COLUMNS,
    }
    found = {name: _sum(now, parts) for name, parts in sums.items()}
    return found | {"last_year_fen": _sum(last, SOURCE_COLUMNS)}


def _sum(row: dict[Hashable, Any] | None, columns: Iterable[str]) -> int | None:
    return None if row is None else sum(int(row[column]) for column in columns)


def _income_of(table: Any, period: Period) -> ColumnElement[bool]:
    return and_(
        table.c.district_code == unit.c.district_code,
        table.c.village_code == unit.c.code,
        table.c.period == str(period),
    )


def under(focus: Focus) -> ColumnElement[bool]:
    """Villages of a district, of a town, or the village itself."""
    if focus.unit.level == "town":
        return unit.c.parent_code == focus.unit.code
    if focus.unit.is_village:
        return unit.c.code == focus.unit.code
    return unit.c.district_code == focus.unit.code
