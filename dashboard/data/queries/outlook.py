"""How the villages' year will end, by what is known so far: the named list 预计年底不达标."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, cast

from sqlalchemy import Connection, and_, select

from dashboard.config_models import PolicyConfig
from dashboard.data import versioned
from dashboard.data.schema import unit, village_income
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.data.versioned import Source
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.outlook import Amounts, Check, Course, Outlook, forecast
from dashboard.policy.periods import QUARTERS_A_YEAR, Period
from dashboard.policy.shortfall import Standing, judge, line_of_year
from dashboard.policy.thresholds import Threshold

_YEARS_BACK = 5
"""Older years teach nothing about this one; what a page reads stays bounded by them."""


@dataclass(frozen=True)
class Village:
    """A village with its expected year end against the line."""

    code: str
    name: str
    town: str
    standing: Standing


@dataclass(frozen=True)
class YearEnd:
    """The focus unit's villages at the year's end, as expected at `period`.

    `check` is the back-test over the whole district, None where it has too few past village-years:
    then nothing is expected. `villages` worst first (by what the expected income lacks). `missing`
    have not reported the quarter, `silent` reported what nothing can be told from: (name, town).
    `last_year`: the whole of the year before in fen where the focus is a village, None where it is
    not in the store.
    """

    period: Period
    line: Threshold
    check: Check | None
    villages: tuple[Village, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    last_year: int | None = None

    @property
    def misses(self) -> tuple[Village, ...]:
        """Those that are expected below the line."""
        return tuple(village for village in self.villages if village.standing.verdict.misses)


def year_end(
    store: Store, viewer: Viewer | None, focus: Focus, policy: PolicyConfig
) -> YearEnd | None:
    """The year ends to be expected of the villages under a district, a town, or of a village.

    None outside the viewer's scope, above a district, where policy.yaml has no target for villages,
    and for a fourth quarter, which is known. The district's other villages teach and test the
    forecast; of them nothing but the back-test's counts goes out. Amounts in fen. One statement,
    whose answer serves all units of the district until the store is written to.
    Source: 武发〔2016〕68号 二·首段.
    """
    period = focus.period
    line = line_of_year(
        [
            (entry.year, policy.threshold(key))
            for key, entry in policy.thresholds.items()
            if entry.wan is not None
        ],
        period.year,
    )
    is_within = focus.unit.level in ("district", "town", "village")
    if not may_see(viewer, focus.lineage) or not is_within or line is None or period.closes_year:
        return None
    found = _foreseen(
        versioned.source(store), focus.unit.district_code, period, policy.sources_of(line.key)
    )
    names = {
        code: (name, town_name)
        for code, name, town, town_name in found.villages
        if focus.holds(code, town)
    }
    villages = [
        Village(code, *names[code], judge(one, line, period))
        for code, one in found.outlook.forecasts.items()
        if code in names
    ]
    return YearEnd(
        period,
        line,
        found.outlook.check,
        tuple(sorted(villages, key=lambda v: (-v.standing.gap, v.standing.forecast.expected))),
        tuple(where for code, where in names.items() if code not in found.told),
        tuple(names[code] for code in found.outlook.silent if code in names),
        found.last_year.get(focus.unit.code) if focus.unit.is_village else None,
    )


class _Reported(NamedTuple):
    """A village of a district with what it has reported: (period, amounts), oldest first."""

    code: str
    name: str
    town: str
    town_name: str
    is_now: bool
    reached: tuple[tuple[str, Amounts], ...]


@versioned.kept(16)
def _of_district(connection: Connection, key: Hashable) -> tuple[_Reported, ...]:
    """`key`: the district's code and the sources of income that count."""
    district, sources = cast(tuple[str, tuple[str, ...]], key)
    town = unit.alias("town")
    reported = and_(
        village_income.c.district_code == unit.c.district_code,
        village_income.c.village_code == unit.c.code,
    )
    statement = (
        select(
            unit.c.code,
            unit.c.name,
            town.c.code.label("town"),
            town.c.name.label("town_name"),
            unit.c.valid_to.is_(None),
            village_income.c.period,
            *[village_income.c[f"{source}_fen"] for source in sources],
        )
        .select_from(
            unit.join(
                town,
                and_(
                    town.c.district_code == unit.c.district_code,
                    town.c.code == unit.c.parent_code,
                ),
            ).outerjoin(village_income, reported)
        )
        .where(unit.c.district_code == district, unit.c.level == "village")
        .order_by(unit.c.code, village_income.c.period)
    )
    found = []
    rows = connection.execute(statement).all()
    for whose, group in groupby(rows, key=lambda row: tuple(row[:5])):
        told = tuple((row[5], tuple(row[6:])) for row in group if row[5] is not None)
        code, name, town_code, town_name, is_now = whose
        found.append(_Reported(code, name, town_code, town_name, bool(is_now), told))
    return tuple(found)


class _Foreseen(NamedTuple):
    """Of a whole district in a quarter: (code, name, town, its name) of the villages there are now,
    which of them have reported the quarter, and the whole of last year in fen."""

    outlook: Outlook
    villages: tuple[tuple[str, str, str, str], ...]
    told: frozenset[str]
    last_year: Mapping[str, int]


@lru_cache(maxsize=24)
def _foreseen(at: Source, district: str, now: Period, sources: tuple[str, ...]) -> _Foreseen:
    """Forecast once for all units of a district, for as many quarters as it has."""
    known = _of_district(at.store, (district, sources))
    courses = _courses(known, now)
    there = tuple((v.code, v.name, v.town, v.town_name) for v in known if v.is_now)
    ended = (c for c in courses if c.year == now.year - 1 and QUARTERS_A_YEAR in c.reached)
    return _Foreseen(
        forecast(courses, now.year, now.quarter, {code for code, *_ in there}),
        there,
        frozenset(c.village for c in courses if c.year == now.year and now.quarter in c.reached),
        {c.village: sum(c.reached[QUARTERS_A_YEAR]) for c in ended},
    )


def _courses(known: Iterable[_Reported], now: Period) -> list[Course]:
    """Up to a quarter."""
    first, last = f"{now.year - _YEARS_BACK}Q1", str(now)
    reached: dict[tuple[str, int], dict[int, Amounts]] = {}
    for village in known:
        for period, amounts in village.reached:
            if first <= period <= last:
                year, quarter = int(period[:4]), int(period[-1])
                reached.setdefault((village.code, year), {})[quarter] = amounts
    return [Course(code, year, by) for (code, year), by in reached.items()]
