"""A town's workbook of village incomes that differs from what the store has."""

import io

from openpyxl import Workbook
from sqlalchemy import select

from dashboard.data import schema
from dashboard.data.store import Store
from dashboard.policy.periods import Period
from tests.data.ingest.books import INCOME_HEADS

_FEN_A_WAN = 1_000_000


def incomes(store: Store, town: str, period: Period, more_wan: int) -> bytes:
    """The town's villages with `more_wan` 万元 more of 其他收入, from the quarter to year's end."""
    table, unit = schema.village_income, schema.unit
    statement = (
        select(table)
        .join(
            unit,
            (unit.c.district_code == table.c.district_code) & (unit.c.code == table.c.village_code),
        )
        .where(
            table.c.district_code == town[:6],
            unit.c.parent_code == town,
            table.c.period.between(str(period), f"{period.year}Q4"),
        )
    )
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "村集体收入"
    sheet.append(list(INCOME_HEADS))
    with store.reading() as connection:
        for row in connection.execute(statement).mappings():
            amounts = [row[f"{source}_fen"] for source in schema.INCOME_SOURCES]
            amounts[-1] += more_wan * _FEN_A_WAN
            quarter = Period.parse(row["period"]).quarter
            wan = [amount / _FEN_A_WAN for amount in amounts]
            sheet.append([period.year, quarter, row["village_code"], *wan])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
