"""Where a village's expected year end lies to a line, and what is needed until then.

Source: 武发〔2016〕68号 二·首段 (力争所有村超150万元), 四(五) (把任务细化到月).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from dashboard.policy.outlook import Forecast
from dashboard.policy.periods import Period
from dashboard.policy.thresholds import Threshold

_MONTHS_A_YEAR = 12
_STEP = 10_000
"""Amounts that are still needed are shown to 0.01 万元: rounded up, so that they suffice."""


class Verdict(Enum):
    """Worst first. Each with its mark and its words for the screen."""

    SHORT = ("■", "预计不达标")
    """Not even the upper end of the interval reaches the line."""
    BELOW = ("▲", "预计不达标,仍有可能达到")
    """The expected value does not reach it, the upper end does."""
    UNSURE = ("△", "预计达标,但不稳")
    """The expected value reaches it, the lower end does not."""
    LIKELY = ("●", "预计达标")
    REACHED = ("●", "已达标")
    """What has come in by now is enough."""

    @property
    def glyph(self) -> str:
        return self.value[0]

    @property
    def label(self) -> str:
        return self.value[1]

    @property
    def misses(self) -> bool:
        """Whether the village belongs on the list 预计年底不达标."""
        return self in (Verdict.SHORT, Verdict.BELOW)


@dataclass(frozen=True)
class Standing:
    """A forecast against a line, amounts in fen, rounded up to 0.01 万元.

    `gap`: what the expected year end lacks; `monthly`: what each month left must bring to reach the
    line, `pace` (as it is) what it will bring by the forecast.
    """

    forecast: Forecast
    verdict: Verdict
    gap: int
    monthly: int
    pace: int


def line_of_year(lines: Iterable[tuple[int | None, Threshold]], year: int) -> Threshold | None:
    """The newest village target (its year, its line) that holds in a year; before any, the first.

    None where there is none: 2017 to 2019 are held to what 2016 was to reach. A line to stay below
    of (兜底候选) is no target.
    """
    targets = [(y, line) for y, line in lines if y is not None and line.operator in (">", ">=")]
    dated = sorted(targets, key=lambda pair: pair[0])
    due = [line for y, line in dated if y <= year]
    return due[-1] if due else dated[0][1] if dated else None


def judge(forecast: Forecast, line: Threshold, period: Period) -> Standing:
    """A village's forecast, made at a quarter from 1 to 3, against a line that is to be reached."""
    months = _MONTHS_A_YEAR - period.last_month
    return Standing(
        forecast,
        _verdict(forecast, line),
        _lacking(forecast.expected, line),
        _up(-(-_missing(forecast.reached, line) // months)),
        round((forecast.expected - forecast.reached) / months),
    )


def _verdict(forecast: Forecast, line: Threshold) -> Verdict:
    if line.holds(forecast.reached):
        return Verdict.REACHED
    if line.holds(forecast.low):
        return Verdict.LIKELY
    if line.holds(forecast.expected):
        return Verdict.UNSURE
    return Verdict.BELOW if line.holds(forecast.high) else Verdict.SHORT


def _missing(fen: int, line: Threshold) -> int:
    """The least that must be added for the line to hold: one fen more where it must be passed."""
    return 0 if line.holds(fen) else line.fen - fen + (line.operator == ">")


def _lacking(fen: int, line: Threshold) -> int:
    return _up(_missing(fen, line))


def _up(fen: int) -> int:
    return -(-fen // _STEP) * _STEP
