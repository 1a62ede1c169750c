"""What config/ may say: typed models of district.yaml, policy.yaml and indicators.yaml.

The text of the policy decides the defaults in the files; these models only say what shape an entry
has and refuse what cannot be meant.
"""

from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dashboard.policy.access import Role
from dashboard.policy.aggregation import RATE_SCALE, Aggregation
from dashboard.policy.authenticity.rules import CHECK_KEYS, Line, Rules
from dashboard.policy.lifecycle import Retention
from dashboard.policy.money import FEN_A_WAN, FEN_A_YUAN
from dashboard.policy.progress import Direction, LightRule
from dashboard.policy.ranking import Method, Normalisation
from dashboard.policy.sign_on import Claims, Grant
from dashboard.policy.thresholds import Operator, Threshold

Level = Literal["nation", "province", "city", "district", "town", "village"]
LEVELS: tuple[Level, ...] = ("nation", "province", "city", "district", "town", "village")
LEVEL_LABELS: dict[Level, str] = {
    "nation": "国",
    "province": "省",
    "city": "市",
    "district": "区",
    "town": "镇",
    "village": "村",
}
Quantity = Literal["count", "money", "money_yuan", "ratio", "score"]
IncomeSource = Literal[
    "operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other"
]


AgendaPoint = Literal[
    "overview",
    "targets",
    "ranking",
    "map",
    "red_towns",
    "decisions",
    "households",
    "support",
    "funds",
    "bulletin",
]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_METADATA = "/.well-known/openid-configuration"
_LOOPBACK = ("http://127.0.0.1", "http://localhost")


class GrantEntry(_Entry):
    """Who has a value in the groups' claim gets a role."""

    value: Annotated[str, Field(min_length=1)]
    role: Literal["leader", "office", "town", "department"]
    unit: Annotated[str, Field(pattern=r"^\d{6}(\d{3}){0,2}$")] | None = None
    unit_claim: str | None = None
    organisation: str | None = None
    organisation_claim: str | None = None

    @model_validator(mode="after")
    def _says_where(self) -> "GrantEntry":
        if (self.unit is None) == (self.unit_claim is None):
            raise ValueError("unit 和 unit_claim 应写一个,也只写一个")
        has_organisation = self.organisation or self.organisation_claim
        if self.role == "department" and not has_organisation:
            raise ValueError("department 应写 organisation 或 organisation_claim")
        return self


class SignOnConfig(_Entry):
    """sign_on.yaml: the office's own single sign-on, off unless said otherwise."""

    enabled: bool = False
    label: Annotated[str, Field(min_length=1, max_length=30)] = "用单位统一身份认证登录"
    metadata_url: str = ""
    client_id: str = ""
    address: str = ""
    scope: str = "openid profile"
    passwords: Literal["all", "office", "none"] = "office"
    username_claim: Annotated[str, Field(min_length=1)] = "preferred_username"
    group_claim: Annotated[str, Field(min_length=1)] = "groups"
    grants: list[GrantEntry] = []

    @model_validator(mode="after")
    def _is_whole(self) -> "SignOnConfig":
        if not self.enabled:
            return self
        for name in ("metadata_url", "client_id", "address"):
            if not getattr(self, name):
                raise ValueError(f"enabled 为 true 时应写 {name}")
        if not self.metadata_url.endswith(_METADATA):
            raise ValueError(f"metadata_url 应以 {_METADATA} 结尾")
        for name in ("metadata_url", "address"):
            if not str(getattr(self, name)).startswith(("https://", *_LOOPBACK)):
                raise ValueError(f"{name} 应以 https:// 开头")
        if "openid" not in self.scope.split():
            raise ValueError("scope 应有 openid")
        if not self.grants:
            raise ValueError("grants 是空的,谁也进不来")
        return self

    @property
    def claims(self) -> Claims:
        """The mapping as the rules read it."""
        return Claims(
            self.username_claim,
            self.group_claim,
            tuple(
                Grant(
                    one.value,
                    Role(one.role),
                    one.unit,
                    one.unit_claim,
                    one.organisation,
                    one.organisation_claim,
                )
                for one in self.grants
            ),
        )

    @property
    def password_roles(self) -> frozenset[Role]:
        """Whose passwords open an account."""
        if not self.enabled or self.passwords == "all":
            return frozenset(Role)
        return frozenset({Role.OFFICE}) if self.passwords == "office" else frozenset()


