"""Where the figures on a page came from."""

import pandas as pd

from dashboard.data.queries import decomposition
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer


def newest(store: Store, viewer: Viewer | None, focus: Focus, limit: int = 1) -> pd.DataFrame:
    """The newest imports behind the focus unit's figures of the year, up to the focus period.

    Behind them are its own targets, plans, reports and incomes and those of the units below it: a
    town is not told of another town's file, and an old quarter not of a file that came for a later
    one. Columns: batch, file, imported_at (UTC), imported_by. Newest first.
    """
    return decomposition.sources(store, viewer, focus).head(limit)
