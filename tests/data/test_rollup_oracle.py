"""The rollup against a naive second one, batch by batch, on both databases."""

import random
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import rollup, schema
from dashboard.data.ingest.apply import FileInfo, apply_rows
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.naive import SOURCES, Naive

D = "320412"
TOWNS = [f"{D}101", f"{D}102", f"{D}103"]
# The third town has no village: its figures are its own reports alone.
VILLAGES = [f"{TOWNS[0]}20{n}" for n in (1, 2, 3)] + [f"{TOWNS[1]}20{n}" for n in (1, 2)]
PERIODS = ["2015Q4", "2016Q1", "2016Q2", "2016Q3", "2016Q4", "2017Q1", "2017Q2"]
FIELDS = (
    "value",
    "numerator",
    "denominator",
    "classes",
    "baseline",
    "target",
    "scheduled",
    "rate",
    "light",
    "reported",
    "expected",
    "source",
    "level",
    "parent_code",
)
Tables = dict[str, list[dict[str, Any]]]


def tree() -> list[dict[str, Any]]:
    rows = [(D, None, "district"), *((t, D, "town") for t in TOWNS)]
    rows += [(v, v[:9], "village") for v in VILLAGES]
    return [
        {"district_code": D, "code": code, "parent_code": parent, "level": level, "name": code}
        for code, parent, level in rows
    ]