class DistrictConfig(_Entry):
    """district.yaml: whose dashboard this is."""

    name: str
    root_unit: Annotated[str, Field(pattern=r"^\d{6}(\d{3}){0,2}$")]
    programme: str
    issuer: str
    issuer_short: str
    document_prefix: str
    first_year: Annotated[int, Field(ge=2000, le=2099)]
    last_year: Annotated[int, Field(ge=2000, le=2099)]
    map_approval_number: str = ""
    agenda: list[AgendaPoint] = ["overview", "targets", "ranking", "map", "red_towns", "decisions"]
    agenda_red_from: Annotated[int, Field(ge=1)] = 3
    boundary_tolerance_degrees: Annotated[float, Field(ge=0, le=0.05)] = 0.0002
    map_tiles: Annotated[str, Field(pattern=r"^$|^https?://")] = ""

    @field_validator("map_tiles")
    @classmethod
    def _whole_address(cls, address: str) -> str:
        missing = [part for part in ("{x}", "{y}", "{z}") if address and part not in address]
        if missing:
            raise ValueError(f"map_tiles 的地址缺少{'、'.join(missing)}")
        return address

    @model_validator(mode="after")
    def _years_in_order(self) -> "DistrictConfig":
        if self.last_year < self.first_year:
            raise ValueError("last_year 不能早于 first_year")
        return self


class ThresholdEntry(_Entry):
    """One line of the policy; `wan` (万元) for villages, `yuan` for households: exactly one."""

    concept: str
    operator: Operator
    wan: Annotated[int | None, Field(ge=0)] = None
    yuan: Annotated[int | None, Field(ge=0)] = None
    year: int | None = None
    clause: str
    grade: Literal["确保", "力争", ""] = ""
    label: str
    note: str = ""

    @model_validator(mode="after")
    def _one_amount(self) -> "ThresholdEntry":
        if (self.wan is None) == (self.yuan is None):
            raise ValueError("wan(万元)与 yuan(元)应且只应填写一个")
        return self

    @property
    def fen(self) -> int:
        return self.wan * FEN_A_WAN if self.wan is not None else (self.yuan or 0) * FEN_A_YUAN


class LightsEntry(_Entry):
    """Percent of the scheduled progress from which a light shows."""

    green_from: Annotated[int, Field(ge=1, le=100)]
    yellow_from: Annotated[int, Field(ge=0, le=100)]

    @model_validator(mode="after")
    def _in_order(self) -> "LightsEntry":
        if self.yellow_from > self.green_from:
            raise ValueError("yellow_from 不能大于 green_from")
        return self

    @property
    def rule(self) -> LightRule:
        return LightRule(Fraction(self.green_from, 100), Fraction(self.yellow_from, 100))


class PlausibilityEntry(_Entry):
    """Above these amounts a cell is refused as filled in with the wrong unit."""

    village_income_wan: Annotated[int, Field(ge=1)]
    household_income_yuan: Annotated[int, Field(ge=1)]


class PenaltiesEntry(_Entry):
    """Points taken off a composite score; `most` limits them together."""

    overdue_task: Annotated[float, Field(ge=0, le=100)]
    late_report: Annotated[float, Field(ge=0, le=100)]
    returned_figure: Annotated[float, Field(ge=0, le=100)]
    most: Annotated[float, Field(ge=0, le=100)]


class CertaintyEntry(_Entry):
    """How the ranks are shaken to see how sure they are: see policy.ranking.perturbed."""

    draws: Annotated[int, Field(ge=100, le=100_000)]
    spread_percent: Annotated[int, Field(ge=1, le=90)]
    seed: int


