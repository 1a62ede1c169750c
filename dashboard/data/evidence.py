"""What the checks of authenticity look at, read from a district's own rows.

All quarters of a district are read together, once, and each quarter is a look at what was read: a
meeting goes from quarter to quarter. Past quarters are judged by what was reported up to their end,
as it stands after later corrections.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, select

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
    Revision,
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


class _Left(NamedTuple):
    """A 退出: of what (household, village), where it happened, and (day, event) of all there is."""

    kind: str
    subject: str
    village: str
    on: date
    events: Sequence[tuple[date, str]]


@dataclass(frozen=True)
class Living:
    """What households earn a head in a year (fen), and the village of each, by number."""

    numbers: list[str] = field(default_factory=list)
    fen: list[int] = field(default_factory=list)
    homes: dict[str, str] = field(default_factory=dict)

    def sample(self, policy: PolicyConfig) -> LineSample:
        """Against the line of the policy."""
        entry = policy.thresholds[policy.authenticity.household_line]
        step = policy.authenticity.round_yuan * FEN_A_YUAN
        return LineSample(entry.label, entry.fen, step, self.numbers, self.fen)


@dataclass(frozen=True)
class Evidence:
    """The inputs of a district's quarter; `homes`: the village of each household in them."""

    inputs: Inputs
    towns: Mapping[str, str]
    """The town of each village."""
    homes: Mapping[str, str]


@dataclass(frozen=True)
class Basis:
    """What there is of a district, of all quarters: integer fen, `names` and `towns` by code."""

    district: str
    names: Mapping[str, str]
    towns: Mapping[str, str]
    incomes: Incomes
    gifts: Sequence[_Gift]
    left: Sequence[_Left]
    quotas: Mapping[int, Mapping[str, int]]
    """Exits aimed at, by year and unit."""
    revisions: Sequence[Revision]
    reports: Sequence[Report]
    living: Mapping[int, Living]
    """By year."""

    def at(self, period: Period, policy: PolicyConfig) -> Evidence:
        """What the checks ask of one quarter; what households earn, once the year is over."""
        living = self.living.get(period.year) if period.closes_year else None
        incomes = _lifted(_until(self.incomes, period), self.gifts, policy)
        exits, homes = _exits(self.left, period)
        done = _exits_by_town(self.left, period, self.towns)
        quotas = sorted(self.quotas.get(period.year, {}).items())
        complete = policy.authenticity.village_funds_complete
        inputs = Inputs(
            period,
            incomes,
            samples=() if living is None else (living.sample(policy),),
            exits=exits,
            quotas=[Quota(t, done[t], q) for t, q in quotas if t != self.district],
            revisions=[one for one in self.revisions if one.period == period],
            reports=[one for one in self.reports if one.period == period],
            receipts=_receipts(incomes, self.gifts) if complete else (),
            names=self.names,
        )
        return Evidence(inputs, self.towns, homes | (living.homes if living else {}))


def read(connection: Connection, district: Unit, exits: str) -> Basis:
    """Everything the checks ask of a district; `exits` is the indicator of exits. Eight statements,
    nine where something was corrected."""
    here = district.code
    places = census.names(connection, district)
    # A village's town; the towns' own parent is the district.
    towns = {code: above for code, (_, above) in places.items() if above and above != here}
    incomes, batches = _incomes(connection, here, towns)
    return Basis(
        here,
        {code: name for code, (name, _) in places.items()},
        towns,
        incomes,
        _gifts(connection, here),
        _left(connection, here),
        census.quotas(connection, district, exits),
        revised.read(connection, here, _standing(incomes, batches), towns),
        _reports(connection, here),
        _living(connection, here),
    )


def _incomes(
    connection: Connection, district: str, towns: Mapping[str, str]
) -> tuple[Incomes, dict[tuple[str, str], str]]:
    """Of every quarter there is, and the batch of each figure by (village, period)."""
    table = village_income.c
    amounts = [table[f"{source}_fen"] for source in INCOME_SOURCES]
    statement = select(table.village_code, table.period, table.batch_id, *amounts).where(
        table.district_code == district
    )
    # Plain tuples: these are all years of every village.
    rows = [tuple(row) for row in connection.execute(statement)]
    rows = [row for row in rows if row[0] in towns]
    told_in = sorted({row[1] for row in rows})
    periods = list(span(Period.parse(told_in[0]), Period.parse(told_in[-1]))) if rows else []
    villages = sorted(towns)
    at = {code: i for i, code in enumerate(villages)}
    when = {str(one): i for i, one in enumerate(periods)}
    fen = np.zeros((len(villages), len(periods), len(INCOME_SOURCES)), dtype=np.int64)
    told = np.zeros(fen.shape[:2], dtype=np.bool_)
    if rows:
        cells = [at[row[0]] for row in rows], [when[row[1]] for row in rows]
        fen[cells] = np.array([row[3:] for row in rows], dtype=np.int64)
        told[cells] = True
    homes = [towns[code] for code in villages]
    nothing = np.zeros(fen.shape[:2], dtype=np.int64)
    incomes = Incomes(villages, homes, periods, list(INCOME_SOURCES), fen, told, nothing)
    return incomes, {(row[0], row[1]): row[2] for row in rows}