def draw(seed: int, settings: Settings) -> Tables:
    """A small district with gaps, equality cases and figures of every kind of indicator."""
    dice = random.Random(seed)
    tables: Tables = {"unit": tree()}
    tables["village_income"] = [income(dice, v, p) for v in VILLAGES for p in PERIODS if some(dice)]
    households = [household(dice, n) for n in range(12)]
    tables["household"] = households
    tables["household_income"] = [
        {"district_code": D, "household": h["number"], "year": year, "income_fen": around(dice)}
        for h in households
        for year in (2015, 2016)
        if some(dice)
    ]
    tables["lifecycle_event"] = [e for h in households for e in events(dice, h)]
    tables["observation"] = [o for p in PERIODS for o in observations(dice, settings, p)]
    tables["target"] = [
        {
            "district_code": D,
            "unit_code": unit["code"],
            "indicator_code": entry.code,
            "year": year,
            "value": dice.choice((0, 1, 2, 5)) * entry.scale,
            "due_month": dice.choice((4, 6, 12)),
        }
        for unit in tables["unit"]
        for entry in settings.catalogue.indicators
        for year in (2016, 2017)
        if dice.random() < 0.3
    ]
    tables["target_month"] = [
        {key: row[key] for key in ("district_code", "unit_code", "indicator_code", "year")}
        | {"month": month, "planned": row["value"] * month // 12}
        for row in tables["target"]
        if dice.random() < 0.3
        for month in dice.sample(range(1, 13), 3)
    ]
    tables["task"] = [task(dice, n) for n in range(15)]
    return tables


def some(dice: random.Random) -> bool:
    return dice.random() < 0.8


def around(dice: random.Random) -> int:
    """Incomes per head round 10,000 yuan, often exactly on the line or one fen beside it."""
    return 1_000_000 + dice.choice((-1, 0, 1, -200_000, 150_000))


def income(dice: random.Random, village: str, period: str) -> dict[str, Any]:
    total = dice.choice((100, 120, 150, 180, 200, 230)) * 1_000_000 + dice.choice((-1, 0, 1))
    parts = sorted(dice.randint(0, total) for _ in SOURCES[1:])
    amounts = [b - a for a, b in zip([0, *parts], [*parts, total], strict=True)]
    row: dict[str, Any] = {"district_code": D, "village_code": village, "period": period}
    return row | {f"{s}_fen": fen for s, fen in zip(SOURCES, amounts, strict=True)}


def household(dice: random.Random, number: int) -> dict[str, Any]:
    return {
        "district_code": D,
        "number": f"H{number:03d}",
        "village_code": dice.choice(VILLAGES),
        "persons": dice.randint(1, 6),
        "labour": 1,
        "category": "一般户",
        "cause": "因病",
        "identified_on": date(dice.choice((2015, 2016)), dice.randint(1, 12), 1),
    }


def events(dice: random.Random, of: dict[str, Any]) -> list[dict[str, Any]]:
    chosen = dice.choice(([], ["退出"], ["退出", "返贫"], ["退出", "返贫", "退出"]))
    days = sorted(
        date(dice.choice((2016, 2017)), dice.randint(1, 12), dice.randint(1, 28)) for _ in chosen
    )
    return [
        {
            "district_code": D,
            "subject_type": "household",
            "subject": of["number"],
            "event": event,
            "happened_on": day,
            "village_code": of["village_code"],
        }
        for event, day in zip(chosen, days, strict=True)
    ]


def observations(dice: random.Random, settings: Settings, period: str) -> list[dict[str, Any]]:
    catalogue = settings.catalogue
    codes = [entry.code for entry in catalogue.indicators if not entry.parts]
    codes += list(catalogue.parts_by_code)
    return [
        {
            "district_code": D,
            "unit_code": unit,
            "indicator_code": code,
            "period": period,
            "value": dice.randint(0, 9),
        }
        for unit in (D, *TOWNS, *VILLAGES)
        for code in codes
        if dice.random() < 0.15
    ]


def task(dice: random.Random, number: int) -> dict[str, Any]:
    done = date(dice.choice((2016, 2017)), dice.randint(1, 12), 28)
    return {
        "district_code": D,
        "number": f"T{number}",
        "unit_code": dice.choice((D, *TOWNS, *VILLAGES)),
        "kind": dice.choice(("责任落实", "项目落实", "议定事项")),
        "content": "x",
        "due_month": f"{dice.choice((2016, 2017))}-{dice.randint(1, 12):02d}",
        "done_on": dice.choice((None, done)),
    }


def stored(store: Store) -> dict[tuple[str, str, str], dict[str, Any]]:
    with store.reading() as connection:
        rows = connection.execute(select(schema.summary)).mappings().all()
    return {
        (row["unit_code"], row["indicator_code"], row["period"]): {k: row[k] for k in FIELDS}
        for row in rows
    }


def compare(store: Store, settings: Settings, so_far: Tables) -> None:
    expected = Naive(settings, so_far).summary()
    found = stored(store)
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        got = found[key]
        for name in FIELDS:
            if isinstance(row[name], float):
                assert got[name] == pytest.approx(row[name]), (key, name)
            else:
                assert got[name] == row[name], (key, name, got, row)


def in_batches(dice: random.Random, tables: Tables) -> list[Tables]:
    """The units and households first; then everything else, shuffled into a few batches."""
    batches: list[Tables] = [{"unit": tables["unit"]}, {"household": tables["household"]}]
    rest = [(name, row) for name, rows in tables.items() for row in rows]
    rest = [pair for pair in rest if pair[0] not in ("unit", "household")]
    dice.shuffle(rest)
    third = len(rest) // 3 + 1
    for start in range(0, len(rest), third):
        batch: Tables = {}
        for name, row in rest[start : start + third]:
            batch.setdefault(name, []).append(row)
        batches.append(batch)
    return batches


@pytest.mark.parametrize("seed", range(3))
def test_every_batch_leaves_what_the_naive_one_computes(
    store: Store, settings: Settings, seed: int
) -> None:
    tables = draw(seed, settings)
    so_far: Tables = {}
    for batch in in_batches(random.Random(seed), tables):
        with store.writing() as connection:
            apply_rows(connection, settings, batch, FileInfo("a.xlsx", "0"), "测试")
        for name, rows in batch.items():
            so_far.setdefault(name, []).extend(rows)
        compare(store, settings, so_far)
    assert rollup.verify(store, settings) == 0
    before = stored(store)
    rollup.rebuild(store, settings)
    assert stored(store) == before


def test_a_correction_moves_the_figures_and_keeps_both_roads_equal(
    store: Store, settings: Settings
) -> None:
    tables = draw(7, settings)
    with store.writing() as connection:
        apply_rows(connection, settings, tables, FileInfo("a.xlsx", "0"), "测试")
    # One village's baseline of 2015: weak status and baselines of 2016 hang on it.
    row = next(r for r in tables["village_income"] if r["period"] == "2015Q4")
    row["operating_fen"] += 50_000_000
    with store.writing() as connection:
        apply_rows(connection, settings, {"village_income": [row]}, FileInfo("b.xlsx", "0"), "测试")
    compare(store, settings, tables)
    assert rollup.verify(store, settings) == 0


def test_a_batch_on_years_far_apart_knows_the_years_between(
    store: Store, settings: Settings
) -> None:
    tables = draw(11, settings)
    # Every village to 2019, falling each year: baselines of 2019 come from 2018, not in the batch.
    tables["village_income"] = [
        income(random.Random(year), village, f"{year}Q{quarter}")
        for village in VILLAGES
        for year, quarter in ((2015, 4), (2016, 4), (2017, 4), (2018, 4), (2019, 1))
    ]
    with store.writing() as connection:
        apply_rows(connection, settings, tables, FileInfo("a.xlsx", "0"), "测试")
    village = VILLAGES[0]
    corrected = [
        row
        for row in tables["village_income"]
        if row["village_code"] == village and row["period"] in ("2015Q4", "2019Q1")
    ]
    for row in corrected:
        row["fiscal_fen"] += 90_000_000
    with store.writing() as connection:
        apply_rows(
            connection, settings, {"village_income": corrected}, FileInfo("b.xlsx", "0"), "测试"
        )
    compare(store, settings, tables)


def test_what_moves_leaves_no_figure_where_it_was(store: Store, settings: Settings) -> None:
    tables = draw(12, settings)
    with store.writing() as connection:
        apply_rows(connection, settings, tables, FileInfo("a.xlsx", "0"), "测试")
    # A village filed under the wrong town, and every household of another village.
    village = next(row for row in tables["unit"] if row["code"] == VILLAGES[0])
    village["parent_code"] = TOWNS[2]
    moved = [row for row in tables["household"] if row["village_code"] == VILLAGES[3]]
    assert moved
    for row in moved:
        row["village_code"] = VILLAGES[4]
    batch: Tables = {"unit": [village], "household": moved}
    with store.writing() as connection:
        apply_rows(connection, settings, batch, FileInfo("b.xlsx", "0"), "测试")
    compare(store, settings, tables)
    # Events stay in the village where they happened: a later batch must still find them.
    late = observations(random.Random(5), settings, "2016Q2")
    late = [row for row in late if row["unit_code"] == VILLAGES[4]]
    told = {(row["unit_code"], row["indicator_code"], row["period"]): row for row in late}
    for row in tables["observation"]:
        told.pop((row["unit_code"], row["indicator_code"], row["period"]), None)
    assert told
    tables["observation"] += told.values()
    with store.writing() as connection:
        apply_rows(
            connection, settings, {"observation": [*told.values()]}, FileInfo("c.xlsx", "0"), "测试"
        )
    compare(store, settings, tables)


def test_years_outside_the_programme_leave_no_row(store: Store, settings: Settings) -> None:
    tables: Tables = {"unit": tree(), "village_income": []}
    first, last = settings.district.first_year, settings.district.last_year
    for period in (f"{first - 2}Q4", f"{first - 1}Q4", f"{last}Q4", f"{last + 1}Q1"):
        row = income(random.Random(1), VILLAGES[0], period)
        tables["village_income"].append(row)
        batch = {"unit": tables["unit"], "village_income": [row]}
        with store.writing() as connection:
            apply_rows(connection, settings, batch, FileInfo(period, "0"), "测试")
        compare(store, settings, tables)
    # A second report beyond the last year: the newest quarter stays, nothing is to be computed.
    row = income(random.Random(2), VILLAGES[1], f"{last + 1}Q1")
    tables["village_income"].append(row)
    with store.writing() as connection:
        apply_rows(connection, settings, {"village_income": [row]}, FileInfo("z", "0"), "测试")
    compare(store, settings, tables)


def test_a_province_is_the_sum_of_what_is_under_its_cities(
    store: Store, settings: Settings
) -> None:
    """Above the district every child is in a shard of its own; both roads go from below."""
    other = "320481"
    places = [
        ("320000", None, "province"),  # sorts before the city: must still be computed after it
        ("320400", "320000", "city"),
        (D, "320400", "district"),
        (other, "320400", "district"),  # a second district, so that a sum is one
        (f"{D}101", D, "town"),
        (f"{other}101", other, "town"),
        (f"{D}101201", f"{D}101", "village"),
        (f"{other}101201", f"{other}101", "village"),
    ]
    units = [
        {"district_code": c[:6], "code": c, "parent_code": p, "level": level, "name": c}
        for c, p, level in places
    ]
    duty = {
        "district_code": "320400",  # the city's own overdue task
        "number": "T1",
        "unit_code": "320400",
        "kind": "责任落实",
        "content": "x",
        "due_month": "2016-01",
        "done_on": None,
    }
    incomes = [
        income(random.Random(n), f"{d}101201", "2016Q1") | {"district_code": d}
        for n, d in enumerate((D, other))
    ]
    batches: list[Tables] = [
        {"unit": units, "task": [duty]},
        {"village_income": incomes[:1]},
        {"village_income": incomes[1:]},
    ]
    for batch in batches:
        with store.writing() as connection:
            apply_rows(connection, settings, batch, FileInfo("a.xlsx", "0"), "测试")
        assert rollup.verify(store, settings) == 0
    found = stored(store)
    total = sum(row[f"{source}_fen"] for row in incomes for source in SOURCES)
    for code in ("320400", "320000"):
        assert found[code, "V03", "2016Q1"]["value"] == total
        assert found[code, "V03", "2016Q1"]["reported"] == 2
        assert found[code, "V03", "2016Q1"]["expected"] == 2
        assert found[code, "G07", "2016Q1"]["value"] == 1