class ScoringEntry(_Entry):
    """How units are ranked: see policy.ranking and policy.board for the formulas."""

    normalisation: Normalisation
    aggregation: Literal["arithmetic", "geometric"]
    cap_percent: Annotated[int, Field(ge=100, le=300)]
    both_tracks: bool
    least_weight_percent: Annotated[int, Field(ge=0, le=100)]
    report_due_days: Annotated[int, Field(ge=0, le=90)]
    small_number: Annotated[int, Field(ge=1)]
    penalties: PenaltiesEntry
    certainty: CertaintyEntry

    @property
    def method(self) -> Method:
        return Method(self.normalisation, self.aggregation, self.cap_percent / 100)


class FundsEntry(_Entry):
    """Words of the register of funds, and when money counts as late or idle."""

    floor_purpose: str
    district_sources: tuple[str, ...]
    town_sources: tuple[str, ...]
    audit_states: Annotated[tuple[str, ...], Field(min_length=1)]
    misuse: tuple[str, ...]
    late_after_days: Annotated[int, Field(ge=0)]
    idle_after_days: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _known(self) -> "FundsEntry":
        unknown = set(self.misuse) - set(self.audit_states)
        if unknown:
            raise ValueError(f"misuse 中的{'、'.join(sorted(unknown))}没有列在 audit_states 中")
        both = set(self.district_sources) & set(self.town_sources)
        if both:
            raise ValueError(f"资金来源不能既是区级又是镇级:{'、'.join(sorted(both))}")
        return self


class CheckEntry(_Entry):
    """One check of authenticity, both in percent: see policy.authenticity.review."""

    share: Annotated[int, Field(ge=0, le=100)]
    weight: Annotated[int, Field(ge=0, le=100)]


class AuthenticityEntry(_Entry):
    """Parameters of the checks in policy.authenticity; percentages of what the file says."""

    alarm_percent: Annotated[float, Field(gt=0, lt=50)]
    lines: Annotated[tuple[str, ...], Field(min_length=1)]
    household_line: str
    ladder_percent: Annotated[tuple[float, ...], Field(min_length=1)]
    below_percent: Annotated[float, Field(gt=0)]
    span_percent: Annotated[float, Field(le=90)]
    bin_percent: Annotated[float, Field(gt=0)]
    degree: Annotated[int, Field(ge=1, le=9)]
    polynomial_from: Annotated[int, Field(ge=50)]
    round_wan: Annotated[int, Field(ge=1)]
    round_yuan: Annotated[int, Field(ge=1)]
    modified_z: Annotated[float, Field(ge=1)]
    least_villages: Annotated[int, Field(ge=4)]
    least_history: Annotated[int, Field(ge=3)]
    honest_up_percent: Annotated[int, Field(ge=50, lt=100)]
    village_funds_complete: bool
    received_tolerance_percent: Annotated[float, Field(ge=0)]
    checks: dict[str, CheckEntry]

    @model_validator(mode="after")
    def _can_be_meant(self) -> "AuthenticityEntry":
        ladder = self.ladder_percent
        if list(ladder) != sorted(set(ladder)) or ladder[0] <= 0:
            raise ValueError("ladder_percent 应由小到大")
        if not max(ladder[-1], self.below_percent) < self.span_percent:
            raise ValueError("span_percent 应大于 ladder_percent 和 below_percent")
        if sum(one.share for one in self.checks.values()) != 100:
            raise ValueError("checks 各项 share 合计应为100")
        if set(self.checks) != set(CHECK_KEYS):
            wrong = "、".join(sorted(set(self.checks) ^ set(CHECK_KEYS)))
            raise ValueError(f"checks 多了或缺了:{wrong}")
        return self


