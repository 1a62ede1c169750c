"""年底预计 on 镇村详情: the named list, one village's interval, and where nothing is expected."""

import json
import re

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from dashboard.data import schema, units
from dashboard.data.queries import outlook
from dashboard.data.queries.outlook import YearEnd
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.money import wan_text
from dashboard.policy.periods import Period
from dashboard.settings import Settings

from .conftest import ROOT, OpenPage, words

TOWN, NOW = "320412104", Period(2017, 3)
OFFICE = Viewer("office", Role.OFFICE, ROOT)
HEADING = "年底预计(2017年)"


def expected(store: Store, settings: Settings, code: str) -> YearEnd:
    found = outlook.year_end(store, OFFICE, units.focus(store, OFFICE, code, NOW), settings.policy)
    assert found is not None
    return found


def charts(app: AppTest) -> str:
    return json.dumps(
        [json.loads(c.proto.spec) for c in app.get("vega_lite_chart")], ensure_ascii=False
    )


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICE, Role.DEPARTMENT])
def test_the_district_names_who_will_miss_the_line(
    role: Role, demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    truth = expected(demo_store, settings, ROOT)
    assert truth.misses, "else there is nothing to show"
    app = open_page(demo_store, "unit", role, ROOT, period=str(NOW))
    assert not app.exception
    said = words(app)
    assert HEADING in said
    assert f"**预计年底不达标{len(truth.misses)}个村**" in said
    table = next(t.value for t in app.dataframe if "每月需" in t.value)
    assert list(table["村"]) == [village.name for village in truth.misses]
    assert list(table["还差"]) == [wan_text(v.standing.gap) for v in truth.misses]
    assert "到年底离150万元还差多少" in charts(app)


def test_the_coverage_found_is_printed_beside_it(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    check = expected(demo_store, settings, ROOT).check
    assert check is not None
    app = open_page(demo_store, "unit", Role.LEADER, ROOT, period=str(NOW))
    told = re.search(r"对2016年的(\d+)个村.*区间内的(\d+)个,占([\d.]+)%\(应为80%\)", words(app))
    assert told is not None
    assert (int(told[1]), int(told[2])) == (check.tested, check.covered)
    assert float(told[3]) == pytest.approx(check.coverage * 100, abs=0.05)
    assert "只有一个年度可供检验" in words(app)
    assert "不作预计" in words(app), "two towns are late"


def test_a_village_has_its_own_value_and_interval(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    one = expected(demo_store, settings, ROOT).misses[0]
    app = open_page(demo_store, "unit", Role.LEADER, ROOT, unit=one.code, period=str(NOW))
    assert not app.exception
    said = words(app)
    assert f"预计全年**{wan_text(one.standing.forecast.expected)}**万元" in said
    assert f"差**{wan_text(one.standing.gap)}**万元" in said
    assert f"余下3个月每月需{wan_text(one.standing.monthly)}万元" in said
    assert "占" in said
    assert "2017年底能不能超过150万元" in charts(app)


def test_a_town_sees_its_own_villages_only(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    app = open_page(demo_store, "unit", Role.TOWN, TOWN, period=str(NOW))
    assert not app.exception
    assert HEADING in words(app)
    own = expected(demo_store, settings, TOWN)
    assert f"共预计{len(own.villages)}个村" in words(app)
    others = {v.code for v in expected(demo_store, settings, ROOT).villages}
    others -= {v.code for v in own.villages}
    with demo_store.reading() as connection:
        known = connection.execute(select(schema.unit.c.name, schema.unit.c.code)).all()
    of_own = {row.name for row in known if row.code.startswith(TOWN)}
    names = {row.name for row in known if row.code in others} - of_own
    assert not [name for name in names if name in words(app) + charts(app)]


@pytest.mark.parametrize(
    ("period", "says"),
    [("2016Q3", "无从检验,不作预计"), ("2017Q4", ""), ("2016Q4", "")],
)
def test_where_the_data_cannot_carry_a_forecast(
    period: str, says: str, demo_store: Store, open_page: OpenPage
) -> None:
    """The first year has nothing to learn from; a closed year is known."""
    for unit in (ROOT, TOWN):
        app = open_page(demo_store, "unit", Role.LEADER, ROOT, unit=unit, period=period)
        assert not app.exception
        assert (says in words(app)) if says else ("年底预计" not in words(app))
        assert "每月需" not in words(app)


def test_a_village_that_has_not_reported(
    demo_store: Store, settings: Settings, open_page: OpenPage
) -> None:
    late = set(expected(demo_store, settings, ROOT).missing)
    with demo_store.reading() as connection:
        towns = {r.code: r.name for r in connection.execute(select(schema.unit))}
        villages = connection.execute(
            select(schema.unit).where(schema.unit.c.level == "village")
        ).all()
    code = next(v.code for v in villages if (v.name, towns[v.parent_code]) in late)
    app = open_page(demo_store, "unit", Role.LEADER, ROOT, unit=code, period=str(NOW))
    assert not app.exception
    assert "本季度未填报,不作预计" in words(app)
    assert "预计全年" not in words(app)
