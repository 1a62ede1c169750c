"""Where the figures on a page came from."""

import pandas as pd
from sqlalchemy import select

from dashboard.data.schema import import_batch
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see

COLUMNS = ["batch", "file", "imported_at", "imported_by"]


def newest(store: Store, viewer: Viewer | None, focus: Focus, limit: int = 1) -> pd.DataFrame:
    """The newest imports of the focus unit's district.

    Columns: batch, file, imported_at (UTC), imported_by. Newest first.
    """
    if not may_see(viewer, focus.lineage):
        return pd.DataFrame(columns=COLUMNS)
    statement = (
        select(
            import_batch.c.id,
            import_batch.c.file_name,
            import_batch.c.imported_at,
            import_batch.c.imported_by,
        )
        .where(import_batch.c.district_code == focus.unit.district_code)
        .order_by(import_batch.c.imported_at.desc())
        .limit(limit)
    )
    with store.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    return pd.DataFrame(rows, columns=COLUMNS)
