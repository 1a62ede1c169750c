"""The rules as config/ gives them, and honest districts to plant things into."""

from functools import cache

import numpy as np
import pytest

from dashboard import settings as config
from dashboard.policy.authenticity.inputs import Inputs
from dashboard.policy.authenticity.rules import Rules
from tests.simulator import world


@pytest.fixture(scope="session")
def rules(settings: config.Settings) -> Rules:
    return settings.policy.authenticity_rules


@cache
def honest(seed: int) -> Inputs:
    """An honest district; the same object for the same seed, nothing in it is ever written to."""
    return world.district(np.random.default_rng(seed))


@pytest.fixture(scope="session")
def districts() -> list[Inputs]:
    """Twelve honest districts."""
    return [honest(seed) for seed in range(12)]
