"""Figures that the office has sent back to be corrected."""

from typing import Any

from dashboard.data import units
from dashboard.data.queries import conduct
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer


def of_children(store: Store, viewer: Viewer | None, focus: Focus) -> list[dict[str, Any]]:
    """What was sent back for the quarter to the units directly under the focus unit.

    Keys: unit (code), name, times, open (of them not answered yet). One a unit that had anything
    sent back, by code; nothing for who may not see the focus unit.
    Source: 武发〔2016〕68号 四(五) (动态跟踪、全程督办).
    """
    names = {one.code: one.name for one in units.children(store, viewer, focus)}
    found: dict[str, dict[str, Any]] = {}
    if not names:
        return []
    for one in conduct.of_district(store, focus).sent_back.get(str(focus.period), ()):
        if one.unit in names:
            nothing = {"unit": one.unit, "name": names[one.unit], "times": 0, "open": 0}
            row = found.setdefault(one.unit, nothing)
            row["times"] += 1
            row["open"] += one.is_open
    return [found[code] for code in sorted(found)]
