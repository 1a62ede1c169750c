"""Write rows of the store's fact tables as the files that an office would have imported.

Used by the test of the demo data only; columns are those of the importer's sheets.
"""

import csv
import io
import json
from decimal import Decimal
from typing import Any

from dashboard.config_models import LEVEL_LABELS, SCALES
from dashboard.data.ingest.sheets import SUBJECTS, sheets
from dashboard.settings import Settings

WAN, YUAN, PERCENT, POINT = 1_000_000, 100, 10_000, 100
_SUBJECT_LABELS = {word: label for label, word in SUBJECTS.items()}


def files(settings: Settings, rows: dict[str, list[dict[str, Any]]]) -> list[tuple[str, bytes]]:
    """A CSV file a sheet, and the boundaries as GeoJSON."""
    found = []
    for name, sheet in sheets(settings.policy).items():
        out = io.StringIO()
        writer = csv.writer(out)
        columns = [column for column in sheet.columns if column.field != "coordinates"]
        writer.writerow([column.head for column in columns])
        for row in rows[sheet.table]:
            said = row | _quarter(row)
            writer.writerow([_cell(settings, sheet.table, said, c.field) for c in columns])
        found.append((f"{name}.csv", out.getvalue().encode()))
    features = [
        {"type": "Feature", "properties": {"代码": row["unit_code"]}, "geometry": row["geometry"]}
        for row in rows["boundary"]
    ]
    shapes = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return [*found, ("边界.geojson", shapes.encode())]


def _quarter(row: dict[str, Any]) -> dict[str, Any]:
    if "period" not in row:
        return {}
    return {"year": int(row["period"][:4]), "quarter": int(row["period"][-1])}


def _cell(settings: Settings, table: str, row: dict[str, Any], field: str) -> Any:
    value = row[field]
    if value is None:
        return ""
    if field == "level":
        return LEVEL_LABELS[value]
    if field == "subject_type":
        return _SUBJECT_LABELS[value]
    scale = _scale(settings, table, row, field)
    return value if scale == 1 else f"{(Decimal(value) / scale).normalize():f}"


def _scale(settings: Settings, table: str, row: dict[str, Any], field: str) -> int:
    if field in ("value", "planned"):
        catalogue = settings.catalogue
        code = row["indicator_code"]
        entry = catalogue.by_code.get(code) or catalogue.parts_by_code[code][0]
        return SCALES[entry.quantity]
    if field.endswith("_fen"):
        in_yuan = table == "household_income" or row.get("subject_type") == "household"
        return YUAN if in_yuan else WAN
    return {"progress": PERCENT, "score": POINT}.get(field, 1)
