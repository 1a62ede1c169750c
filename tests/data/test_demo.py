"""The demo data: the same every time, true to the importer's rules, with all that it plants."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from dashboard import settings as config
from dashboard.config_models import Catalogue
from dashboard.data import demo, rollup, schema
from dashboard.data.demo import make
from dashboard.data.ingest import importer
from dashboard.data.ingest.sheets import EVENTS, FULFILMENTS, MEASURES, PAIRINGS
from dashboard.data.schema import INCOME_SOURCES
from dashboard.data.store import Store, connect
from dashboard.policy import lifecycle
from dashboard.policy.aggregation import Aggregation
from dashboard.settings import Settings
from tests.data import demo_csv

CONFIG = Path(__file__).parents[2] / "config"
WAN = 1_000_000
LINE, FLOOR = 150 * WAN, 120 * WAN
# Large enough for every planted oddity, small enough to be drawn in a moment.
SEED, VILLAGES, HOUSEHOLDS = 3, 120, 500


@cache
def _world() -> make.World:
    return make.draw_world(config.load(CONFIG), SEED, VILLAGES, HOUSEHOLDS)


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    return demo.rows(config.load(CONFIG), SEED, VILLAGES, HOUSEHOLDS)


def _total(row: dict[str, Any]) -> int:
    return sum(row[f"{source}_fen"] for source in INCOME_SOURCES)


def _incomes() -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["village_code"], row["period"]): row for row in _rows()["village_income"]}


def _at_year_end(kind: str) -> list[int]:
    incomes = _incomes()
    return [_total(incomes[code, "2016Q4"]) for code in _world().incomes.planted[kind]]


def test_same_seed_same_rows(settings: Settings) -> None:
    assert demo.rows(settings, SEED, 30, 60) == demo.rows(settings, SEED, 30, 60)


def test_files_are_the_same_too(settings: Settings) -> None:
    first, second = (make.files(settings, make.draw_world(settings, 5, 20, 40)) for _ in "ab")
    assert [file.info for file in first] == [file.info for file in second]


def test_another_seed_is_another_district(settings: Settings) -> None:
    one, other = demo.rows(settings, 1, 30, 60), demo.rows(settings, 2, 30, 60)
    assert one["village_income"] != other["village_income"]
    assert [u["name"] for u in one["unit"]] != [u["name"] for u in other["unit"]]


def test_as_many_units_as_asked_for() -> None:
    units = _rows()["unit"]
    assert Counter(unit["level"] for unit in units) == {
        "district": 1,
        "town": 16,
        "village": VILLAGES,
    }
    assert len(_rows()["household"]) == HOUSEHOLDS
    assert len({unit["name"] for unit in units}) == len(units)
    assert len({unit["code"] for unit in units}) == len(units)
    assert {unit["kind"] for unit in units if unit["level"] == "village"} == {"行政村"}


def test_towns_of_wujin_are_the_facts() -> None:
    by_code = {unit["code"]: unit for unit in _rows()["unit"]}
    town = by_code["320412104"]
    assert (town["name"], town["kind"], town["lon"], town["lat"]) == (
        "遥观镇",
        "镇",
        120.041,
        31.701,
    )


def test_boundaries_cover_the_district_without_overlap() -> None:
    cells = _world().places.cells
    whole = cells["320412"]
    towns = [cell for code, cell in cells.items() if code != "320412"]
    assert len(towns) == 16
    assert sum(cell.area for cell in towns) == pytest.approx(whole.area, rel=1e-3)
    for village in _world().places.villages:
        assert cells[village.town.code].covers(_point(village.lon, village.lat))


def _point(lon: float, lat: float) -> Any:
    from shapely import Point  # noqa: PLC0415 (the one test that needs it)

    return Point(lon, lat)


def test_income_never_falls_within_a_year() -> None:
    series = defaultdict(list)
    for (village, period), row in sorted(_incomes().items()):
        series[village, period[:4]].append(row)
    for rows in series.values():
        for before, after in pairwise(rows):
            for source in INCOME_SOURCES:
                assert 0 <= before[f"{source}_fen"] <= after[f"{source}_fen"]


def test_first_told_income_never_falls_either(settings: Settings) -> None:
    """The files in their order, corrections last: each could be imported when it came."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for file in make.files(settings, _world()):
        for row in file.tables.get("village_income", []):
            village, period = row["village_code"], row["period"]
            earlier = [p for v, p in known if v == village and p[:4] == period[:4] and p < period]
            for source in INCOME_SOURCES:
                before = known[village, max(earlier)][f"{source}_fen"] if earlier else 0
                assert before <= row[f"{source}_fen"]
            known[village, period] = row


