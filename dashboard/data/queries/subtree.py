"""What registers' queries share: rows of a focus and below it, joined with their units."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pandas as pd
from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, or_

from dashboard.data import units
from dashboard.data.schema import unit
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see


def joined(table: Table) -> FromClause:
    """A register's rows with the unit that each names."""
    district, code = unit.c.district_code == table.c.district_code, unit.c.code == named(table)
    return table.join(unit, and_(district, code))


def named(table: Table) -> ColumnElement[str]:
    """The unit that a row names."""
    return table.c.unit_code if "unit_code" in table.c else table.c.village_code


def under(focus: Focus) -> list[ColumnElement[bool]]:
    """The focus unit and what lies below it; above the district, its children's own alone."""
    own, below = unit.c.code == focus.unit.code, unit.c.parent_code == focus.unit.code
    if focus.unit.level == "district":
        return [unit.c.district_code == focus.unit.code]
    if focus.unit.level in ("town", "village"):
        return [unit.c.district_code == focus.unit.district_code, or_(own, below)]
    return [or_(own, below)]


def read(store: Store, viewer: Viewer | None, focus: Focus, statement: Select[Any]) -> pd.DataFrame:
    """The statement's rows, none for who may not see the focus unit."""
    columns = [column.name for column in statement.selected_columns]
    rows: list[tuple[Any, ...]] = []
    if may_see(viewer, focus.lineage):
        with store.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=columns, dtype=object)


@dataclass(frozen=True)
class Reach:
    """Whose rows of a register are read together, and kept: a whole district's; above it those of
    one unit and of the units directly under it."""

    code: str
    is_district: bool

    @classmethod
    def of(cls, focus: Focus) -> "Reach":
        is_within = focus.is_in_a_district
        return cls(focus.unit.district_code if is_within else focus.unit.code, is_within)

    def source(self, table: Table) -> FromClause:
        return table if self.is_district else joined(table)

    def rows(self, table: Table) -> ColumnElement[bool]:
        """What a row of the source fulfils."""
        if self.is_district:
            return table.c.district_code == self.code
        return or_(unit.c.code == self.code, unit.c.parent_code == self.code)


class _OfUnit(Protocol):
    @property
    def unit(self) -> str: ...


Row = TypeVar("Row", bound=_OfUnit)


def of_subtree(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    ask: Callable[[Store, Reach], Iterable[Row]],
) -> list[Row]:
    """Of the rows of a reach, those of the focus unit and below it. Who may not see the unit is
    told none, and nothing is asked."""
    if not may_see(viewer, focus.lineage):
        return []
    there = ask(store, Reach.of(focus))
    if focus.unit.level in ("town", "village"):
        here = {one.code for one in units.within(store, viewer, focus)}
        return [row for row in there if row.unit in here]
    return list(there)
