"""Floor support of villages: who is a candidate, how much would be topped up, who pays.

Source: 武发〔2016〕68号 四(三) (120万元以下兜底, 区、镇各半承担). Income alone makes a candidate.
The text has no formula for the top-up: up to the line is an assumption, and is labelled as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A village below the line; amounts in fen. The two shares make up the top-up to the fen."""

    village: str
    income_fen: int
    top_up_fen: int
    district_fen: int
    town_fen: int


def shares(amount_fen: int, district_percent: int) -> tuple[int, int]:
    """The district's and the town's share of an amount, in fen; an odd fen is the town's.

    Raises ValueError for a negative amount or a percentage beyond 0 to 100.
    """
    if amount_fen < 0 or not 0 <= district_percent <= 100:
        raise ValueError("an amount from 0 and a percentage from 0 to 100 are shared")
    district = amount_fen * district_percent // 100
    return district, amount_fen - district


def candidates(
    incomes: Iterable[tuple[str, int]], line_fen: int, district_percent: int
) -> list[Candidate]:
    """Villages (code, income of a year in fen) below the line, the poorest first.

    Exactly at the line is none. The top-up is assumed to reach the line: max(0, line - income).
    """
    found = []
    for village, income in incomes:
        if income < line_fen:
            top_up = line_fen - income
            found.append(Candidate(village, income, top_up, *shares(top_up, district_percent)))
    return sorted(found, key=lambda one: (one.income_fen, one.village))


@dataclass(frozen=True)
class Halves:
    """What a village was given from either side; fen. `difference` is the district's surplus over
    its due share of the whole: 0 where both halves agree to the fen."""

    district_fen: int
    town_fen: int
    difference_fen: int


def halves(district_fen: int, town_fen: int, district_percent: int) -> Halves:
    """Whether the two sides paid as the policy shares it."""
    due, _ = shares(district_fen + town_fen, district_percent)
    return Halves(district_fen, town_fen, district_fen - due)
