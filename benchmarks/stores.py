"""Stores of a district, a city, a province and the nation, made from one demo district.

The demo district is copied inside the database, statement by statement, under other codes: memory
stays flat whatever the size. Figures of the five years (20 quarters) are those of the demo's first
year again. What lies above the districts is computed by the program's own rollup.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, case, delete, func, insert, literal, select

from dashboard import settings as config
from dashboard.data import demo, rollup, schema
from dashboard.data.store import Store, connect, set_info

TEMPLATE = "320412"
NATION = "100000"
YEARS = (2018, 2019, 2020)
_CODES = {"district_code", "code", "unit_code", "parent_code", "village_code", "subject"}
_CODES |= {"number", "household", "project_number"}
_ONLY_BRIEF = {"unit", "summary", "household"}


def config_for(root_unit: str, folder: Path) -> Path:
    """The shipped config/ in `folder`, which is made, as an installation for this unit has it."""
    shutil.copytree(Path(__file__).parents[1] / "config", folder)
    file = folder / "district.yaml"
    said = file.read_text(encoding="utf-8")
    told = re.sub(r"(?m)^(root_unit:\s*).*$", rf'\g<1>"{root_unit}"', said)
    file.write_text(told, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Size:
    """How many districts, and of how many all tables are copied; of the rest `_ONLY_BRIEF`,
    the summaries of villages left out."""

    name: str
    districts: int
    whole: int


SIZES = {
    "district": Size("区", 1, 1),
    "city": Size("市", 7, 7),
    "province": Size("省", 74, 74),
    "nation": Size("国", 674, 74),
}


def codes(count: int) -> Iterator[str]:
    """Codes of districts: 14 in a city, 6 cities in a province; the template's own comes first."""
    yield TEMPLATE
    given = 1
    for province in ("32", *(str(number) for number in range(11, 72) if number != 32)):
        for city in range(4, 10):
            for number in range(1, 15):
                code = f"{province}{city:02d}{number:02d}"
                if code == TEMPLATE:
                    continue
                if given == count:
                    return
                given += 1
                yield code


def build(folder: Path, name: str, url: str | None = None) -> Store:
    """The store of a size; made where it is not there yet."""
    path = folder / f"{name}.db"
    is_there = path.exists() and url is None
    store = connect(url or f"sqlite:///{path}")
    if is_there:
        store.migrate()  # made before the schema was last changed, perhaps
        return store
    settings, size = config.load(Path("config")), SIZES[name]
    demo.fill(store, settings)
    with store.writing() as connection:
        _all_years(connection)
        for number, code in enumerate(codes(size.districts)):
            if code != TEMPLATE:
                copy_district(connection, code, is_whole=number < size.whole)
            if number % 50 == 49:
                print(f"  {number + 1} / {size.districts}", file=sys.stderr)
        if size.districts > 1:
            above(connection, settings, list(codes(size.districts)), name)
    return store


def _all_years(connection: Connection) -> None:
    """The demo's first year again in the years that it has no figures for."""
    for table in (schema.summary, schema.observation, schema.village_income):
        for year in YEARS:
            connection.execute(delete(table).where(table.c.period.like(f"{year}Q%")))
            _again(connection, table, "2016Q%", func.replace(table.c.period, "2016", str(year)))
        connection.execute(delete(table).where(table.c.period == "2017Q4"))
        _again(connection, table, "2016Q4", literal("2017Q4"))
    set_info(connection, f"open_until:{TEMPLATE}", "2020Q4")


def _again(connection: Connection, table: Table, periods: str, period: Any) -> None:
    columns = [period if column.name == "period" else column for column in table.columns]
    rows = select(*columns).where(table.c.period.like(periods))
    connection.execute(insert(table).from_select([c.name for c in table.columns], rows))


def copy_district(connection: Connection, district: str, *, is_whole: bool = True) -> None:
    """The template again under another code; not whole: units, households, and summaries of
    towns."""
    for table in schema.metadata.sorted_tables:
        if table.info["placement"] != "distributed":
            continue
        if not is_whole and table.name not in _ONLY_BRIEF:
            continue
        columns = [_moved(column, district) for column in table.columns]
        rows = select(*columns).where(table.c.district_code == TEMPLATE)
        if not is_whole and table is schema.summary:
            rows = rows.where(table.c.level != "village")
        connection.execute(insert(table).from_select([c.name for c in table.columns], rows))
    set_info(connection, f"open_until:{district}", "2020Q4")


def _moved(column: Any, district: str) -> Any:
    if column.name not in _CODES:
        return column
    # A household's number begins with a letter before its district's code.
    return case(
        (column.is_(None), None),
        else_=func.replace(column, TEMPLATE, district),
    ).label(column.name)


def above(
    connection: Connection, settings: config.Settings, districts: list[str], name: str
) -> None:
    """The units above the districts, and their summaries by the program's own rollup."""
    cities = sorted({f"{code[:4]}00" for code in districts})
    provinces = sorted({f"{code[:2]}0000" for code in districts}) if name != "city" else []
    rows = [(code, f"{code[:2]}0000" if provinces else None, "city") for code in cities]
    rows += [(code, NATION if name == "nation" else None, "province") for code in provinces]
    rows += [(NATION, None, "nation")] if name == "nation" else []
    connection.execute(
        insert(schema.unit),
        [
            {
                "district_code": code,
                "code": code,
                "parent_code": parent,
                "level": level,
                "name": f"演示{code}",
                "batch_id": "benchmark",
            }
            for code, parent, level in rows
        ],
    )
    for table in (schema.unit, schema.summary):
        at = table.c.code if table is schema.unit else table.c.unit_code
        connection.execute(
            table.update()
            .where(at == table.c.district_code, table.c.level == "district")
            .values(parent_code=func.substr(table.c.district_code, 1, 4) + "00")
        )
    years = range(settings.district.first_year, settings.district.last_year + 1)
    rollup.refresh(connection, settings, [(code, year) for code in cities for year in years])
