"""The households' page against plain loops over the rows, and what it keeps from whom.

The loops share with the program the calendar and the texts of config/ and nothing else.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import event, select

from dashboard.data import census, demo, schema, units
from dashboard.data.frames import records
from dashboard.data.queries import households
from dashboard.data.queries.households import Look
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN, OTHER = "320412", "320412104", "320412106"
OFFICE = Viewer("o", Role.OFFICE, ROOT)
LEADER = Viewer("l", Role.LEADER, ROOT)
PERIODS = [Period(2016, 1), Period(2016, 4), Period(2017, 2), Period(2018, 3)]
LINE = 1_000_000
"""达到1万元, in fen."""


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('households')}/demo.db")
    demo.fill(store, settings, villages=48, households=900)
    return store


@dataclass
class Plain:
    """One household, by hand."""

    row: Any
    events: list[tuple[date, str]]
    incomes: dict[int, int]

    def left_on(self, day: date) -> date | None:
        """The day of the exit that it stands behind, None while it is on the register."""
        left = None
        for when, name in self.events:
            if when <= day and name == "退出":
                left = when
            if when <= day and name == "返贫":
                left = None
        return left

    def stands(self, day: date) -> str:
        if self.row.identified_on > day:
            return "未登记"
        left = self.left_on(day)
        if left is None:
            return "在册"
        over = any(name == "政策保留到期" and left <= when <= day for when, name in self.events)
        return "保留期满" if over or left + relativedelta(months=24) <= day else "政策保留"


def plain(store: Store, code: str) -> list[Plain]:
    """All households under a unit, by its code."""
    with store.reading() as connection:
        rows = connection.execute(select(schema.household)).all()
        events = connection.execute(
            select(schema.lifecycle_event).where(
                schema.lifecycle_event.c.subject_type == "household"
            )
        ).all()
        incomes = connection.execute(select(schema.household_income)).all()
    happened: dict[str, list[tuple[date, str]]] = {}
    for row in sorted(events, key=lambda e: (e.happened_on, e.event == "返贫")):
        happened.setdefault(row.subject, []).append((row.happened_on, row.event))
    earned: dict[str, dict[int, int]] = {}
    for row in incomes:
        earned.setdefault(row.household, {})[row.year] = row.income_fen
    return [
        Plain(row, happened.get(row.number, []), earned.get(row.number, {}))
        for row in rows
        if row.village_code.startswith(code)
    ]


def seen(
    store: Store, settings: Settings, viewer: Viewer | None, code: str, period: Period
) -> Look | None:
    focus = units.focus(store, OFFICE, code, period)
    return households.look(store, viewer, focus, settings)


def the(look: Look | None) -> Look:
    assert look is not None
    return look


def counted(some: Iterable[Plain]) -> tuple[int, int]:
    persons = [one.row.persons for one in some]
    return len(persons), sum(persons)


def a_village(store: Store) -> str:
    """The one with the most households."""
    with store.reading() as connection:
        rows = connection.execute(select(schema.household.c.village_code)).scalars()
        return Counter(rows).most_common(1)[0][0]


@pytest.fixture(params=[ROOT, TOWN, "village"])
def code(request: pytest.FixtureRequest, filled: Store) -> str:
    return a_village(filled) if request.param == "village" else str(request.param)


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_who_is_on_the_register(
    filled: Store, settings: Settings, code: str, period: Period
) -> None:
    look = the(seen(filled, settings, OFFICE, code, period))
    on = [one for one in plain(filled, code) if one.stands(period.last_day) == "在册"]
    assert (look.total.households, look.total.persons) == counted(on)
    told = {
        (row["dimension"], row["word"]): (row["households"], row["persons"])
        for row in records(look.breakdown)
    }
    hand: dict[tuple[str, str], tuple[int, int]] = {}
    for one in on:
        track = "就业帮扶(有劳动能力)" if one.row.labour else "兜底保障(无劳动能力)"
        for key in (("类别", one.row.category), ("致贫原因", one.row.cause), ("劳动能力", track)):
            number, persons = hand.get(key, (0, 0))
            hand[key] = number + 1, persons + one.row.persons
    assert {key: count for key, count in told.items() if count[0]} == hand


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_who_came_and_went(filled: Store, settings: Settings, code: str, period: Period) -> None:
    look = the(seen(filled, settings, OFFICE, code, period))
    ways: dict[tuple[str, str], list[Plain]] = {}
    for one in plain(filled, code):
        way = one.stands(period.previous().last_day), one.stands(period.last_day)
        ways.setdefault(way, []).append(one)
    ways.pop(("未登记", "未登记"), None)
    assert look.flow is not None
    told = {way: (count.households, count.persons) for way, count in look.flow.items()}
    assert told == {way: counted(some) for way, some in ways.items()}


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_how_far_below_the_line(
    filled: Store, settings: Settings, code: str, period: Period
) -> None:
    look = the(seen(filled, settings, OFFICE, code, period))
    year = period.year if period.quarter == 4 else period.year - 1
    assert look.year == year
    hand: Counter[str] = Counter()
    for one in plain(filled, code):
        if one.stands(period.last_day) != "在册":
            continue
        income = one.incomes.get(year)
        if income is None:
            hand["没有收入记录"] += 1
        elif income >= LINE:
            hand["已达到"] += 1
        else:
            lacks = (LINE - income) / 100
            bounds = ((5000, "差5,000元及以上"), (3000, "差3,000—5,000元"))
            bounds += ((2000, "差2,000—3,000元"), (1000, "差1,000—2,000元"), (0, "差不到1,000元"))
            hand[next(words for least, words in bounds if lacks >= least)] += 1
    told = {words: count.households for words, count in look.gaps.items() if count is not None}
    assert {words: count for words, count in told.items() if count} == dict(hand)


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_the_lists(filled: Store, settings: Settings, code: str, period: Period) -> None:
    look = the(seen(filled, settings, OFFICE, code, period))
    day, following = period.last_day, period.next()
    year = period.year if period.quarter == 4 else period.year - 1
    hand: Counter[str] = Counter()
    exits = 0
    for one in plain(filled, code):
        exits += sum(
            name == "退出" and when.year == period.year and when <= day for when, name in one.events
        )
        if one.row.identified_on > day:
            continue
        left = one.left_on(day)
        if left is None:
            hand["已达标未退出"] += one.incomes.get(year, 0) >= LINE
            continue
        end = left + relativedelta(months=24)
        hand["下季度政策到期"] += following.first_day <= end <= following.last_day
        before = {name for when, name in one.events if when <= left}
        steps = {"申请评议", "公示公告", "抽检核查", "信息录入", "帮扶"}
        hand["退出缺步骤"] += not steps <= before
        rests_on = left.year if left.month >= 10 else left.year - 1
        income = one.incomes.get(rests_on)
        hand["退出时未达标"] += income is not None and income < LINE
    assert look.whole.exits == exits
    assert dict(look.whole.counts) == {kind: hand[kind] for kind in look.whole.counts}
    assert Counter(case.kind for case in look.cases) == Counter(
        {kind: count for kind, count in hand.items() if count}
    )


def test_there_is_something_in_every_list(filled: Store, settings: Settings) -> None:
    """Else the comparison above compares nothing with nothing."""
    found: Counter[str] = Counter()
    for period in PERIODS:
        look = the(seen(filled, settings, OFFICE, ROOT, period))
        found += Counter(case.kind for case in look.cases)
    assert set(found) == set(look.whole.counts)


def test_households_are_for_the_office_and_their_own_town(
    filled: Store, settings: Settings
) -> None:
    period, village = Period(2017, 2), a_village(filled)
    town = village[:9]
    open_to = [OFFICE, Viewer("t", Role.TOWN, town)]
    closed_to = [LEADER, Viewer("d", Role.DEPARTMENT, ROOT, "区财政局")]
    for viewer in open_to:
        look = the(seen(filled, settings, viewer, village, period))
        assert look.is_open
        assert look.members
    for viewer in closed_to:
        look = the(seen(filled, settings, viewer, village, period))
        assert not look.is_open
        assert not look.members
        assert not look.cases
        assert look.flow is None
        assert look.split is None
    stranger = Viewer("x", Role.TOWN, OTHER if town != OTHER else TOWN)
    assert seen(filled, settings, stranger, village, period) is None
    assert seen(filled, settings, None, village, period) is None


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_no_small_count_is_told_to_a_leader(
    filled: Store, settings: Settings, code: str, period: Period
) -> None:
    look = the(seen(filled, settings, LEADER, code, period))
    small = range(1, 5)
    counts = [row["households"] for row in records(look.breakdown) if not row["hidden"]]
    counts += [count.households for count in look.gaps.values() if count is not None]
    for row in (*look.lists, look.whole):
        counts += [count for count in row.counts.values() if count is not None]
    assert counts
    assert not [count for count in counts if count in small]


def test_six_statements_at_the_first_look_and_two_at_another_quarter(
    settings: Settings, filled: Store
) -> None:
    fresh = connect(filled.url.render_as_string(hide_password=False)).for_a_look()
    fresh.see(fresh.version, is_demo=True)
    focus = units.focus(fresh, OFFICE, ROOT, Period(2017, 2))
    census._read.cache_clear()
    households._viewed.cache_clear()
    households._tables.cache_clear()
    households.look.answers.cache_clear()  # type: ignore[attr-defined]
    said: list[str] = []
    event.listen(fresh.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    assert households.look(fresh, OFFICE, focus, settings) is not None
    assert len([sql for sql in said if sql.startswith("SELECT")]) == 6
    said.clear()
    assert households.look(fresh, OFFICE, focus.at(Period(2016, 4)), settings) is not None
    assert len([sql for sql in said if sql.startswith("SELECT")]) == 2, "traits, targets"


def test_from_the_district_to_its_towns_nothing_is_counted_anew(
    settings: Settings, filled: Store
) -> None:
    """Hidden cells are hidden over the whole district: once for all who may not see households."""
    store = filled.for_a_look()
    store.see(store.version, is_demo=True)
    whole = units.focus(store, OFFICE, ROOT, Period(2016, 4))
    town = units.focus(store, OFFICE, units.children(store, OFFICE, whole)[0].code, whole.period)
    households._viewed.cache_clear()
    households._tables.cache_clear()
    households.look.answers.cache_clear()  # type: ignore[attr-defined]
    department = Viewer("department", Role.DEPARTMENT, ROOT, "区民政局")
    for viewer, focus in [(LEADER, whole), (LEADER, town), (department, town)]:
        households.look(store, viewer, focus, settings)
        households.breakdown(store, viewer, focus)
    assert households._viewed.cache_info().misses == 1
    assert households._tables.cache_info().misses == 1
    households.look(store, OFFICE, whole, settings)
    households.breakdown(store, OFFICE, whole)
    assert households._viewed.cache_info().misses == 1, "gone through once, whoever looks"
    assert households._tables.cache_info().misses == 1, "counted once, hidden from some"
