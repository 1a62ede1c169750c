"""The registers of one unit against plain loops over the rows put in; and who is shown nothing."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import chain, product
from typing import Any

import pandas as pd
import pytest

from dashboard.data import units
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.queries import periods, progress, registers, sources
from dashboard.data.schema import INCOME_SOURCES
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D, NEXT = "320412", "320411"
TOWN, OTHER_TOWN, NEXT_TOWN = f"{D}101", f"{D}102", f"{NEXT}101"
ONE, TWO, THREE, NEXT_VILLAGE = f"{TOWN}201", f"{TOWN}202", f"{OTHER_TOWN}201", f"{NEXT_TOWN}201"
NOW = Period(2016, 3)
END = date(2016, 9, 30)
OFFICE = Viewer("office", Role.OFFICE, D)
LEADER = Viewer("leader", Role.LEADER, D)
DEPARTMENT = Viewer("department", Role.DEPARTMENT, D, "区财政局")
OWN_TOWN = Viewer("town", Role.TOWN, TOWN)
STRANGERS = [
    None,
    Viewer("public", Role.PUBLIC, D),
    Viewer("other", Role.TOWN, OTHER_TOWN),
    Viewer("next", Role.OFFICE, NEXT),
]

UNITS = [
    (D, None, "district"),
    (TOWN, D, "town"),
    (OTHER_TOWN, D, "town"),
    (ONE, TOWN, "village"),
    (TWO, TOWN, "village"),
    (THREE, OTHER_TOWN, "village"),
    (NEXT, None, "district"),  # another district in the same store
    (NEXT_TOWN, NEXT, "town"),
    (NEXT_VILLAGE, NEXT_TOWN, "village"),
]
PAIRINGS = [
    # kind, subject_type, subject, organisation, started_on, ended_on, village
    ("第一书记", "village", ONE, "区财政局", date(2016, 1, 1), None, ONE),  # goes on
    ("企业", "village", ONE, "测试公司", END, END, ONE),  # begins and ends on the last day: counts
    ("企业", "village", ONE, "测试二公司", date(2015, 1, 1), date(2016, 9, 29), ONE),  # a day early
    ("部门挂钩", "village", ONE, "区水利局", date(2016, 10, 1), None, ONE),  # begins a day late
    ("党员干部", "household", "H1", "区水利局", date(2016, 1, 1), None, ONE),  # a household's
    ("第一书记", "village", THREE, "区教育局", date(2016, 1, 1), None, THREE),  # another village's
]
PROJECTS = [
    # number, unit, fen invested, fen completed, millionths
    ("P2", ONE, 12_345_678_901, 1, 333_333),  # amounts beyond 32 bits
    ("P1", ONE, 5_000_000, 5_000_000, 1_000_000),  # done
    ("P3", TOWN, 7_000_000, 0, 0),  # of the town itself, not of its villages
    ("P4", THREE, 9_000_000, 0, 0),
]
HOUSEHOLDS = [
    # number, village, persons, category, cause, identified_on
    # 6, of which H1 leaves in May 2016: then 5, just shown
    *[(f"H{n}", ONE, 2, "一般", "因病", date(2015, 12, 31)) for n in range(6)],
    *[(f"J{n}", ONE, 3, "低保", "因残", END) for n in range(4)],  # 4: just hidden; on the last day
    ("K1", ONE, 9, "低保", "因病", date(2016, 10, 1)),  # a day after the quarter
    ("L1", TWO, 1, "低保", "因学", date(2016, 1, 1)),  # makes the town's cell of 低保 five
    ("M1", THREE, 4, "五保", "因灾", date(2016, 1, 1)),  # another town's
    ("N1", NEXT_VILLAGE, 4, "五保", "因灾", date(2016, 1, 1)),  # another district's
]
EVENTS = [
    # subject_type, subject, event, day, evidence, village
    ("village", ONE, "认定", date(2016, 1, 5), "区认定名单", ONE),
    ("village", ONE, "公示", END, "", ONE),  # on the last day
    ("village", ONE, "退出", date(2016, 10, 1), "", ONE),  # a day after
    ("household", "H1", "退出", date(2016, 5, 1), "", ONE),  # a household's: never on the page
    ("village", THREE, "认定", date(2016, 1, 6), "", THREE),  # another village's
]
MEASURES = [
    # subject_type, subject, category, department, started_on, village
    ("village", ONE, "产业扶持", "区农业局", date(2016, 3, 1), ONE),
    ("village", ONE, "基础设施", "区水利局", date(2016, 12, 1), ONE),  # later than the quarter
    ("household", "H1", "产业扶持", "区农业局", date(2016, 3, 2), ONE),  # a household's
]
TASKS = [
    # number, unit, due_month, done_on
    ("T1", TOWN, "2016-09", None),  # due in the quarter's last month, undone: overdue
    ("T2", TOWN, "2016-08", END),  # late, but done by the quarter's end
    ("T3", TOWN, "2016-07", date(2016, 10, 1)),  # done a day after the end: overdue then
    ("T4", TOWN, "2016-10", None),  # not due yet
    ("T5", ONE, "2016-01", None),  # a village's own, not the town's
    ("T6", TOWN, "2017-03", None),  # next year's: on the list once the year is ending
    ("T7", TOWN, "2015-11", END),  # of the year before: on the list while it is overdue
    ("T8", TOWN, "2015-12", date(2015, 12, 1)),  # of the year before, and done in time
    ("T9", TOWN, "2017-04", None),  # further off than a quarter: not yet
]


def rows_of() -> dict[str, list[dict[str, Any]]]:
    """All rows as the ingest road takes them."""
    made: dict[str, list[dict[str, Any]]] = {
        "unit": [
            {"code": code, "parent_code": parent, "level": level, "name": f"名{code}"}
            for code, parent, level in UNITS
        ],
        "village_income": [
            # One report, so that the district, the town and the village have figures.
            {"village_code": ONE, "period": "2016Q3", **{f"{s}_fen": 1 for s in INCOME_SOURCES}}
        ],
        "pairing": [
            dict(
                zip(
                    ("kind", "subject_type", "subject", "organisation", "started_on", "ended_on"),
                    row,
                    strict=False,
                )
            )
            | {"village_code": row[6], "post": "科长"}
            for row in PAIRINGS
        ],
        "project": [
            {"number": number, "unit_code": code, "name": f"项目{number}", "category": "厂房"}
            | {"invested_fen": invested, "completed_fen": completed, "progress": share}
            | {"status": "在建", "due_on": END, "started_on": None}
            for number, code, invested, completed, share in PROJECTS
        ],
        "household": [
            {"number": number, "village_code": village, "persons": persons, "labour": 1}
            | {"category": category, "cause": cause, "identified_on": day}
            for number, village, persons, category, cause, day in HOUSEHOLDS
        ],
        "lifecycle_event": [
            {"subject_type": kind, "subject": subject, "event": event, "happened_on": day}
            | {"evidence": evidence, "village_code": village}
            for kind, subject, event, day, evidence, village in EVENTS
        ],
        "measure": [
            {"subject_type": kind, "subject": subject, "category": category}
            | {"department": department, "started_on": day, "village_code": village}
            | {"status": "实施中", "amount_fen": None}
            for kind, subject, category, department, day, village in MEASURES
        ],
        "task": [
            {"number": number, "unit_code": code, "kind": "任务落实", "content": f"事项{number}"}
            | {"due_month": month, "done_on": day}
            for number, code, month, day in TASKS
        ],
    }
    for table in made.values():
        for row in table:
            code = row.get("code") or row.get("village_code") or row["unit_code"]
            row["district_code"] = code[:6]
    return made


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    with store.writing() as connection:
        apply_rows(connection, settings, rows_of(), FileInfo("甲镇.xlsx", "0" * 64), "测试")
    return store


def at(store: Store, code: str, period: Period = NOW) -> Focus:
    return units.focus(store, OFFICE, code, period)


def records(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    picked = frame[list(columns)].astype(object)
    return list(picked.where(picked.notna(), None).itertuples(index=False, name=None))


def test_pairings_on_the_last_day(filled: Store) -> None:
    for code, period in product(
        [ONE, TWO, THREE, TOWN], [NOW, Period(2016, 2), Period(2016, 4), Period(2014, 4)]
    ):
        day = period.last_day
        wanted = {
            (kind, organisation, "科长", start, end)
            for kind, subject_type, subject, organisation, start, end, _ in PAIRINGS
            if subject_type == "village" and subject == code
            if start <= day and (end is None or day <= end)
        }
        frame = registers.pairings(filled, OFFICE, at(filled, code, period))
        found = records(frame, "kind", "organisation", "post", "started_on", "ended_on")
        assert len(found) == len(wanted)
        assert set(found) == wanted


def test_projects_of_the_unit_itself(filled: Store) -> None:
    for code in [ONE, TWO, THREE, TOWN, D]:
        wanted = [
            (number, f"项目{number}", "厂房", invested, completed, END, "在建")
            for number, unit, invested, completed, _ in sorted(PROJECTS)
            if unit == code
        ]
        frame = registers.projects(filled, OFFICE, at(filled, code))
        columns = (
            "number",
            "name",
            "category",
            "invested_fen",
            "completed_fen",
            "due_on",
            "status",
        )
        assert records(frame, *columns) == wanted
        shares = [share / 1_000_000 for _, unit, _, _, share in sorted(PROJECTS) if unit == code]
        assert [float(value) for value in frame["progress"]] == pytest.approx(shares)


def count_households(under: str, day: date) -> dict[tuple[str, str], tuple[int, int]]:
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    gone = {subject for _, subject, event, on, *_ in EVENTS if event == "退出" and on <= day}
    for number, village, persons, category, cause, identified_on in HOUSEHOLDS:
        if village.startswith(under) and identified_on <= day and number not in gone:
            cells["类别", category].append(persons)
            cells["致贫原因", cause].append(persons)
    return {cell: (len(persons), sum(persons)) for cell, persons in cells.items()}


def cells_of(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[Any, Any]]:
    found = records(frame, "dimension", "word", "households", "persons")
    return {(dimension, word): (count, persons) for dimension, word, count, persons in found}


def test_households_are_counted(filled: Store) -> None:
    for code, period in product(
        [D, TOWN, OTHER_TOWN, ONE, TWO], [NOW, Period(2016, 2), Period(2016, 4), Period(2015, 3)]
    ):
        focus = at(filled, code, period)
        wanted = count_households(code, period.last_day)
        assert cells_of(registers.households(filled, OFFICE, focus)) == wanted


def test_small_cells_are_kept_from_who_may_not_see_households(filled: Store) -> None:
    for viewer, code in product([LEADER, DEPARTMENT], [D, TOWN, ONE]):
        truth = count_households(code, END)
        found = cells_of(registers.households(filled, viewer, at(filled, code)))
        assert found.keys() >= truth.keys()
        # Beyond what there is, only hidden zeros: they hide the others.
        assert {found[cell] for cell in found.keys() - truth.keys()} <= {(None, None)}
        for cell, counts in truth.items():
            assert found[cell] in (counts, (None, None)), cell  # never a changed figure
            if counts[0] < 5:
                assert found[cell] == (None, None), cell


def test_small_cells_cannot_be_worked_out(filled: Store) -> None:
    """A reader looks at every unit, knows each total, and tries every way to fill the villages."""
    below = {D: (TOWN, OTHER_TOWN), TOWN: (ONE, TWO), OTHER_TOWN: (THREE,)}
    units = [*below, ONE, TWO, THREE]
    truth = {unit: count_households(unit, END) for unit in units}
    seen = 0
    for dimension in ("类别", "致贫原因"):
        words = sorted({word for kind, word in truth[D] if kind == dimension})
        shown = {
            (unit, word): count
            for unit in units
            for (kind, word), (count, _) in cells_of(
                registers.households(filled, LEADER, at(filled, unit))
            ).items()
            if kind == dimension
        }
        own = {(u, w): truth[u].get((dimension, w), (0, 0))[0] for u in units for w in words}
        ways = [
            dict(zip([(v, w) for v in (ONE, TWO, THREE) for w in words], chain(*way), strict=True))
            for way in product(
                *[
                    fillings([shown.get((v, w), 0) for w in words], sum(own[v, w] for w in words))
                    for v in (ONE, TWO, THREE)
                ]
            )
        ]
        for unit in (TOWN, OTHER_TOWN, D):
            for way, word in product(ways, words):
                way[unit, word] = sum(way[child, word] for child in below[unit])
        possible = [
            way
            for way in ways
            if all(way[cell] == count for cell, count in shown.items() if count is not None)
        ]
        assert own in possible
        for cell, count in own.items():
            if 0 < count < registers.SMALL_CELL:
                seen += 1
                assert len({way[cell] for way in possible}) > 1, cell
    assert seen >= 10


def fillings(shown: list[int | None], total: int) -> list[tuple[int, ...]]:
    """Every way to fill the hidden cells of a village so that they come to its total."""
    ranges = [range(total + 1) if count is None else [count] for count in shown]
    return [way for way in product(*ranges) if sum(way) == total]


def test_a_town_sees_the_small_cells_of_its_own(filled: Store) -> None:
    found = cells_of(registers.households(filled, OWN_TOWN, at(filled, ONE)))
    assert found == count_households(ONE, END)
    assert found["类别", "低保"] == (4, 12)


def test_timeline_is_newest_first(filled: Store) -> None:
    for code, period in product([ONE, TWO, THREE], [NOW, Period(2016, 1), Period(2016, 4)]):
        wanted = [
            (day, event, evidence)
            for kind, subject, event, day, evidence, _ in EVENTS
            if kind == "village" and subject == code and day <= period.last_day
        ]
        wanted += [
            (day, f"帮扶措施:{category}", department)
            for kind, subject, category, department, day, _ in MEASURES
            if kind == "village" and subject == code and day <= period.last_day
        ]
        frame = registers.timeline(filled, OFFICE, at(filled, code, period))
        assert records(frame, "day", "what", "detail") == sorted(wanted, reverse=True)


def test_tasks_overdue_first(filled: Store) -> None:
    for code, period in product([TOWN, ONE, D], [NOW, Period(2016, 2), Period(2016, 4)]):
        wanted = []
        for number, unit, month, done_on in TASKS:
            if unit == code:
                has_passed = (int(month[:4]), int(month[5:])) <= (period.year, period.quarter * 3)
                is_open = done_on is None or done_on > period.last_day
                is_late = has_passed and is_open
                is_near = month[:4] == str(period.year) or (
                    period.quarter == 4 and month[:4] == "2017" and month[5:] <= "03"
                )
                if is_late or is_near:
                    wanted.append((not is_late, month, number, not is_open))
        frame = registers.tasks(filled, OFFICE, at(filled, code, period))
        found = [
            (not overdue, month, number, bool(done))
            for overdue, month, number, done in records(
                frame, "overdue", "due_month", "number", "done"
            )
        ]
        assert found == sorted(wanted)


Query = Callable[[Store, Viewer | None, Focus], Any]
QUERIES: dict[str, Query] = {
    "pairings": registers.pairings,
    "projects": registers.projects,
    "households": registers.households,
    "timeline": registers.timeline,
    "tasks": registers.tasks,
    "of_unit": progress.of_unit,
    "trend": lambda s, v, f: progress.trend(s, v, f, Period(2016, 1)),
    "newest": sources.newest,
    "available": lambda s, v, f: periods.available(s, v, f.unit),
}


def test_who_may_see_does_see(filled: Store) -> None:
    """Else the tests of who is shown nothing would pass on an empty table."""
    for (name, query), viewer in product(QUERIES.items(), (OFFICE, LEADER, DEPARTMENT, OWN_TOWN)):
        assert len(query(filled, viewer, at(filled, ONE))), (name, viewer)


def test_strangers_see_nothing(filled: Store) -> None:
    for (name, query), viewer in product(QUERIES.items(), STRANGERS):
        assert len(query(filled, viewer, at(filled, ONE))) == 0, (name, viewer)


def test_strangers_see_no_children(filled: Store) -> None:
    for viewer in STRANGERS:
        focus = at(filled, TOWN)
        seen = progress.of_children(filled, OFFICE, focus)
        assert {row["unit"] for row in seen} == {ONE, TWO}
        assert not progress.of_children(filled, viewer, focus)


def test_a_town_is_not_shown_what_lies_above_it(filled: Store) -> None:
    for name in [name for name in QUERIES if name != "available"]:
        assert len(QUERIES[name](filled, OWN_TOWN, at(filled, D))) == 0


def test_the_newest_import_is_the_newest(filled: Store, settings: Settings) -> None:
    later = {"village_code": TWO, "period": "2016Q3", "district_code": D}
    later |= {f"{source}_fen": 2 for source in INCOME_SOURCES}
    with filled.writing() as connection:
        file = FileInfo("乙.xlsx", "1" * 64)
        apply_rows(connection, settings, {"village_income": [later]}, file, "办事员")
    focus = at(filled, D)
    assert records(sources.newest(filled, OFFICE, focus), "file", "imported_by") == [
        ("乙.xlsx", "办事员")
    ]
    both = sources.newest(filled, OFFICE, focus, limit=5)
    assert list(both["file"]) == ["乙.xlsx", "甲镇.xlsx"]
