"""Village income: seven sources, cumulative within the year, 2015 (year) and 2016Q1 to 2017Q3.

What is planted among them is listed in the package's docstring; `Incomes.planted` says in which
villages it came to lie.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from dashboard.config_models import PolicyConfig
from dashboard.data.demo.calendar import LAST, QUARTERS, Reports
from dashboard.data.demo.draws import Dated, stream
from dashboard.data.demo.places import Places, Town, Village
from dashboard.data.schema import INCOME_SOURCES
from dashboard.policy.money import FEN_A_WAN, FEN_A_YUAN
from dashboard.policy.periods import Period

Amounts = dict[str, int]
"""Fen by source."""
BASE = Period(2015, 4)
_WEAK_SHARE, _FLOOR_SHARE = 60 / 190, 9 / 190
_ROUND = 100 * FEN_A_YUAN
_SHARES = dict(zip(INCOME_SOURCES, (0.15, 0.46, 0.07, 0.18, 0.06, 0.02, 0.06), strict=True))
_CURVES = dict(
    zip(
        INCOME_SOURCES,
        (
            (0.20, 0.45, 0.70),  # operating: evenly
            (0.26, 0.50, 0.74),  # leasing: rents are due at the quarter's start
            (0.00, 0.12, 0.25),  # dividend: mostly at the year's end
            (0.10, 0.38, 0.62),  # fiscal
            (0.00, 0.10, 0.55),  # ecological: assessed at midyear
            (0.00, 0.30, 0.50),  # donation
            (0.20, 0.40, 0.60),  # other
        ),
        strict=True,
    )
)
"""Typical share of the year's amount that has come in by the end of the first three quarters."""


@dataclass
class Incomes:
    """`series` is the truth by village and quarter; `first_told` what was reported at first where
    a correction followed; `floor` the support by village that lifted it to the line at the end of
    2016; `planted` the villages by kind of oddity."""

    series: dict[str, dict[Period, Amounts]] = field(default_factory=dict)
    first_told: dict[tuple[str, Period], Amounts] = field(default_factory=dict)
    floor: dict[str, int] = field(default_factory=dict)
    planted: dict[str, list[str]] = field(default_factory=dict)

    def total(self, village: str, period: Period) -> int:
        return sum(self.series[village][period].values())

    def weak(self, villages: Iterable[Village], year: int, line: int) -> list[Village]:
        """Those below the line at the end of the year."""
        return [v for v in villages if self.total(v.code, Period(year, 4)) < line]


def make(places: Places, policy: PolicyConfig, reports: Reports, seed: int) -> Incomes:
    """All villages' incomes. Lines are those of policy.yaml, so that an office with other lines
    sees the same picture."""
    draw = stream(seed, "incomes")
    incomes = Incomes()
    weak, floor = (policy.threshold(key).fen for key in ("weak_village", "floor_support"))
    starts = _starting_totals(draw, places, weak, floor)
    for village in places.villages:
        _make_village(draw, incomes, village, starts[village.code], weak)
    _support_floor(draw, places, incomes, floor)
    _plant(places, incomes, reports, weak)
    _tell_wrongly(places, incomes, reports)
    return incomes


def _starting_totals(draw: Random, places: Places, weak: int, floor: int) -> dict[str, int]:
    """Totals of 2015: so many below the lines, poorer towns' villages first."""
    count = len(places.villages)
    low, below = round(count * _FLOOR_SHARE), round(count * _WEAK_SHARE)
    totals = [draw.uniform(0.62, 0.9) * floor for _ in range(low)]
    totals += [draw.uniform(floor * 1.01, weak * 0.995) for _ in range(below - low)]
    totals += [weak * (1.02 + draw.expovariate(2.2)) for _ in range(count - below)]
    standing = {v.code: v.town.wealth + draw.gauss(0, 0.7) for v in places.villages}
    ordered = sorted(standing, key=lambda code: standing[code])
    return {code: _yuan(total) for code, total in zip(ordered, sorted(totals), strict=True)}


