"""Access is denied unless a rule grants it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.access import Role, Viewer, may_see

DISTRICT, TOWN, VILLAGE = "320412", "320412104", "320412104201"
codes = st.sampled_from([DISTRICT, TOWN, VILLAGE, "320412105", "320413", ""])
lineages = st.lists(codes, max_size=4)
roles = st.sampled_from(list(Role))


def _viewer(role: Role, unit: str) -> Viewer:
    return Viewer("somebody", role, unit)


@given(lineages)
def test_nobody_sees_nothing(lineage: list[str]) -> None:
    assert not may_see(None, lineage)


@given(codes, lineages)
def test_the_public_sees_nothing_here(unit: str, lineage: list[str]) -> None:
    assert not may_see(_viewer(Role.PUBLIC, unit), lineage)


@given(roles, codes, lineages)
def test_only_what_lies_under_ones_own_unit(role: Role, unit: str, lineage: list[str]) -> None:
    allowed = any(code == unit for code in lineage) and role is not Role.PUBLIC
    assert may_see(_viewer(role, unit), lineage) == allowed


@pytest.mark.parametrize(
    ("lineage", "seen"),
    [
        ((DISTRICT, TOWN), True),  # the town itself
        ((DISTRICT, TOWN, VILLAGE), True),  # a village of it
        ((DISTRICT,), False),  # the district above it
        ((DISTRICT, "320412105"), False),  # the neighbour
        ((DISTRICT, "320412105", "320412105201"), False),  # the neighbour's village
        ((), False),  # a unit that does not exist
    ],
)
def test_a_town_sees_its_own_subtree(lineage: tuple[str, ...], seen: bool) -> None:
    assert may_see(_viewer(Role.TOWN, TOWN), lineage) is seen


@pytest.mark.parametrize(
    ("role", "households", "imports"),
    [
        (Role.LEADER, False, False),
        (Role.OFFICE, True, True),
        (Role.TOWN, True, False),
        (Role.DEPARTMENT, False, False),
        (Role.PUBLIC, False, False),
    ],
)
def test_who_sees_households_and_who_imports(role: Role, households: bool, imports: bool) -> None:
    viewer = _viewer(role, DISTRICT)
    assert (viewer.sees_households, viewer.may_import) == (households, imports)


def test_every_role_has_its_chinese_name() -> None:
    assert len({role.label for role in Role}) == len(Role)
