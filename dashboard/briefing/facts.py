"""Everything that a bulletin of (unit, quarter) is written from, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.data.frames import records
from dashboard.data.queries import places, progress, standing
from dashboard.data.queries.standing import Standing
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """`now` and `before`: the unit's rows of summary by indicator, this quarter's and the last's.

    `children` by (unit, indicator); `names` of the children by code, in their order; `courses` by
    (indicator, period). `villages` as places.villages has them, None above the district.
    """

    settings: Settings
    focus: Focus
    is_demo: bool
    now: Mapping[str, Row]
    before: Mapping[str, Row]
    courses: Mapping[tuple[str, str], Row]
    children: Mapping[tuple[str, str], Row]
    names: Mapping[str, str]
    standing: Standing
    villages: tuple[Row, ...] | None


def gather(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Facts:
    """Read what a bulletin tells. A viewer who may not see the unit gets facts without figures."""
    since = Period(settings.district.first_year, 1)
    codes = list(settings.catalogue.by_code)
    courses = {
        (row["indicator"], row["period"]): row
        for row in records(progress.trend(store, viewer, focus, codes, since))
    }
    children = records(progress.of_children(store, viewer, focus))
    return Facts(
        settings,
        focus,
        store.is_demo,
        _of(courses, focus.period),
        _of(courses, focus.period.previous()),
        courses,
        {(row["unit"], row["indicator"]): row for row in children if row["indicator"]},
        {row["unit"]: row["name"] for row in children},
        standing.of_children(store, viewer, focus, settings, since),
        _villages(places.villages(store, viewer, focus, settings), focus),
    )


def _of(courses: Mapping[tuple[str, str], Row], period: Period) -> dict[str, Row]:
    return {code: row for (code, text), row in courses.items() if text == str(period)}


def _villages(frame: pd.DataFrame, focus: Focus) -> tuple[Row, ...] | None:
    if focus.unit.level not in ("district", "town"):
        return None
    return tuple(records(frame))