class PolicyConfig(_Entry):
    """policy.yaml: thresholds, concepts, lights and what the text leaves open."""

    concepts: dict[str, list[IncomeSource]]
    own_sources: list[IncomeSource]
    transfer_sources: list[IncomeSource]
    thresholds: dict[str, ThresholdEntry]
    lights: LightsEntry
    scoring: ScoringEntry
    plausibility: PlausibilityEntry
    baseline_date: date
    registration_due: date
    retention_months: Annotated[int, Field(ge=1)]
    retention_starts: Literal["approved", "published"]
    floor_share_district_percent: Annotated[int, Field(ge=0, le=100)]
    floor_top_up: Literal["to_line"]
    funds: FundsEntry
    source_tolerance_percent: Annotated[int, Field(ge=0, le=100)] = 5
    authenticity: AuthenticityEntry

    @model_validator(mode="after")
    def _references(self) -> "PolicyConfig":
        checked = {*self.authenticity.lines, self.authenticity.household_line}
        if unknown := checked - set(self.thresholds):
            raise ValueError(f"authenticity 中的标准线{'、'.join(sorted(unknown))}没有列出")
        for key, entry in self.thresholds.items():
            if entry.wan is not None and entry.concept not in self.concepts:
                raise ValueError(f"thresholds.{key}.concept“{entry.concept}”没有列在 concepts 中")
        overlap = set(self.own_sources) & set(self.transfer_sources)
        if overlap:
            raise ValueError(f"收入来源不能既是自有又是转移:{'、'.join(sorted(overlap))}")
        return self

    def threshold(self, key: str) -> Threshold:
        """A line by its key. Raises KeyError for a key that policy.yaml does not have."""
        entry = self.thresholds[key]
        return Threshold(key, entry.concept, entry.operator, entry.fen, entry.clause, entry.grade)

    @property
    def retention(self) -> Retention:
        """How long the policies are kept after an exit, 四(四)."""
        return Retention(self.retention_months, self.retention_starts)

    @property
    def authenticity_rules(self) -> Rules:
        """The parameters of the checks, in the units that they count in."""
        entry = self.authenticity
        return Rules(
            alarm=entry.alarm_percent / 100,
            shares={key: one.share / 100 for key, one in entry.checks.items()},
            weights={key: one.weight / 100 for key, one in entry.checks.items()},
            lines=tuple(
                Line(key, self.thresholds[key].label, self.thresholds[key].fen)
                for key in entry.lines
            ),
            ladder=tuple(percent / 100 for percent in entry.ladder_percent),
            below=entry.below_percent / 100,
            span=entry.span_percent / 100,
            bin_width=entry.bin_percent / 100,
            degree=entry.degree,
            polynomial_from=entry.polynomial_from,
            round_fen=entry.round_wan * FEN_A_WAN,
            modified_z=entry.modified_z,
            least_villages=entry.least_villages,
            least_history=entry.least_history,
            own_sources=frozenset(self.own_sources),
            transfer_sources=frozenset(self.transfer_sources),
            honest_up=entry.honest_up_percent / 100,
            received_tolerance=entry.received_tolerance_percent / 100,
            report_due_days=self.scoring.report_due_days,
        )

    def sources_of(self, key: str) -> tuple[IncomeSource, ...]:
        """The income sources that make up the concept of a village threshold."""
        return tuple(self.concepts[self.thresholds[key].concept])

    @cached_property
    def village_lines(self) -> tuple[int, ...]:
        """Distinct amounts in fen of all village thresholds, ascending (120, 150, 200 万元)."""
        return tuple(sorted({e.fen for e in self.thresholds.values() if e.wan is not None}))


class RegisterRule(_Entry):
    """How a figure is computed from a register; `threshold` names a line of policy.yaml."""

    rule: Literal[
        "villages_beyond_line",
        "weak_villages",
        "village_income_total",
        "households",
        "household_persons",
        "household_income_mean",
        "households_beyond_line",
        "households_exited",
        "households_relapsed",
        "overdue_tasks",
    ]
    threshold: str | None = None

    @model_validator(mode="after")
    def _threshold_where_needed(self) -> "RegisterRule":
        needed = self.rule in ("villages_beyond_line", "weak_villages", "households_beyond_line")
        if needed != (self.threshold is not None):
            raise ValueError("threshold " + ("缺失" if needed else "多余"))
        return self


class Part(_Entry):
    """A reported figure that an indicator is made of; `of` refers to an existing indicator."""

    code: Annotated[str, Field(pattern=r"^[A-Z]\d{2}[A-Z]?$")]
    name: str
    unit: str
    quantity: Quantity = "count"
    keep_last: bool = False


