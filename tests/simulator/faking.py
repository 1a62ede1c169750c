"""Kinds of faking planted into honest districts, each with strengths that the table has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dashboard.policy.authenticity.inputs import Incomes, Inputs, Quota, Revision
from tests.simulator.world import END, LINE, OTHER, WAN, YUAN

Fen = NDArray[np.int64]
Plant = Callable[[np.random.Generator, Inputs, float], Inputs]


@dataclass(frozen=True)
class Kind:
    """`label` holds the strength in braces; `check` is the check that is meant to see it."""

    check: str
    label: str
    strengths: tuple[float, ...]
    plant: Plant


def move_over(rng: np.random.Generator, totals: Fen, share: float, line: int = LINE) -> Fen:
    """A share of what lies within 5 % below the line is told as just over it (within 2 %, mostly
    in the first half of that); the yuan are made to look real."""
    near = np.flatnonzero((totals < line) & (totals >= line * 0.95))
    chosen = rng.choice(near, round(share * len(near)), replace=False)
    told = totals.copy()
    told[chosen] = line + (rng.beta(1, 2, len(chosen)) * 0.02 * line).astype(np.int64)
    told[chosen] = told[chosen] // YUAN * YUAN
    return told


def over_the_line(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    year = _year(honest.incomes)
    return _lift(honest, move_over(rng, year, share) - year)


def households_over(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    sample = honest.samples[0]
    told = move_over(rng, np.array(sample.fen, dtype=np.int64), share, sample.line_fen)
    return replace(honest, samples=[replace(sample, fen=[int(fen) for fen in told])])


def rounded(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    year = _year(honest.incomes)
    return _lift(honest, np.where(rng.random(len(year)) < share, -year % WAN, 0))


def copied(rng: np.random.Generator, honest: Inputs, pairs: float) -> Inputs:
    """In one town some villages take the total of the next larger one."""
    towns = np.array(honest.incomes.towns)
    members = np.flatnonzero(towns == rng.choice(towns))
    year = _year(honest.incomes)
    ordered = members[np.argsort(year[members])]
    count = int(min(pairs, len(members) // 2))
    chosen = rng.choice(len(members) // 2, count, replace=False) * 2
    told = year.copy()
    told[ordered[chosen]] = year[ordered[chosen + 1]]
    return _lift(honest, told - year)


def late_income(rng: np.random.Generator, honest: Inputs, villages: float) -> Inputs:
    """Villages that stood below the line get a quarter of a year's income in the last quarter."""
    incomes = honest.incomes
    before = incomes.total(END.year_end(1))
    needy = np.flatnonzero(before < LINE)
    chosen = rng.choice(needy, min(int(villages), len(needy)), replace=False)
    rise = np.zeros(len(before), dtype=np.int64)
    rise[chosen] = (_year(incomes)[chosen] * 0.25).astype(np.int64) // YUAN * YUAN
    return _lift(honest, rise)


