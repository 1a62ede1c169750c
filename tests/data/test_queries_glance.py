"""The registers at a glance say what the pages behind them say."""

import pytest

from dashboard.data import demo, units
from dashboard.data.queries import funds, glance, supervision, support
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

ROOT, TOWN = "320412", "320412104"
OFFICE = Viewer("o", Role.OFFICE, ROOT)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('glance')}/demo.db")
    demo.fill(store, settings, villages=48, households=150)
    return store


def seen(
    store: Store, settings: Settings, viewer: Viewer | None, code: str, period: Period
) -> dict[str, tuple[int, int]]:
    focus = units.focus(store, OFFICE, code, period)
    return dict(glance.glance(store, viewer, focus, settings))


@pytest.mark.parametrize("code", [ROOT, TOWN])
@pytest.mark.parametrize("period", [Period(2016, 2), Period(2016, 4), Period(2017, 2)])
def test_the_glance_is_the_sum_of_the_rows_behind(
    filled: Store, settings: Settings, code: str, period: Period
) -> None:
    focus = units.focus(filled, OFFICE, code, period)
    found = seen(filled, settings, OFFICE, code, period)
    weak = support.villages(filled, OFFICE, focus, settings)
    weak = weak[weak["weak"] == 1]
    assert found[glance.SECRETARY] == (weak["secretary"].sum(), len(weak))
    assert found[glance.DEPARTMENT] == (weak["department"].sum(), len(weak))
    flows = funds.by_source(filled, OFFICE, focus)
    assert found[glance.MONEY] == (flows["allocated_fen"].sum(), flows["arranged_fen"].sum())
    tasks = supervision.by_kind(filled, OFFICE, focus)
    assert found[glance.TASKS] == (tasks["done"].sum(), tasks["due"].sum())
    named = supervision.inspections(filled, OFFICE, focus)
    named = named[named["finding"] != ""]
    mended = [day for day in named["fixed_on"] if day is not None and day <= period.last_day]
    assert found[glance.FINDINGS] == (len(mended), len(named))


def test_the_demo_has_something_of_each(filled: Store, settings: Settings) -> None:
    found = seen(filled, settings, OFFICE, ROOT, Period(2016, 4))
    assert all(whole > 0 for _, whole in found.values()), found


def test_nobody_and_another_town_are_told_nothing(filled: Store, settings: Settings) -> None:
    other = Viewer("t", Role.TOWN, "320412105")
    assert seen(filled, settings, None, TOWN, Period(2016, 4)) == {}
    assert seen(filled, settings, other, TOWN, Period(2016, 4)) == {}
