"""A small version of the long measurement tells the same as the table of docs/authenticity.md."""

import re
from pathlib import Path

import pytest

from dashboard.policy.authenticity.rules import Rules
from tests.simulator import measure
from tests.simulator.faking import KINDS
from tests.simulator.measure import PROVINCE, Rate

DOCUMENT = Path(__file__).parents[3] / "docs" / "authenticity.md"
RUNS = 16


def told(said: str) -> tuple[float, float]:
    """What the document has for a line: our rate and half its interval."""
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if said in line]
    assert len(rows) == 1, said
    share, half = re.findall(r"([\d.]+) ± ([\d.]+)", rows[0])[0]
    return float(share), float(half)


def agree(small: Rate, said: str) -> bool:
    share, half = told(said)
    return abs(small.share - share) <= small.half + half


@pytest.mark.parametrize(
    ("check", "strength"),
    [
        ("just_over", 0.3),  # what a district cannot see
        ("just_over", 1.0),
        ("households_just_over", 0.4),
        ("decoupled", 0.2),
    ],
)
def test_districts_as_the_document_says(check: str, strength: float, rules: Rules) -> None:
    kind = KINDS[check]
    line = measure.of_kind(kind, strength, rules, dict.fromkeys(measure.PLAIN, 0.0), RUNS)
    assert agree(line.rates[measure.OURS], line.said)


def test_provinces_as_the_document_says(rules: Rules) -> None:
    small = measure.province(rules, 0.1, RUNS)
    said = f"{PROVINCE:,}个村的省:线下5%以内的村有10%移到线上"
    assert agree(small, said)
    assert told(said)[0] >= 0.9, "what the checks are asked to reach"


def test_honest_districts_as_the_document_says(rules: Rules) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(r"Honest districts with an alarm: ([\d.]+)% of (\d+)", document)
    assert found is not None
    assert float(found[1]) <= 5.0, "the promise"
    small = measure.calibrate(rules, RUNS).ours
    assert abs(small.share - float(found[1]) / 100) <= small.half


def test_a_rate_of_none_or_all_has_a_width() -> None:
    assert Rate(0, 100).half > 0.01
    assert Rate(50, 100).half == pytest.approx(0.096, abs=0.003)
