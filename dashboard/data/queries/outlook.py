"""How the villages' year will end, by what is known so far: the named list 预计年底不达标."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, select

from dashboard.config_models import PolicyConfig
from dashboard.data.schema import unit, village_income
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer, may_see
from dashboard.policy.outlook import Amounts, Check, Course, forecast
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
    forecast; of them nothing but the back-test's counts goes out. Amounts in fen. One statement.
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
    courses, names = _read(store, focus, policy.sources_of(line.key))
    found = forecast(courses, period.year, period.quarter, names)
    villages = [
        Village(code, *names[code], judge(one, line, period))
        for code, one in found.forecasts.items()
    ]
    told = {c.village for c in courses if c.year == period.year and period.quarter in c.reached}
    return YearEnd(
        period,
        line,
        found.check,
        tuple(sorted(villages, key=lambda v: (-v.standing.gap, v.standing.forecast.expected))),
        tuple(where for code, where in names.items() if code not in told),
        tuple(names[code] for code in found.silent),
        _last_year(courses, focus) if focus.unit.is_village else None,
    )


def _last_year(courses: Iterable[Course], focus: Focus) -> int | None:
    for course in courses:
        if (course.village, course.year) == (focus.unit.code, focus.period.year - 1):
            amounts = course.reached.get(QUARTERS_A_YEAR)
            return None if amounts is None else sum(amounts)
    return None


def _read(
    store: Store, focus: Focus, sources: tuple[str, ...]
) -> tuple[list[Course], dict[str, tuple[str, str]]]:
    """The district's courses up to the focus quarter, and (name, town) of the focus's villages."""
    now, district = focus.period, focus.unit.district_code
    town = unit.alias("town")
    reported = and_(
        village_income.c.district_code == unit.c.district_code,
        village_income.c.village_code == unit.c.code,
        village_income.c.period.between(f"{now.year - _YEARS_BACK}Q1", str(now)),
    )
    statement = (
        select(
            unit.c.code,
            unit.c.name,
            town.c.code.label("town"),
            town.c.name.label("town_name"),
            unit.c.valid_to,
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
    reached: dict[tuple[str, int], dict[int, Amounts]] = {}
    names: dict[str, tuple[str, str]] = {}
    with store.reading() as connection:
        for row in connection.execute(statement):
            code, name, town_code, town_name, valid_to, period, *amounts = row
            if valid_to is None and focus.unit.code in (code, town_code, district):
                names[code] = (name, town_name)
            if period is not None:
                year, quarter = int(period[:4]), int(period[-1])
                reached.setdefault((code, year), {})[quarter] = tuple(amounts)
    return [Course(code, year, by) for (code, year), by in reached.items()], names
