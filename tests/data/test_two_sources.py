"""Village accounts and audited statistics beside what was reported."""

import pytest
from sqlalchemy import select

from dashboard.data import rollup, schema, units
from dashboard.data.backup import digest
from dashboard.data.frames import records
from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.ingest.undo import undo
from dashboard.data.queries import side_by_side
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import (
    INCOME,
    INCOME_HEADS,
    OTHER_TOWN,
    TOWN,
    VILLAGES,
    book,
    load_units,
)

ROOT, Q3 = "320412", Period(2016, 3)
OFFICE = Viewer("o", Role.OFFICE, ROOT)
HEADS = [*INCOME_HEADS[:3], "数据来源", *INCOME_HEADS[3:]]
OTHERS = [
    HEADS,
    [2016, 3, VILLAGES[0], "村账", 100, 20, 5, 10, 5, 0, 0],
    [2016, 3, VILLAGES[0], "统计审核", 100, 20, 5, 10, 5, 0, 1.5],
    [2016, 3, VILLAGES[1], "村账", 40, 12.34, 0, 8, 2, 0, 0],
]
WAN = 1_000_000


def given(store: Store, settings: Settings, name: str, rows: object) -> str:
    content = book({name: rows})  # type: ignore[dict-item]
    done = importer.import_files(store, settings, [(f"{name}.xlsx", content)], "测试")
    [(_, applied)] = done.applied
    return str(applied.batch_id)


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    load_units(store, settings)
    given(store, settings, "村集体收入", INCOME)
    given(store, settings, "村集体收入核对", OTHERS)
    return store


def look(store: Store, viewer: Viewer | None, unit: str) -> list[tuple[object, ...]]:
    focus = units.focus(store, OFFICE, unit, Q3)
    rows = records(side_by_side.incomes(store, viewer, focus))
    return [(r["village"], r["told"], r["村账"], r["统计审核"]) for r in rows]


def test_both_stand_beside_what_was_reported(filled: Store) -> None:
    one = (VILLAGES[0], 141.5 * WAN, 140 * WAN, 141.5 * WAN)
    two = (VILLAGES[1], 82.34 * WAN, 62.34 * WAN, None)
    assert look(filled, OFFICE, ROOT) == look(filled, OFFICE, TOWN) == [one, two]
    assert look(filled, OFFICE, VILLAGES[1]) == [two]
    assert look(filled, OFFICE, OTHER_TOWN) == []


def test_a_village_that_did_not_report_is_there_all_the_same(
    store: Store, settings: Settings
) -> None:
    load_units(store, settings)
    given(store, settings, "村集体收入核对", OTHERS)
    assert look(store, OFFICE, ROOT)[0][:2] == (VILLAGES[0], None)


def test_no_figure_is_counted_from_another_source(filled: Store, settings: Settings) -> None:
    before = digest(filled)["summary"]
    changed = [HEADS, [2016, 3, VILLAGES[0], "村账", 1, 1, 1, 1, 1, 1, 1]]
    batch = given(filled, settings, "村集体收入核对", changed)
    assert digest(filled)["summary"] == before
    assert look(filled, OFFICE, ROOT)[0][2] == 7 * WAN
    assert rollup.verify(filled, settings) == 0
    with filled.reading() as connection:
        [old] = connection.execute(
            select(schema.observation_revision).where(
                schema.observation_revision.c.table_name == "village_income_check"
            )
        ).all()
    assert old.replaced_by == batch
    undo(filled, settings, OFFICE, batch)
    assert look(filled, OFFICE, ROOT)[0][2] == 140 * WAN


def test_each_sees_its_own(filled: Store) -> None:
    assert look(filled, Viewer("t", Role.TOWN, TOWN), TOWN)
    assert look(filled, Viewer("t", Role.TOWN, OTHER_TOWN), TOWN) == []
    assert look(filled, Viewer("t", Role.TOWN, TOWN), ROOT) == []
    assert look(filled, Viewer("p", Role.PUBLIC, ROOT), ROOT) == look(filled, None, ROOT) == []


BAD = {
    "the town is no other source": ("镇报", "应为"),
    "no source": (None, "没有填写"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_source_that_is_none_is_refused(case: str, store: Store, settings: Settings) -> None:
    load_units(store, settings)
    source, said = BAD[case]
    rows = [HEADS, [2016, 3, VILLAGES[0], source, 1, 1, 1, 1, 1, 1, 1]]
    with pytest.raises(ImportRefused) as refusal:
        given(store, settings, "村集体收入核对", rows)
    assert any(said in p.sentence and p.head == "数据来源" for p in refusal.value.problems)


def test_one_source_says_one_thing_of_a_quarter(store: Store, settings: Settings) -> None:
    load_units(store, settings)
    with pytest.raises(ImportRefused, match="重复"):
        given(store, settings, "村集体收入核对", [*OTHERS, OTHERS[1]])