class IndicatorEntry(_Entry):
    """One indicator of the catalogue (indicators.yaml)."""

    code: Annotated[str, Field(pattern=r"^[A-Z]\d{2}[A-Z]?$")]
    name: str
    short: Annotated[str, Field(max_length=12)]
    unit: str
    quantity: Quantity
    direction: Direction
    operator: Operator
    aggregation: Aggregation
    cumulative: bool
    schedule: Literal["linear", "always"] = "linear"
    cadence: Literal["month", "quarter", "year"]
    levels: list[Literal["district", "town", "village"]]
    track: Literal["village", "household", "process"]
    core: bool
    weight: Annotated[int, Field(ge=0, le=100)]
    grade: Literal["确保", "力争", ""] = ""
    clause: str
    why: str
    formula: str
    department: str
    reviewed: date
    register_rule: Annotated[RegisterRule | None, Field(alias="register")] = None
    page: Literal["targets", "unit", "households", "support", "funds", "supervision"] = "targets"
    """Where the rows that a figure is made of are listed."""
    numerator: Part | None = None
    denominator: Part | None = None
    classes: list[Part] = []

    @model_validator(mode="after")
    def _parts_fit_aggregation(self) -> "IndicatorEntry":
        divided = self.aggregation in (Aggregation.RATIO, Aggregation.WEIGHTED_MEAN)
        if divided and (self.numerator is None or self.denominator is None):
            raise ValueError(
                "aggregation 为 ratio 或 weighted_mean 时应有 numerator 和 denominator"
            )
        if not divided and (self.numerator or self.denominator):
            raise ValueError("只有 ratio 和 weighted_mean 才有 numerator 和 denominator")
        if (self.aggregation is Aggregation.DISTRIBUTION) != bool(self.classes):
            raise ValueError("aggregation 为 distribution 时应有 classes,其他情形不应有")
        if (self.quantity == "ratio") != (self.aggregation is Aggregation.RATIO):
            raise ValueError("quantity 为 ratio 的指标,aggregation 也应为 ratio,反之亦然")
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(p for p in (self.numerator, self.denominator, *self.classes) if p)

    @property
    def scale(self) -> int:
        """Smallest units in one unit as people write it (see SCALES)."""
        return SCALES[self.quantity]


SCALES: dict[Quantity, int] = {
    "count": 1,
    "money": FEN_A_WAN,
    "money_yuan": FEN_A_YUAN,
    "ratio": RATE_SCALE // 100,
    "score": 100,
}
"""How many smallest units make one unit as written in sheets: 1 万元 = 1,000,000 fen; 1 % = 10,000
millionths; 1 分 = 100 hundredths."""


class Catalogue(_Entry):
    """indicators.yaml: all indicators, in the order in which tables show them."""

    indicators: list[IndicatorEntry]

    @model_validator(mode="after")
    def _codes_unique(self) -> "Catalogue":
        codes = [i.code for i in self.indicators]
        codes += [part.code for i in self.indicators for part in i.parts]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"指标代码重复:{'、'.join(twice)}")
        return self

    @cached_property
    def by_code(self) -> dict[str, IndicatorEntry]:
        return {i.code: i for i in self.indicators}

    @cached_property
    def parts_by_code(self) -> dict[str, tuple[Part, IndicatorEntry]]:
        """Reported part to the indicator that it belongs to."""
        return {part.code: (part, i) for i in self.indicators for part in i.parts}

    @cached_property
    def quarterly_reports(self) -> frozenset[str]:
        """Indicators whose figure shows that a unit has reported for the quarter.

        A register goes on by itself, and a stock told once a year holds on: neither is a report.
        """
        return frozenset(
            entry.code
            for entry in self.indicators
            if entry.register_rule is None or entry.register_rule.rule == "village_income_total"
            if entry.aggregation is not Aggregation.LAST
            if not any(part.keep_last for part in entry.parts)
        )

    @property
    def core(self) -> list[IndicatorEntry]:
        """The leadership screen's set."""
        return [i for i in self.indicators if i.core]

    def __getitem__(self, code: str) -> IndicatorEntry:
        return self.by_code[code]