def _make_village(
    draw: Random, incomes: Incomes, village: Village, start: int, weak_line: int
) -> None:
    weak = start < weak_line
    shares = {s: share * draw.lognormvariate(0, 0.35) for s, share in _SHARES.items()}
    if weak:
        shares["fiscal"] *= 1.5
    drive = village.town.drive
    growth = 0.10 + 0.07 * drive + draw.gauss(0, 0.025)
    lift = max(0.0, 0.04 + 0.05 * drive + draw.gauss(0, 0.03)) if weak else 0.0
    second = _yuan(start * (1 + growth + lift))
    third = _yuan(second * (1.06 + 0.11 * drive + draw.gauss(0, 0.03)))
    series = {BASE: split(start, shares)}
    for year, total in ((2016, second), (2017, third)):
        series |= _spread(draw, year, split(total, shares))
    incomes.series[village.code] = series


def split(total: int, shares: Amounts | dict[str, float]) -> Amounts:
    """The total by source, in hundreds of yuan; what is left over goes to the rents."""
    whole = sum(shares.values())
    amounts = {s: int(total * share / whole) // _ROUND * _ROUND for s, share in shares.items()}
    amounts["leasing"] += total - sum(amounts.values())
    return amounts


def _spread(draw: Random, year: int, amounts: Amounts) -> dict[Period, Amounts]:
    """Cumulative by quarter, never falling."""
    curves: dict[str, list[float]] = {}
    for source, typical in _CURVES.items():
        shifted = sorted(min(1.0, max(0.0, p + draw.uniform(-0.04, 0.04))) for p in typical)
        curves[source] = [*(p if p > 0.05 else 0.0 for p in shifted), 1.0]
    return {
        Period(year, quarter): {
            s: amounts[s]
            if quarter == 4
            else int(amounts[s] * curve[quarter - 1]) // _ROUND * _ROUND
            for s, curve in curves.items()
        }
        for quarter in range(1, 5)
        if Period(year, quarter) <= LAST
    }


def _support_floor(draw: Random, places: Places, incomes: Incomes, floor: int) -> None:
    """Most villages still below the floor at the end of 2016 are confirmed and lifted exactly to it
    (policy, not fraud: 四(三))."""
    end = Period(2016, 4)
    for village in incomes.weak(places.villages, 2016, floor):
        if draw.random() < 0.7 or not incomes.floor:
            gap = floor - incomes.total(village.code, end)
            incomes.series[village.code][end]["fiscal"] += gap
            incomes.floor[village.code] = gap


def _plant(places: Places, incomes: Incomes, reports: Reports, line: int) -> None:
    """See the package's docstring. Where a store is too small for an oddity, it is left out."""
    taken: set[str] = set(incomes.floor)
    start = {v.code: incomes.total(v.code, BASE) for v in places.villages}
    end = Period(2016, 4)

    def villages(fits: Callable[[Village], bool], count: int, kind: str) -> list[str]:
        found = [v.code for v in places.villages if v.code not in taken and fits(v)][:count]
        if len(found) == count:
            taken.update(found)
            incomes.planted[kind] = found
        return incomes.planted.get(kind, [])

    def whole(village: Village) -> bool:
        return village.town.code not in reports.irregular

    def poor(village: Village) -> bool:
        return whole(village) and start[village.code] < line

    heap = _poorest(places, start, line, whole)
    for at, code in enumerate(villages(lambda v: v.town == heap and poor(v), 5, "heaping")):
        _scale_year(incomes, code, end, line + (at + 1) * 3 * FEN_A_WAN // 10)
    edges = (("exactly_on_line", 0), ("just_below_line", -100), ("just_over_line", 1))
    for kind, offset in edges:
        for code in villages(lambda v: v.town != heap and poor(v), 1, kind):
            _scale_year(incomes, code, end, line + offset)
    twins = _with_enough(places, lambda v: whole(v) and v.code not in taken and v.town != heap, 3)
    same = villages(lambda v: v.town == twins and whole(v), 3, "same_values")
    for code in same[1:]:
        for period in QUARTERS[:4]:
            incomes.series[code][period] = dict(incomes.series[same[0]][period])
    for code in villages(lambda v: v.town not in (heap, twins) and poor(v), 1, "jump_in_q4"):
        _jump(incomes, code, line)


def _poorest(
    places: Places, start: dict[str, int], line: int, fits: Callable[[Village], bool]
) -> Town:
    """The town with most weak villages of 2015."""
    return max(
        places.towns,
        key=lambda t: sum(fits(v) and start[v.code] < line for v in places.villages_of(t)),
    )


def _with_enough(places: Places, fits: Callable[[Village], bool], count: int) -> Town | None:
    """The first town with so many fitting villages."""
    enough = (t for t in places.towns if sum(map(fits, places.villages_of(t))) >= count)
    return next(enough, None)


def _scale_year(incomes: Incomes, code: str, end: Period, total: int) -> None:
    """Give the year another total, its quarters in proportion; to the fen at its end."""
    series = incomes.series[code]
    old = sum(series[end].values())
    for period in (p for p in series if p.year == end.year):
        series[period] = {
            s: amount * total // old // _ROUND * _ROUND for s, amount in series[period].items()
        }
    series[end]["leasing"] += total - sum(series[end].values())


def _jump(incomes: Incomes, code: str, line: int) -> None:
    """Little all year, then more than half of it in the last quarter, from other sources."""
    series = incomes.series[code]
    end = Period(2016, 4)
    _scale_year(incomes, code, end, line * 62 // 100)
    series[end]["other"] += line * 40 // 100


def _tell_wrongly(places: Places, incomes: Incomes, reports: Reports) -> None:
    """Where a correction followed: half of the quarter's gain in rents was forgotten at first."""
    for town, period in reports.corrected:
        for village in [v for v in places.villages if v.town.code == town][:3]:
            now = incomes.series[village.code][period]
            before = incomes.series[village.code][period.previous()] if period.quarter > 1 else {}
            gain = now["leasing"] - before.get("leasing", 0)
            told = now | {"leasing": now["leasing"] - gain // 2 // _ROUND * _ROUND}
            if told != now:
                incomes.first_told[village.code, period] = told


def income_rows(places: Places, incomes: Incomes, reports: Reports) -> list[Dated]:
    """What was reported, as first told."""
    rows = []
    for village in places.villages:
        for period, amounts in incomes.series[village.code].items():
            if period == BASE or reports.came(village.town.code, period):
                told = incomes.first_told.get((village.code, period), amounts)
                rows.append(Dated(str(period), _row(places, village.code, period, told)))
    return rows


_OTHERS = {"村账": 3, "统计审核": 4}
"""Village accounts of every third village, each quarter; statistics of every fourth, at the year's
end."""


def check_rows(places: Places, incomes: Incomes) -> list[Dated]:
    """What others have of a part of the villages: booked a little otherwise, for honest reasons."""
    rows = []
    for place, village in enumerate(places.villages):
        for period, amounts in incomes.series[village.code].items():
            for source, every in _OTHERS.items():
                is_due = source == "村账" or period.closes_year
                if not is_due or period == BASE or place % every:
                    continue
                # A rent that others have booked in the next year: up to three percent of it.
                later = amounts["leasing"] * (place % 4) // 100 // _ROUND * _ROUND
                told = {**amounts, "leasing": amounts["leasing"] - later}
                row = _row(places, village.code, period, told) | {"source": source}
                rows.append(Dated(str(period), row))
    return rows


def correction_rows(
    places: Places, incomes: Incomes, town: str, period: Period
) -> list[dict[str, object]]:
    """What a town sent a second time."""
    return [
        _row(places, code, period, incomes.series[code][period])
        for code, at in incomes.first_told
        if at == period and code.startswith(town)
    ]


def _row(places: Places, code: str, period: Period, amounts: Amounts) -> dict[str, object]:
    return places.row(
        village_code=code,
        period=str(period),
        **{f"{source}_fen": amounts[source] for source in INCOME_SOURCES},
    )


def _yuan(fen: float) -> int:
    return round(fen / FEN_A_YUAN) * FEN_A_YUAN
