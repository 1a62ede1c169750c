"""农户 by role: the leader, the office, a town's own and another's, a department; and empty."""

import pytest

from dashboard.data.store import Store
from dashboard.policy.access import Role

from .conftest import ROOT, OpenPage

TOWN = "320412104"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE, Role.DEPARTMENT])
def test_the_page(role: Role, demo_store: Store, open_page: OpenPage) -> None:
    app = open_page(demo_store, "households", role, ROOT, period="2017Q2")
    assert not app.exception
