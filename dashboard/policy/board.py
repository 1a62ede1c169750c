"""The ranking of a unit's children in one quarter: who stands where, why, and how surely.

What is compared is each core indicator's progress against its scheduled progress. Whoever has not
reported, or lacks too much, is listed apart with the reason: never ranked last in silence.

Source: 武发〔2016〕68号 二(三) (量化管理、精准考核), 四(二) (“双扶”责任), 四(五) (进度跟踪).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.policy import ranking
from dashboard.policy.ranking import Floats, Method


@dataclass(frozen=True)
class Weighing:
    """An indicator in the score: its weight and the track (village, household, process)."""

    indicator: str
    weight: float
    track: str


@dataclass(frozen=True)
class Penalties:
    """Points taken off: for each overdue task, a late report, each figure sent back."""

    overdue_task: float = 0.0
    late_report: float = 0.0
    returned_figure: float = 0.0
    most: float = 0.0

    def points(self, overdue: int, late: int, returned: int) -> float:
        raw = (
            overdue * self.overdue_task + late * self.late_report + returned * self.returned_figure
        )
        return min(raw, self.most)


@dataclass(frozen=True)
class Rules:
    """Everything a score depends on; comes from config/."""

    weighings: tuple[Weighing, ...]
    method: Method
    penalties: Penalties
    both_tracks: bool
    least_weight: float
    """Share (0–1) of the weights that must have figures."""
    draws: int
    spread: float
    seed: int


@dataclass(frozen=True)
class Entrant:
    """A unit in one quarter. `shares`: actual over scheduled progress by indicator, where known."""

    code: str
    name: str
    shares: Mapping[str, float]
    has_reported: bool = True
    overdue: int = 0
    late: int = 0
    returned: int = 0


@dataclass(frozen=True)
class Lever:
    """An indicator behind schedule; points and rank of the unit with that alone on schedule."""

    indicator: str
    rank: int
    points: float


@dataclass(frozen=True)
class Place:
    """Where a unit stands. `rank` is the competition rank: ties share it.

    low, high: the middle 90 % of its ranks under shaken weights. left_low, left_high: best and
    worst rank with one indicator left out. contributions: points by indicator, before penalties.
    gained: points since the last quarter, None where it had none; progress_rank: its rank by that.
    """

    code: str
    name: str
    points: float
    rank: int
    is_tied: bool
    low: int
    high: int
    band: int
    left_low: int
    left_high: int
    told_weight: float
    tracks: Mapping[str, float]
    contributions: Mapping[str, float]
    levers: tuple[Lever, ...]
    overdue: int
    late: int
    returned: int
    penalty: float
    rank_before: int | None = None
    gained: float | None = None
    progress_rank: int | None = None

    @property
    def moved(self) -> int | None:
        """Places won since the last quarter (negative: lost)."""
        return None if self.rank_before is None else self.rank_before - self.rank

    def without_reasons(self) -> "Place":
        """The place alone, for who may not see another unit's figures."""
        return replace(
            self,
            tracks={},
            contributions={},
            levers=(),
            overdue=0,
            late=0,
            returned=0,
            penalty=0.0,
            told_weight=1.0,
        )


@dataclass(frozen=True)
class Apart:
    """A unit that is not ranked, and the Chinese sentence that says why."""

    code: str
    name: str
    reason: str


@dataclass(frozen=True)
class Board:
    """`places` best first, ties by code; `apart` by code."""

    places: tuple[Place, ...] = ()
    apart: tuple[Apart, ...] = ()

    def __getitem__(self, code: str) -> Place:
        return next(place for place in self.places if place.code == code)

    def ahead_of(self, code: str) -> Place | None:
        """The unit with the next better score; None for the first."""
        own = self[code]
        better = [place for place in self.places if place.rank < own.rank]
        return better[-1] if better else None


_TRACKS = {"village": "扶村", "household": "扶户"}


@dataclass(frozen=True)
class Score:
    """Points and competition rank alone, as charts over many quarters need them."""

    points: float
    rank: int


def scored(entrants: Sequence[Entrant], rules: Rules) -> dict[str, Score]:
    """Points and rank by code of those who can be ranked."""
    rules = in_force(entrants, rules)
    ranked, _ = _parted(entrants, rules)
    if not ranked:
        return {}
    points = _Matrices.of(ranked, rules).points(rules)
    return {
        entrant.code: Score(float(points[at]), int(rank))
        for at, (entrant, rank) in enumerate(zip(ranked, ranking.ranks(points), strict=True))
    }


def board(
    entrants: Sequence[Entrant], rules: Rules, before: Mapping[str, Score] | None = None
) -> Board:
    """Rank one quarter; `before` is the last one. The order of `entrants` does not matter."""
    rules = in_force(entrants, rules)
    ranked, apart = _parted(entrants, rules)
    if not ranked:
        return Board((), apart)
    return Board(tuple(_with_movement(_places(ranked, rules), before or {})), apart)


def in_force(entrants: Sequence[Entrant], rules: Rules) -> Rules:
    """The rules without the indicators that none of them has: villages answer for fewer than towns,
    and a figure told once a year is not missed before."""
    told = {indicator for entrant in entrants for indicator in entrant.shares}
    return replace(rules, weighings=tuple(w for w in rules.weighings if w.indicator in told))


def _parted(entrants: Sequence[Entrant], rules: Rules) -> tuple[list[Entrant], tuple[Apart, ...]]:
    ordered = sorted(entrants, key=lambda entrant: entrant.code)
    reasons = [(e, _why_apart(e, rules)) for e in ordered]
    apart = tuple(Apart(e.code, e.name, reason) for e, reason in reasons if reason)
    return [e for e, reason in reasons if not reason], apart


