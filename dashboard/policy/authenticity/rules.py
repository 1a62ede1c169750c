"""Parameters of the checks, as config/policy.yaml section `authenticity` gives them."""

from collections.abc import Mapping
from dataclasses import dataclass

CHECK_KEYS = (
    "just_over",
    "households_just_over",
    "heaping",
    "last_digits",
    "same_values",
    "fourth_quarter",
    "own_history",
    "peers",
    "decoupled",
    "exits_on_quota",
    "one_way_revisions",
    "booked_before_received",
    "year_to_date_falls",
    "exits_without_steps",
    "timeliness",
)
"""Keys of the checks in config/policy.yaml; `review.CHECKS` has their functions."""


@dataclass(frozen=True)
class Line:
    """A line that a year's total is to be over."""

    key: str
    label: str
    fen: int


@dataclass(frozen=True)
class Rules:
    """Shares are 0-1. What each means is said in the file, and in the check that uses it."""

    alarm: float
    shares: Mapping[str, float]
    """Each check's share of the alarm rate, for the weighted Holm procedure."""
    weights: Mapping[str, float]
    """How much the targets hang on what a check looks at, 0-1."""
    lines: tuple[Line, ...]
    ladder: tuple[float, ...]
    below: float
    span: float
    bin_width: float
    degree: int
    polynomial_from: int
    round_fen: int
    modified_z: float
    least_villages: int
    least_history: int
    own_sources: frozenset[str]
    transfer_sources: frozenset[str]
    honest_up: float
    received_tolerance: float
    report_due_days: int
