"""From the claims of a single sign-on to a person of this dashboard, or to nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.policy.access import Role
from dashboard.policy.sign_on import Claims, Grant, Person, is_fresh, once, person

NOW = datetime(2016, 10, 12, 9, 0, tzinfo=UTC)
CLAIMS = Claims(
    "preferred_username",
    "groups",
    (
        Grant("office", Role.OFFICE, unit="320412"),
        Grant("town", Role.TOWN, unit_claim="unit_code"),
        Grant("department", Role.DEPARTMENT, unit="320412", organisation_claim="department"),
        Grant("bureau", Role.DEPARTMENT, unit="320412", organisation="区水利局"),
    ),
)
LI = {"iss": "https://sso.example", "sub": "7", "preferred_username": "Li"}


def told(**more: Any) -> Person | None:
    return person({**LI, **more}, CLAIMS)


def test_a_group_gives_a_role_and_a_unit() -> None:
    found = told(groups=["x", "office"])
    assert found is not None
    assert (found.username, found.role, found.unit_code) == ("li", Role.OFFICE, "320412")


def test_one_group_may_be_a_text() -> None:
    assert told(groups="office") is not None


def test_a_claim_names_the_unit_or_the_organisation() -> None:
    found = told(groups=["town"], unit_code="320412104")
    assert found is not None and (found.role, found.unit_code) == (Role.TOWN, "320412104")
    found = told(groups=["department"], department="区财政局")
    assert found is not None and found.organisation == "区财政局"
    found = told(groups=["bureau"])
    assert found is not None and found.organisation == "区水利局"


def test_the_first_grant_of_the_file_counts() -> None:
    found = told(groups=["town", "office"], unit_code="320412104")
    assert found is not None and found.role is Role.OFFICE


NOBODY: dict[str, dict[str, Any]] = {
    "no group": {},
    "a group that nothing is granted to": {"groups": ["finance"]},
    "a part of a group's name": {"groups": ["offic", "office2"]},
    "a town without its unit": {"groups": ["town"]},
    "a unit that is no text": {"groups": ["town"], "unit_code": 320412104},
    "a department without its name": {"groups": ["department"]},
    "groups of another shape": {"groups": {"office": True}},
    "no name": {"groups": ["office"], "preferred_username": ""},
    "a name of another shape": {"groups": ["office"], "preferred_username": ["li"]},
    "nobody's answer": {"groups": ["office"], "sub": None},
}


@pytest.mark.parametrize("more", NOBODY.values(), ids=NOBODY)
def test_everybody_else_is_not_let_in(more: dict[str, Any]) -> None:
    assert told(**more) is None


def test_a_person_is_known_by_the_subject_not_by_the_name() -> None:
    one, renamed = told(groups="office"), told(groups="office", preferred_username="lili")
    other, elsewhere = told(groups="office", sub="8"), told(groups="office", iss="https://other")
    assert one and renamed and other and elsewhere
    assert one.identity == renamed.identity
    assert len({one.identity, other.identity, elsewhere.identity}) == 3


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (599, True), (601, False), (-100, True), (-130, False)]
)
def test_an_answer_is_good_for_ten_minutes(age: int, fresh: bool) -> None:
    issued = (NOW - timedelta(seconds=age)).timestamp()
    assert is_fresh({"iat": issued}, NOW) is fresh


@pytest.mark.parametrize("said", [{}, {"iat": "1"}, {"iat": None}, {"iat": True}])
def test_an_answer_without_its_time_is_not_good(said: dict[str, Any]) -> None:
    assert not is_fresh(said, NOW)


def test_every_answer_has_a_name_of_its_own() -> None:
    first = {**LI, "iat": 1, "nonce": "a"}
    assert once(first) == once(dict(first))
    assert once(first) != once({**first, "nonce": "b"}) != once({**first, "iat": 2})
