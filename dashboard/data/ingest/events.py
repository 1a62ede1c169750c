"""Whether the events of 状态变更 can have happened in that order, those in the store included."""

from collections import defaultdict
from collections.abc import Iterator

from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.records import Record, Scene
from dashboard.policy import lifecycle
from dashboard.policy.lifecycle import Breach, Event

Subject = tuple[str, str]


def in_order(scene: Scene) -> Iterator[Problem]:
    """Each impossible event at its row; where only the one that it contradicts came with this
    file, at that one's row. What the store alone has wrong is not this file's to mend.

    Source: 武发〔2016〕68号 二(一), 四(四).
    """
    brought: dict[Subject, dict[Event, Record]] = defaultdict(dict)
    for record in scene.of("lifecycle_event"):
        values = record.values
        subject = values["subject_type"], values["subject"]
        brought[subject].setdefault(Event(values["happened_on"], values["event"]), record)
    retention = scene.settings.policy.retention
    for subject, rows in brought.items():
        # Files imported together know of each other: `known` holds their events, too.
        events = {*scene.known.events.get(subject, ()), *rows}
        told: set[int] = set()  # ids of rows: two files have a row of the same number
        for breach in lifecycle.breaches(events, retention):
            row, message = _told(breach, rows)
            # One wrong date contradicts many; the clerk has one cell to mend.
            if row is not None and id(row) not in told:
                told.add(id(row))
                yield row.problem(message, "日期")


def _told(breach: Breach, rows: dict[Event, Record]) -> tuple[Record | None, str]:
    """The row to mend, and what it is told."""
    if breach.event in rows:
        return rows[breach.event], f"“{breach.event.name}”{breach.reason}"
    against = None if breach.against is None else rows.get(breach.against)
    return against, f"库中已有{breach.event.said},{breach.reason},与本行矛盾"
