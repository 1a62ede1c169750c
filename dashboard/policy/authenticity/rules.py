"""Parameters of the checks, as config/policy.yaml section `authenticity` gives them."""

from collections.abc import Mapping
from dataclasses import dataclass

CHECK_LABELS = {
    "just_over": "村收入刚好过线",
    "households_just_over": "农户收入刚好过线",
    "exits_without_steps": "退出缺步骤",
    "exits_on_quota": "按任务数退出",
    "fourth_quarter": "四季度突增",
    "same_values": "同镇同数",
    "booked_before_received": "未到先记",
    "one_way_revisions": "改报一边倒",
    "decoupled": "指标不再同步",
    "own_history": "与自身历史不符",
    "peers": "与其他镇不符",
    "year_to_date_falls": "年累计数下降",
    "heaping": "整数扎堆",
    "last_digits": "末位数字",
    "timeliness": "报送早晚",
}
"""What the screen calls each check, by its key in config/policy.yaml, in the screen's order."""
CHECK_KEYS = tuple(CHECK_LABELS)
"""`review.CHECKS` has their functions."""


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
