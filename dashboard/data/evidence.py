"""What the checks of authenticity look at, read from a district's own rows.

Past quarters are judged by what was reported up to their end, as it stands after later corrections.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, select

from dashboard.config_models import PolicyConfig
from dashboard.data import census, revised
from dashboard.data.schema import (
    INCOME_SOURCES,
    fund_flow,
    household,
    household_income,
    lifecycle_event,
    submission,
    unit,
    village_income,
)
from dashboard.data.units import Unit
from dashboard.policy.authenticity.inputs import (
    Exit,
    Incomes,
    Inputs,
    LineSample,
    Quota,
    Receipt,
    Report,
)
from dashboard.policy.lifecycle import EXIT, Event
from dashboard.policy.money import FEN_A_YUAN
from dashboard.policy.periods import CHINA_TIME, QUARTERS_A_YEAR, Period, span

_YEARS = 6
"""So many years of incomes are compared; what is older says little of today."""


@dataclass(frozen=True)
class _Gift:
    """What a village was allocated (fen), from which quarter on."""

    village: str
    purpose: str
    since: Period
    fen: int


@dataclass(frozen=True)
class Evidence:
    """The inputs of a district's quarter; `homes`: the village of each household in them."""

    inputs: Inputs
    towns: Mapping[str, str]
    """The town of each village."""
    homes: Mapping[str, str]


def read(
    connection: Connection, district: Unit, period: Period, policy: PolicyConfig, exits: str
) -> Evidence:
    """Everything the checks ask of a district (integer fen); `exits` is the indicator of exits."""
    here = district.code
    places = census.names(connection, district)
    # A village's town; the towns' own parent is the district.
    towns = {code: above for code, (_, above) in places.items() if above and above != here}
    gifts = _gifts(connection, here, period)
    incomes = _incomes(connection, here, period, towns)
    floor = [one for one in gifts if one.purpose == policy.funds.floor_purpose]
    # What a village has been given and has not booked is not in its figure.
    booked = incomes.fen[:, :, INCOME_SOURCES.index("fiscal")]
    incomes = replace(incomes, lifted=np.minimum(_given(incomes, floor), booked))
    left, homes = _exits(connection, here, period)
    sample, living = _households(connection, here, period, policy)
    quotas = census.quotas(connection, district, exits, period.year)
    done = _exits_by_town(connection, here, period, towns)
    complete = policy.authenticity.village_funds_complete
    inputs = Inputs(
        period,
        incomes,
        samples=sample,
        exits=left,
        quotas=[Quota(t, done[t], q) for t, q in sorted(quotas.items()) if t != here],
        revisions=revised.read(connection, here, period, towns),
        reports=_reports(connection, here, period),
        receipts=_receipts(incomes, gifts) if complete else (),
        names={code: name for code, (name, _) in places.items()},
    )
    return Evidence(inputs, towns, {**homes, **living})


def _incomes(
    connection: Connection, district: str, period: Period, towns: Mapping[str, str]
) -> Incomes:
    first = period.shift(-_YEARS * QUARTERS_A_YEAR)
    table = village_income.c
    statement = select(
        table.village_code, table.period, *(table[f"{source}_fen"] for source in INCOME_SOURCES)
    ).where(table.district_code == district, table.period.between(str(first), str(period)))
    # Plain tuples: these are five years of every village.
    rows = [tuple(row) for row in connection.execute(statement)]
    rows = [row for row in rows if row[0] in towns]
    since = Period.parse(min((row[1] for row in rows), default=str(period)))
    periods, villages = list(span(since, period)), sorted(towns)
    at = {code: i for i, code in enumerate(villages)}
    when = {str(one): i for i, one in enumerate(periods)}
    fen = np.zeros((len(villages), len(periods), len(INCOME_SOURCES)), dtype=np.int64)
    told = np.zeros(fen.shape[:2], dtype=np.bool_)
    if rows:
        cells = [at[row[0]] for row in rows], [when[row[1]] for row in rows]
        fen[cells] = np.array([row[2:] for row in rows], dtype=np.int64)
        told[cells] = True
    homes = [towns[code] for code in villages]
    nothing = np.zeros(fen.shape[:2], dtype=np.int64)
    return Incomes(villages, homes, periods, list(INCOME_SOURCES), fen, told, nothing)


def _gifts(connection: Connection, district: str, period: Period) -> list[_Gift]:
    """Funds of villages; undated ones, and such as came later, belong to their year's end."""
    of_village = and_(
        unit.c.district_code == fund_flow.c.district_code,
        unit.c.code == fund_flow.c.unit_code,
        unit.c.level == "village",
    )
    statement = (
        select(fund_flow)
        .select_from(fund_flow.join(unit, of_village))
        .where(fund_flow.c.district_code == district, fund_flow.c.year <= period.year)
    )
    found = []
    for row in connection.execute(statement):
        first, last = Period(row.year, 1), Period(row.year, QUARTERS_A_YEAR)
        came = last if row.happened_on is None else Period.of(row.happened_on)
        since = min(max(came, first), last)
        found.append(_Gift(row.unit_code, row.purpose, since, int(row.allocated_fen)))
    return found


