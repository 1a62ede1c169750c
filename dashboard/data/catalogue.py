"""The `indicator` table, kept equal to config/indicators.yaml."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from dashboard.config_models import Catalogue
from dashboard.data.schema import indicator


def sync(connection: Connection, catalogue: Catalogue) -> None:
    """Write every indicator, and every part that is reported under a code of its own.

    Codes that the catalogue no longer has stay: older figures refer to them.
    """
    known = {row.code: row for row in connection.execute(select(indicator))}
    for row in _rows(catalogue):
        before = known.get(row["code"])
        if before is None:
            connection.execute(insert(indicator).values(row))
        elif any(before._mapping[key] != value for key, value in row.items()):
            connection.execute(update(indicator).where(indicator.c.code == row["code"]).values(row))


def _rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    rows = []
    for entry in catalogue.indicators:
        definition = entry.model_dump(mode="json", by_alias=True)
        rows.append(_row(entry.code, entry.name, entry.unit, definition))
        for part in entry.parts:
            rows.append(_row(part.code, part.name, part.unit, {"part_of": entry.code}))
    return rows


def _row(code: str, name: str, unit: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "name": name, "unit": unit, "definition": definition}
