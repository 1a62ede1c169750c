"""What a check says: a 核查线索 with its evidence, never a verdict."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.rules import Rules
from dashboard.policy.periods import Period

_NAMED = 3


@dataclass(frozen=True)
class Row:
    """A reported figure to look at: its table, its unit, and what it says.

    `value` is in fen for incomes, a count or days elsewhere. `subject` is the pseudonymous number
    of a household, for those who may see households.
    """

    table: str
    unit: str
    period: str
    what: str
    value: int
    subject: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing to check.

    `p_value` is the chance of something at least as striking in an honest district, None where the
    rows themselves are the contradiction; `evidence` (0-1) is filled in by `review`, which corrects
    for the number of checks, as is `weight` (0-1), how much the targets hang on it.
    """

    check: str
    title: str
    units: tuple[str, ...]
    period: Period
    statistic: float
    p_value: float | None
    sentence: str
    rows: tuple[Row, ...] = ()
    evidence: float = 0.0
    adjusted: float | None = None
    weight: float = 0.0

    @property
    def fingerprint(self) -> str:
        """What the finding rests on, in 16 characters: other figures make another finding."""
        rows = sorted((r.table, r.unit, r.subject, r.period, r.what, r.value) for r in self.rows)
        told = repr((self.check, self.title, str(self.period), sorted(self.units), rows))
        return sha256(told.encode()).hexdigest()[:16]

    @property
    def rank(self) -> float:
        """What comes first: strong evidence about what weighs much."""
        return self.evidence * self.weight


Check = Callable[[Inputs, Rules], list[Finding]]


def listed(inputs: Inputs, units: Iterable[str]) -> str:
    """The first names and how many there are: 甲村、乙村、丙村等5个."""
    names = [inputs.name(code) for code in units]
    shown = "、".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown}等{len(names)}个"


def chance(p_value: float) -> str:
    """How often chance alone would do as much, for people: 约5%, 不到万分之一."""
    if p_value < 0.0001:
        return "不到万分之一"
    if p_value < 0.001:
        return "不到千分之一"
    return f"约{p_value:.1%}" if p_value < 0.01 else f"约{p_value:.0%}"


def income_rows(
    inputs: Inputs, positions: Sequence[int], what: str = "年累计收入", period: Period | None = None
) -> tuple[Row, ...]:
    """Rows of village_income for villages given by their place in the arrays."""
    incomes, period = inputs.incomes, period or inputs.period
    at = incomes.at(period)
    if at is None:
        return ()
    return tuple(
        Row("village_income", incomes.villages[i], str(period), what, int(incomes.fen[i, at].sum()))
        for i in positions
    )