def _given(incomes: Incomes, gifts: Iterable[_Gift]) -> NDArray[np.int64]:
    """By village and quarter, cumulative within the year as incomes are."""
    at = {code: i for i, code in enumerate(incomes.villages)}
    given = np.zeros(incomes.fen.shape[:2], dtype=np.int64)
    for one in gifts:
        for period in span(one.since, one.since.year_end()):
            when = incomes.at(period)
            if when is not None and one.village in at:
                given[at[one.village], when] += one.fen
    return given


def _receipts(incomes: Incomes, gifts: Sequence[_Gift]) -> list[Receipt]:
    given = _given(incomes, gifts)
    booked = incomes.fen[:, :, INCOME_SOURCES.index("fiscal")]
    return [
        Receipt(village, period, int(booked[i, k]), int(given[i, k]))
        for i, village in enumerate(incomes.villages)
        for k, period in enumerate(incomes.periods)
        if incomes.reported[i, k]
    ]


def _exits(
    connection: Connection, district: str, period: Period
) -> tuple[list[Exit], dict[str, str]]:
    """Who left in the quarter with all that happened to them, and the village of each."""
    happened, left = lifecycle_event.alias("happened"), lifecycle_event.alias("left")
    statement = select(
        left.c.subject,
        left.c.village_code,
        left.c.happened_on.label("left_on"),
        happened.c.event,
        happened.c.happened_on,
    ).where(
        left.c.district_code == district,
        left.c.event == EXIT,
        left.c.happened_on.between(period.first_day, period.last_day),
        happened.c.district_code == left.c.district_code,
        happened.c.subject_type == left.c.subject_type,
        happened.c.subject == left.c.subject,
    )
    events: dict[tuple[str, str, date], list[Event]] = {}
    for row in connection.execute(statement):
        who = (row.subject, row.village_code, row.left_on)
        events.setdefault(who, []).append(Event(row.happened_on, row.event))
    ordered = sorted(events.items())
    exits = [Exit(who, village, on, tuple(told)) for (who, village, on), told in ordered]
    return exits, {one.subject: one.village for one in exits}


def _households(
    connection: Connection, district: str, period: Period, policy: PolicyConfig
) -> tuple[list[LineSample], dict[str, str]]:
    """Income per head of the year, once it is over, and the village of each household."""
    if not period.closes_year:
        return [], {}
    own = and_(
        household.c.district_code == household_income.c.district_code,
        household.c.number == household_income.c.household,
    )
    statement = (
        select(household.c.number, household.c.village_code, household_income.c.income_fen)
        .select_from(household_income.join(household, own))
        .where(household_income.c.district_code == district, household_income.c.year == period.year)
        .order_by(household.c.number)
    )
    rows = connection.execute(statement).all()
    entry = policy.thresholds[policy.authenticity.household_line]
    sample = LineSample(
        entry.label,
        entry.fen,
        policy.authenticity.round_yuan * FEN_A_YUAN,
        [row.number for row in rows],
        [int(row.income_fen) for row in rows],
    )
    return [sample] if rows else [], {row.number: row.village_code for row in rows}


def _exits_by_town(
    connection: Connection, district: str, period: Period, towns: Mapping[str, str]
) -> Counter[str]:
    """Households that left in the year up to the quarter's end."""
    statement = (
        select(lifecycle_event.c.village_code, func.count())
        .where(
            lifecycle_event.c.district_code == district,
            lifecycle_event.c.subject_type == "household",
            lifecycle_event.c.event == EXIT,
            lifecycle_event.c.happened_on.between(
                Period(period.year, 1).first_day, period.last_day
            ),
        )
        .group_by(lifecycle_event.c.village_code)
    )
    found: Counter[str] = Counter()
    for village, count in connection.execute(statement):
        found[towns.get(village, "")] += count
    return found


def _reports(connection: Connection, district: str, period: Period) -> list[Report]:
    statement = (
        select(submission.c.unit_code, submission.c.table_name, submission.c.first_at)
        .where(submission.c.district_code == district, submission.c.period == str(period))
        .order_by(submission.c.unit_code, submission.c.table_name)
    )
    return [
        Report(row.unit_code, period, row.table_name, day_of(row.first_at))
        for row in connection.execute(statement)
    ]


def day_of(at: datetime) -> date:
    """On the office's clock."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA_TIME).date()
