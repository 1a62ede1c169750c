"""Where a figure above the districts comes from: its districts' figures, each asked on its own."""

import pytest

from dashboard.data import units
from dashboard.data.queries.lineage import Lineage, lineage, sources
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.city import CITY, HERE, THERE, of_two_districts

LEADER = Viewer("city", Role.LEADER, CITY)
QUARTER = Period(2016, 3)
COUNTED = ("V01", "V02", "V03", "H01", "H05")


@pytest.fixture(scope="module")
def city(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return of_two_districts(f"sqlite:///{tmp_path_factory.mktemp('city')}/city.db", settings)


def asked(
    store: Store, settings: Settings, unit: str, indicator: str, viewer: Viewer = LEADER
) -> Lineage | None:
    return lineage(store, viewer, units.focus(store, viewer, unit, QUARTER), settings, indicator)


@pytest.mark.parametrize("indicator", COUNTED)
def test_a_citys_figure_is_its_districts(city: Store, settings: Settings, indicator: str) -> None:
    found = asked(city, settings, CITY, indicator)
    assert found is not None and found.row is not None
    assert [piece.unit for piece in found.pieces] == [HERE, THERE]
    values = [piece.figure.value for piece in found.pieces]
    assert found.row["value"] == sum(value or 0 for value in values)
    # A step down each leads on, to the towns.
    for piece in found.pieces:
        below = asked(city, settings, piece.unit, indicator)
        assert below is not None and below.row is not None
        assert below.row["value"] == piece.figure.value
        assert below.span.files or not piece.figure.value, "nothing is made of no rows"


def test_a_ratio_is_made_of_its_districts_parts(city: Store, settings: Settings) -> None:
    found = asked(city, settings, CITY, "H08")
    assert found is not None and found.row is not None
    upper = sum(piece.figure.numerator or 0 for piece in found.pieces)
    lower = sum(piece.figure.denominator or 0 for piece in found.pieces)
    assert (found.row["numerator"], found.row["denominator"]) == (upper, lower)
    assert lower > 0


def test_it_is_for_who_may_see_the_city(city: Store, settings: Settings) -> None:
    of_a_district = Viewer("li", Role.LEADER, HERE)
    focus = units.focus(city, LEADER, CITY, QUARTER)
    assert lineage(city, of_a_district, focus, settings, "V03") is None
    assert sources(city, of_a_district, focus, settings, ["V03"]) == {}
    told = sources(city, LEADER, focus, settings, ["V03"])
    assert told[CITY, "V03"].children == 2
    assert {unit for unit, _ in told} == {CITY, HERE, THERE}