def test_about_a_third_starts_weak_and_most_improve() -> None:
    incomes = _incomes()

    def weak(period: str) -> int:
        return sum(_total(row) < LINE for (_, at), row in incomes.items() if at == period)

    assert weak("2015Q4") == round(VILLAGES * 60 / 190)
    assert 0 < weak("2016Q4") < weak("2015Q4") * 0.7


def test_edges_of_the_line_are_there() -> None:
    assert _at_year_end("exactly_on_line") == [LINE]
    assert _at_year_end("just_below_line") == [1_499_999 * 100]
    assert _at_year_end("just_over_line") == [LINE + 1]


def test_one_town_heaps_just_above_the_line() -> None:
    totals = _at_year_end("heaping")
    assert len(totals) == 5
    assert all(LINE < total < LINE * 102 // 100 for total in totals)
    assert len({code[:9] for code in _world().incomes.planted["heaping"]}) == 1


def test_same_values_in_several_villages() -> None:
    codes, incomes = _world().incomes.planted["same_values"], _incomes()
    for period in ("2016Q1", "2016Q2", "2016Q3", "2016Q4"):
        amounts = {tuple(incomes[c, period][f"{s}_fen"] for s in INCOME_SOURCES) for c in codes}
        assert len(codes) == 3 and len(amounts) == 1


def test_jump_in_the_last_quarter() -> None:
    (code,), incomes = _world().incomes.planted["jump_in_q4"], _incomes()
    third, fourth = _total(incomes[code, "2016Q3"]), _total(incomes[code, "2016Q4"])
    assert fourth > 2 * third


def test_floor_support_lifts_exactly_to_the_line_paid_by_halves() -> None:
    lifted, incomes = _world().incomes.floor, _incomes()
    assert lifted
    assert {_total(incomes[code, "2016Q4"]) for code in lifted} == {FLOOR}
    paid = Counter[str]()
    for flow in _rows()["fund_flow"]:
        if flow["purpose"] == "兜底保障" and flow["year"] == 2016:
            paid[flow["source"]] += flow["allocated_fen"]
    assert paid["区级财政"] + paid["镇级财政"] == sum(lifted.values())
    assert abs(paid["区级财政"] - paid["镇级财政"]) <= len(lifted)


def test_who_is_late_and_who_left_a_quarter_out() -> None:
    reports = _world().reports
    came = {(row["unit_code"], row["period"]) for row in _rows()["observation"]}
    came |= {(row["village_code"][:9], row["period"]) for row in _rows()["village_income"]}
    towns = {town.code for town in _world().places.towns}
    silent = {town for town in towns if (town, "2017Q3") not in came}
    assert silent == set(reports.late) and len(silent) == 2
    missing = {
        (town, period)
        for town in towns
        for period in ("2016Q1", "2016Q2", "2016Q3", "2016Q4", "2017Q1", "2017Q2")
        if (town, period) not in came
    }
    assert missing == {(reports.left_out[0], "2016Q2")}


def test_a_late_return_comes_after_the_others(settings: Settings) -> None:
    names = [file.name for file in make.files(settings, _world())]
    (late,) = [name for name in names if "补报" in name]
    others = [name for name in names if name.endswith("_2017年第一季度.xlsx")]
    assert names.index(late) > max(names.index(name) for name in others)


def test_households_keep_to_the_procedure() -> None:
    """Four steps in order by the end of April 2016; out only with 10,000 yuan, but for one."""
    income = {(r["household"], r["year"]): r["income_fen"] for r in _rows()["household_income"]}
    events: dict[str, dict[str, date]] = defaultdict(dict)
    for row in _rows()["lifecycle_event"]:
        if row["subject_type"] == "household":
            events[row["subject"]][row["event"]] = row["happened_on"]
    out_too_early = []
    for household in _rows()["household"]:
        own = events[household["number"]]
        days = [own[event] for event in EVENTS if event in own and event != "返贫"]
        assert days == sorted(days)
        assert own["信息录入"] == household["identified_on"] <= date(2016, 4, 30)
        if "退出" in own:
            assert own["退出"] >= date(2016, 10, 1)
            if income[household["number"], 2016] < 1_000_000:
                out_too_early.append(household["number"])
        if "返贫" in own:
            assert own["返贫"] > own["退出"]
    assert out_too_early == _world().people.planted["exit_below_line"]


def test_household_incomes_at_the_line() -> None:
    income = {(r["household"], r["year"]): r["income_fen"] for r in _rows()["household_income"]}
    planted = _world().people.planted
    assert income[planted["exactly_on_line"][0], 2016] == 1_000_000
    assert income[planted["just_below_line"][0], 2016] == 999_999
    above = [number for (number, year), fen in income.items() if year == 2015 and fen >= 1_000_000]
    assert above == planted["never_low"]


def test_nobody_has_a_name() -> None:
    posts = {row["post"] for table in ("target", "pairing", "task") for row in _rows()[table]}
    assert posts - {""} <= {
        "分管副区长",
        "镇长",
        "街道办事处主任",
        "村党总支书记",
        "主要负责人",
        "第一书记",
        "总经理",
        "科长",
        "副科长",
        "科员",
        "镇村干部",
        "党员",
    }


def test_registers_use_the_words_of_the_sheets() -> None:
    rows = _rows()
    assert {row["event"] for row in rows["lifecycle_event"]} <= set(EVENTS)
    assert {row["kind"] for row in rows["pairing"]} == set(PAIRINGS)
    assert {row["category"] for row in rows["measure"]} == set(MEASURES)
    assert {row["kind"] for row in rows["inspection"]} == set(FULFILMENTS)
    assert {row["kind"] for row in rows["task"]} == {*FULFILMENTS, "议定事项"}


def test_nothing_happens_after_the_newest_quarter() -> None:
    last = date(2017, 9, 30)
    happened = {
        "lifecycle_event": "happened_on",
        "pairing": "started_on",
        "measure": "started_on",
        "project": "started_on",
        "fund_flow": "happened_on",
        "task": "done_on",
        "inspection": "fixed_on",
    }
    for table, column in happened.items():
        days = [row[column] for row in _rows()[table] if row[column] is not None]
        assert days and max(days) <= last


def test_targets_add_up_but_for_the_planted(settings: Settings) -> None:
    """Naive second sum, cell by cell, over every additive indicator."""
    values = {
        (r["unit_code"], r["indicator_code"], r["year"]): r["value"] for r in _rows()["target"]
    }
    parent = {unit["code"]: unit["parent_code"] for unit in _rows()["unit"]}
    sums: Counter[tuple[str, str, int]] = Counter()
    for (unit, code, year), value in values.items():
        if settings.catalogue[code].aggregation not in (
            Aggregation.RATIO,
            Aggregation.WEIGHTED_MEAN,
        ):
            sums[parent[unit], code, year] += value
    wrong = {key for key, total in sums.items() if key[0] is not None and values.get(key) != total}
    planted = _world().targets.planted
    assert wrong == {planted["villages_overloaded"], planted["not_handed_down"]}
    over, short = planted["villages_overloaded"], planted["not_handed_down"]
    assert sums[over] * 10 == values[over] * 11
    assert values[short] - sums[short] == 60


def test_monthly_plans_rise_to_the_target_but_for_the_planted(settings: Settings) -> None:
    values = {
        (r["unit_code"], r["indicator_code"], r["year"]): r["value"] for r in _rows()["target"]
    }
    plans: dict[tuple[str, str, int], dict[int, int]] = defaultdict(dict)
    for row in _rows()["target_month"]:
        plans[row["unit_code"], row["indicator_code"], row["year"]][row["month"]] = row["planned"]
    wrong = {cell for cell, plan in plans.items() if plan[12] != values[cell]}
    cell = _world().targets.planted["plan_ends_short"]
    assert wrong == {cell}
    assert plans[cell][12] < values[cell]
    for (_, code, _), plan in plans.items():
        rising = settings.catalogue[code].direction == "up"
        ordered = [plan[month] for month in sorted(plan)]
        assert ordered == sorted(ordered, reverse=not rising)


def test_every_row_passes_the_importer_and_comes_out_the_same(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other road: the same rows written as a clerk's CSV files, imported into a fresh store."""
    # Fifteen files would each be rolled up; this test is about their rows.
    monkeypatch.setattr(rollup, "refresh", lambda *_: 0)
    # Outlines come out as they went in only where they are not simplified.
    district = settings.district.model_copy(update={"boundary_tolerance_degrees": 0.0})
    settings = replace(settings, district=district)
    rows = demo.rows(settings, SEED, 40, 80)
    store = connect(f"sqlite:///{tmp_path / 'other.db'}")
    store.migrate()
    importer.import_files(store, settings, demo_csv.files(settings, rows), "测试")
    with store.reading() as connection:
        for table in schema.FACTS:
            stored = connection.execute(select(table)).mappings()
            found = [
                {name: row[name] for name in row if name not in ("batch_id", "source_row")}
                for row in stored
            ]
            keys = [column.name for column in table.primary_key.columns]
            assert _ordered(found, keys) == _ordered(rows[table.name], keys), table.name


def _ordered(rows: list[dict[str, Any]], keys: list[str]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(row[name]) for name in keys])


def test_filling_marks_the_store_and_rolls_up(store: Store, settings: Settings) -> None:
    steps: list[tuple[int, int]] = []
    demo.fill(
        store,
        settings,
        seed=SEED,
        villages=20,
        households=30,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert store.is_demo
    assert steps[-1][0] == steps[-1][1] and [done for done, _ in steps] == sorted(
        done for done, _ in steps
    )
    expected = demo.rows(settings, SEED, 20, 30)
    with store.reading() as connection:
        for table in schema.FACTS:
            count = connection.scalar(select(func.count()).select_from(table))
            assert count == len(expected[table.name]), table.name
        batches = set(connection.scalars(select(schema.import_batch.c.imported_by)))
        overwritten = connection.scalar(
            select(func.count()).select_from(schema.observation_revision)
        )
    assert batches == {"演示数据"}
    assert overwritten == len(make.draw_world(settings, SEED, 20, 30).incomes.first_told) > 0
    assert rollup.verify(store, settings) == 0


def test_a_store_with_units_is_refused_untouched(sqlite_store: Store, settings: Settings) -> None:
    demo.fill(sqlite_store, settings, villages=16, households=0)
    before = sqlite_store.version
    assert not demo.is_empty(sqlite_store)
    with pytest.raises(demo.DemoRefused, match="只能填入空数据库"):
        demo.fill(sqlite_store, settings, villages=16, households=0)
    assert sqlite_store.version == before


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    """A store file without a schema: filling makes it."""
    return connect(f"sqlite:///{tmp_path / 'new.db'}")


@pytest.mark.parametrize("villages", [1, 15, 800])
def test_odd_sizes(settings: Settings, villages: int) -> None:
    """Fewer villages than towns; more than two syllables and one batch of codes give names to."""
    units = demo.rows(settings, 1, villages, 0)["unit"]
    codes = {unit["code"] for unit in units if unit["level"] == "village"}
    assert len(codes) == villages == len({u["name"] for u in units if u["level"] == "village"})
    assert {len(code) for code in codes} == {12}


def test_more_villages_than_codes_are_refused(settings: Settings) -> None:
    with pytest.raises(demo.DemoRefused, match="请减少村数"):
        demo.rows(settings, 1, 30_000, 0)


def test_another_county_gets_neutral_towns(settings: Settings) -> None:
    elsewhere = replace(
        settings,
        district=settings.district.model_copy(update={"root_unit": "110101", "name": "某县"}),
    )
    rows = demo.rows(elsewhere, 1, 20, 20)
    towns = [unit for unit in rows["unit"] if unit["level"] == "town"]
    assert [town["name"] for town in towns[:2]] == ["演示一镇", "演示二镇"]
    assert rows["unit"][0]["name"] == "某县"
    assert all(unit["code"].startswith("110101") for unit in rows["unit"])


@pytest.mark.parametrize("root", ["320400", "320412104"])
def test_only_counties(settings: Settings, root: str) -> None:
    elsewhere = replace(settings, district=settings.district.model_copy(update={"root_unit": root}))
    with pytest.raises(demo.DemoRefused, match=root):
        demo.rows(elsewhere, 1, 20, 20)


def test_another_programme_is_refused(settings: Settings) -> None:
    """The figures are of 2016 and 2017; a programme of other years would show none of them."""
    later = {"first_year": 2021, "last_year": 2025}
    elsewhere = replace(settings, district=settings.district.model_copy(update=later))
    with pytest.raises(demo.DemoRefused, match="规划期为2021至2025年"):
        demo.rows(elsewhere, 1, 20, 20)


def test_a_line_that_the_office_took_out_is_named(settings: Settings) -> None:
    lines = {k: v for k, v in settings.policy.thresholds.items() if k != "floor_support"}
    policy = settings.policy.model_copy(update={"thresholds": lines})
    with pytest.raises(demo.DemoRefused, match="缺少floor_support"):
        demo.rows(replace(settings, policy=policy), 1, 20, 20)


def test_an_indicator_that_the_office_took_out_is_left_out(settings: Settings) -> None:
    """V03 and V09 are gone: neither targets, nor plans, nor reports of their parts name them."""
    kept = [i for i in settings.catalogue.indicators if i.code not in ("V03", "V09")]
    catalogue = Catalogue(indicators=kept)
    rows = demo.rows(replace(settings, catalogue=catalogue), 1, 40, 40)
    named = {
        row["indicator_code"]
        for table in ("target", "target_month", "observation")
        for row in rows[table]
    }
    assert named and not named & {"V03", "V09", "V09A", "V09B"}


def test_no_event_contradicts_another(settings: Settings) -> None:
    """What an import would refuse is not in the demo data either."""
    events: dict[tuple[str, str], list[lifecycle.Event]] = defaultdict(list)
    for row in _rows()["lifecycle_event"]:
        subject = row["subject_type"], row["subject"]
        events[subject].append(lifecycle.Event(row["happened_on"], row["event"]))
    wrong = [
        (subject, breach.sentence)
        for subject, own in events.items()
        for breach in lifecycle.breaches(own, settings.policy.retention)
    ]
    assert not wrong