def _why_apart(entrant: Entrant, rules: Rules) -> str:
    if not entrant.has_reported:
        return "本季度未填报"
    told = {w.track for w in rules.weighings if w.indicator in entrant.shares}
    asked = {w.track for w in rules.weighings}
    missing = [word for track, word in _TRACKS.items() if track in asked and track not in told]
    if rules.both_tracks and missing:
        return f"没有{'、'.join(missing)}的数据"
    if not told:
        return "没有可以比较的指标"
    weight = _told_weight(entrant, rules)
    if weight < rules.least_weight:
        return f"有数据的指标权重只有{weight:.0%},不足{rules.least_weight:.0%}"
    return ""


def _told_weight(entrant: Entrant, rules: Rules) -> float:
    whole = sum(w.weight for w in rules.weighings)
    return sum(w.weight for w in rules.weighings if w.indicator in entrant.shares) / whole


@dataclass(frozen=True)
class _Matrices:
    normalised: Floats
    weights: Floats
    penalties: Floats

    @classmethod
    def of(cls, ranked: Sequence[Entrant], rules: Rules) -> "_Matrices":
        shares = [
            [entrant.shares.get(w.indicator, np.nan) for w in rules.weighings] for entrant in ranked
        ]
        return cls(
            ranking.normalise(np.array(shares, dtype=float), rules.method),
            np.array([w.weight for w in rules.weighings], dtype=float),
            np.array([rules.penalties.points(e.overdue, e.late, e.returned) for e in ranked]),
        )

    def points(self, rules: Rules) -> Floats:
        return ranking.scores(self.normalised, self.weights, rules.method, self.penalties)


def _places(ranked: Sequence[Entrant], rules: Rules) -> list[Place]:
    made = _Matrices.of(ranked, rules)
    given = made.normalised, made.weights, rules.method
    points = made.points(rules)
    ranks = ranking.ranks(points)
    sure = ranking.perturbed(
        *given, made.penalties, draws=rules.draws, spread=rules.spread, seed=rules.seed
    )
    bands = ranking.bands(sure)
    left_out = ranking.leave_one_out(*given, made.penalties)
    shares = ranking.contributions(made.normalised, made.weights)
    found = []
    for at, entrant in enumerate(ranked):
        rank = int(ranks[at])
        # A rank of 0: nothing is left of the unit without that indicator.
        left = [int(other) for other in left_out[:, at] if other > 0]
        found.append(
            Place(
                entrant.code,
                entrant.name,
                points=float(points[at]),
                rank=rank,
                is_tied=int((ranks == rank).sum()) > 1,
                # The weights as they are belong to the range, whatever the draws say.
                low=min(int(sure.low[at]), rank),
                high=max(int(sure.high[at]), rank),
                band=bands[at],
                left_low=min([*left, rank]),
                left_high=max([*left, rank]),
                told_weight=_told_weight(entrant, rules),
                tracks=_by_track(made.normalised[at], rules),
                contributions=_named(shares[at], entrant, rules),
                levers=_levers(made, rules, at),
                overdue=entrant.overdue,
                late=entrant.late,
                returned=entrant.returned,
                penalty=float(made.penalties[at]),
            )
        )
    return sorted(found, key=lambda place: (place.rank, place.code))


def _named(row: Floats, entrant: Entrant, rules: Rules) -> dict[str, float]:
    return {
        w.indicator: float(points)
        for w, points in zip(rules.weighings, row, strict=True)
        if w.indicator in entrant.shares
    }


def _levers(made: _Matrices, rules: Rules, at: int) -> tuple[Lever, ...]:
    found = ranking.levers(made.normalised, made.weights, rules.method, at, made.penalties)
    return tuple(
        Lever(rules.weighings[lever.indicator].indicator, lever.rank, lever.points)
        for lever in found
    )


def _by_track(row: Floats, rules: Rules) -> dict[str, float]:
    """Points of each track by itself, 100 for all its indicators on schedule."""
    found = {}
    for track in dict.fromkeys(w.track for w in rules.weighings):
        here = [i for i, w in enumerate(rules.weighings) if w.track == track]
        weights = np.array([rules.weighings[i].weight for i in here], dtype=float)
        points = ranking.scores(row[np.newaxis, here], weights, rules.method)[0]
        if not np.isnan(points):
            found[track] = float(points)
    return found


def _with_movement(places: Sequence[Place], before: Mapping[str, Score]) -> list[Place]:
    """Each unit's movement since the last quarter, in places and in points.

    The progress rank is the competition rank of the points gained, two decimals as shown.
    """
    gains = np.array(
        [p.points - before[p.code].points if p.code in before else np.nan for p in places],
        dtype=float,
    )
    return [
        replace(
            place,
            rank_before=before[place.code].rank,
            gained=float(gain),
            progress_rank=int(rank),
        )
        if place.code in before
        else place
        for place, gain, rank in zip(places, gains, ranking.ranks(gains), strict=True)
    ]


def gap(board: Board, code: str) -> list[tuple[str, float]]:
    """What the distance to the next better unit is made of: (indicator, points), largest first.

    Positive where that unit is ahead; "" stands for penalties and, with geometric aggregation,
    what the indicators' own points do not explain. Adds up to the distance in points. Empty for
    the first, and where the other's contributions are not shown.
    """
    own, other = board[code], board.ahead_of(code)
    if other is None or not other.contributions or not own.contributions:
        return []
    codes = sorted({*own.contributions, *other.contributions})
    parts = {
        each: other.contributions.get(each, 0.0) - own.contributions.get(each, 0.0)
        for each in codes
    }
    rest = (other.points - own.points) - sum(parts.values())
    found = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    return [*found, ("", rest)] if abs(rest) >= 0.005 else found