def inflated_town(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    """One town adds the same share to all its villages, in every quarter of the year."""
    incomes = honest.incomes
    towns = np.array(incomes.towns)
    mine = towns == rng.choice(towns)
    fen = incomes.fen.copy()
    more = (fen[mine, -4:, :] * share).astype(np.int64) // YUAN * YUAN
    fen[mine, -4:, :] += more
    return replace(honest, incomes=replace(incomes, fen=fen))


def filled_up(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    """A share of the villages report a tenth more than they have, under 其他."""
    year = _year(honest.incomes)
    rise = np.where(rng.random(len(year)) < share, year // 10 // YUAN * YUAN, 0)
    return _lift(honest, rise)


def made_up_digits(rng: np.random.Generator, honest: Inputs, share: float) -> Inputs:
    """A share of the amounts gets a last digit as people choose it: mostly 5, 6 and 8."""
    incomes = honest.incomes
    fen = incomes.fen.copy()
    last = fen[:, -1, :]
    favourite = rng.choice(
        10, last.shape, p=[0, 0.04, 0.06, 0.08, 0.04, 0.26, 0.2, 0.06, 0.2, 0.06]
    )
    made = (rng.random(last.shape) < share) & (last > 1000 * YUAN)
    # Upwards, so that no year-to-date figure falls.
    lift = (favourite - last // YUAN) % 10 * YUAN
    last += np.where(made, lift, 0)
    return replace(honest, incomes=replace(incomes, fen=fen))


def one_way(_rng: np.random.Generator, honest: Inputs, workbooks: float) -> Inputs:
    """So many more workbooks come in, each raising what the first had said."""
    incomes = honest.incomes
    towns = sorted(set(incomes.towns))
    more = []
    for at in range(int(workbooks)):
        town = towns[at % len(towns)]
        village = incomes.villages[list(incomes.towns).index(town)]
        more.append(Revision(village, town, END, f"planted-{at}", WAN, WAN + 8_000 * YUAN))
    return replace(honest, revisions=[*honest.revisions, *more])


def on_quota(rng: np.random.Generator, honest: Inputs, towns: float) -> Inputs:
    chosen = set(rng.choice(len(honest.quotas), int(towns), replace=False).tolist())
    quotas = [
        Quota(one.town, one.quota, one.quota) if at in chosen else one
        for at, one in enumerate(honest.quotas)
    ]
    return replace(honest, quotas=quotas)


def booked_ahead(rng: np.random.Generator, honest: Inputs, villages: float) -> Inputs:
    chosen = set(rng.choice(honest.incomes.villages, int(villages), replace=False).tolist())
    told = [
        replace(one, paid_fen=one.booked_fen // 2)
        if one.period == END and one.village in chosen
        else one
        for one in honest.receipts
    ]
    return replace(honest, receipts=told)


KINDS: Mapping[str, Kind] = {
    one.check: one
    for one in (
        Kind("just_over", "线下5%以内的村有{:.0%}移到线上", (0.1, 0.3, 0.5, 1.0), over_the_line),
        Kind(
            "households_just_over",
            "线下5%以内的户有{:.0%}移到线上",
            (0.1, 0.2, 0.4, 0.6),
            households_over,
        ),
        Kind("heaping", "{:.0%}的村改报整万元", (0.05, 0.1, 0.2), rounded),
        Kind("last_digits", "{:.0%}的金额末位是编的", (0.1, 0.2, 0.4), made_up_digits),
        Kind("same_values", "一个镇有{:.0f}对村抄同一个数", (1, 2), copied),
        Kind(
            "fourth_quarter",
            "{:.0f}个上年未过线的村四季度虚增全年的四分之一",
            (3, 5, 10),
            late_income,
        ),
        Kind("peers", "一个镇各村虚增{:.0%}", (0.1, 0.2, 0.3), inflated_town),
        Kind("decoupled", "{:.0%}的村以“其他收入”虚增一成", (0.1, 0.2, 0.4), filled_up),
        Kind("one_way_revisions", "{:.0f}次改报全部改高", (6, 10, 16), one_way),
        Kind("exits_on_quota", "16个镇中{:.0f}个镇按任务数退出", (3, 5, 8), on_quota),
        Kind("booked_before_received", "{:.0f}个村未到先记", (4, 8, 12), booked_ahead),
    )
}


def _year(incomes: Incomes) -> Fen:
    at = incomes.at(END)
    assert at is not None
    return np.asarray(incomes.fen[:, at, :].sum(axis=1) - incomes.lifted[:, at])


def _lift(honest: Inputs, rise: Fen) -> Inputs:
    """Add to the last quarter's 其他收入 of each village."""
    incomes = honest.incomes
    fen = incomes.fen.copy()
    fen[:, incomes.at(END), OTHER] += rise
    return replace(honest, incomes=replace(incomes, fen=fen))