def _standing(
    incomes: Incomes, batches: Mapping[tuple[str, str], str]
) -> dict[tuple[str, Period], tuple[str, int]]:
    """What stands now: the batch and the total (fen) by village and quarter."""
    at = {code: i for i, code in enumerate(incomes.villages)}
    when = {str(one): (k, one) for k, one in enumerate(incomes.periods)}
    totals = incomes.fen.sum(axis=2)
    return {
        (village, when[period][1]): (batch, int(totals[at[village], when[period][0]]))
        for (village, period), batch in batches.items()
    }


def _until(incomes: Incomes, period: Period) -> Incomes:
    """The quarters up to one, from the first in which a village reported within _YEARS."""
    first = period.shift(-_YEARS * QUARTERS_A_YEAR)
    known = [
        k
        for k, one in enumerate(incomes.periods)
        if first <= one <= period and incomes.reported[:, k].any()
    ]
    periods = list(span(incomes.periods[known[0]] if known else period, period))
    fen = np.zeros((len(incomes.villages), len(periods), len(incomes.sources)), dtype=np.int64)
    told = np.zeros(fen.shape[:2], dtype=np.bool_)
    if known:
        # Quarters after the last report stay empty.
        there = slice(known[0], known[-1] + 1)
        count = known[-1] + 1 - known[0]
        fen[:, :count], told[:, :count] = incomes.fen[:, there], incomes.reported[:, there]
    nothing = np.zeros(fen.shape[:2], dtype=np.int64)
    return replace(incomes, periods=periods, fen=fen, reported=told, lifted=nothing)


def _lifted(incomes: Incomes, gifts: Sequence[_Gift], policy: PolicyConfig) -> Incomes:
    """With the floor support that each figure contains."""
    floor = [one for one in gifts if one.purpose == policy.funds.floor_purpose]
    # What a village has been given and has not booked is not in its figure.
    booked = incomes.fen[:, :, INCOME_SOURCES.index("fiscal")]
    return replace(incomes, lifted=np.minimum(_given(incomes, floor), booked))


def _gifts(connection: Connection, district: str) -> list[_Gift]:
    """Funds of villages; undated ones, and such as came later, belong to their year's end."""
    of_village = and_(
        unit.c.district_code == fund_flow.c.district_code,
        unit.c.code == fund_flow.c.unit_code,
        unit.c.level == "village",
    )
    statement = (
        select(fund_flow)
        .select_from(fund_flow.join(unit, of_village))
        .where(fund_flow.c.district_code == district)
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


def _left(connection: Connection, district: str) -> list[_Left]:
    """Every 退出 with all that happened to who left, by subject, village and day."""
    happened, left = lifecycle_event.alias("happened"), lifecycle_event.alias("left")
    statement = select(
        left.c.subject_type,
        left.c.subject,
        left.c.village_code,
        left.c.happened_on,
        happened.c.happened_on,
        happened.c.event,
    ).where(
        left.c.district_code == district,
        left.c.event == EXIT,
        happened.c.district_code == left.c.district_code,
        happened.c.subject_type == left.c.subject_type,
        happened.c.subject == left.c.subject,
    )
    events: dict[tuple[str, str, str, date], list[tuple[date, str]]] = {}
    for kind, subject, village, left_on, on, event in connection.execute(statement):
        events.setdefault((subject, village, kind, left_on), []).append((on, event))
    return [
        _Left(kind, subject, village, on, told)
        for (subject, village, kind, on), told in sorted(events.items())
    ]


def _exits(left: Iterable[_Left], period: Period) -> tuple[list[Exit], dict[str, str]]:
    """Who left in the quarter with all that happened to them, and the village of each."""
    exits = [
        Exit(one.subject, one.village, one.on, tuple(Event(*told) for told in one.events))
        for one in left
        if period.first_day <= one.on <= period.last_day
    ]
    return exits, {one.subject: one.village for one in exits}


def _exits_by_town(left: Iterable[_Left], period: Period, towns: Mapping[str, str]) -> Counter[str]:
    """Households that left in the year up to the quarter's end."""
    since = Period(period.year, 1).first_day
    return Counter(
        towns.get(one.village, "")
        for one in left
        if one.kind == "household" and since <= one.on <= period.last_day
    )


def _living(connection: Connection, district: str) -> dict[int, Living]:
    own = and_(
        household.c.district_code == household_income.c.district_code,
        household.c.number == household_income.c.household,
    )
    statement = (
        select(
            household_income.c.year,
            household.c.number,
            household.c.village_code,
            household_income.c.income_fen,
        )
        .select_from(household_income.join(household, own))
        .where(household_income.c.district_code == district)
        .order_by(household.c.number)
    )
    found: dict[int, Living] = {}
    for year, number, village, fen in connection.execute(statement):
        one = found.setdefault(year, Living())
        one.numbers.append(number)
        one.fen.append(int(fen))
        one.homes[number] = village
    return found


def _reports(connection: Connection, district: str) -> list[Report]:
    statement = (
        select(
            submission.c.unit_code,
            submission.c.period,
            submission.c.table_name,
            submission.c.first_at,
        )
        .where(submission.c.district_code == district)
        .order_by(submission.c.unit_code, submission.c.table_name)
    )
    return [
        Report(row.unit_code, Period.parse(row.period), row.table_name, day_of(row.first_at))
        for row in connection.execute(statement)
    ]


def day_of(at: datetime) -> date:
    """On the office's clock."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA_TIME).date()
