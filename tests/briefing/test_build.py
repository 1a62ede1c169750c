"""What a bulletin says, held against the rollup itself and against what is not there."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from dashboard.briefing import facts
from dashboard.briefing.build import compose, draft
from dashboard.briefing.content import Bulletin, Chart, Kind, Paragraph, Table, canonical, from_json
from dashboard.briefing.facts import NothingToTell
from dashboard.data import rollup, units
from dashboard.data.ingest import importer
from dashboard.data.schema import summary, unit, village_income
from dashboard.data.store import Store
from dashboard.figures import DOUBT
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.faults.workbooks import incomes

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
NOW = datetime(2016, 10, 12, tzinfo=UTC)


def town(store: Store) -> str:
    with store.reading() as connection:
        return str(
            connection.scalar(
                select(unit.c.code).where(unit.c.level == "town").order_by(unit.c.code).offset(4)
            )
        )


def built(
    store: Store,
    settings: Settings,
    code: str = D,
    period: str = "2016Q3",
    kind: Kind = Kind.BULLETIN,
) -> Bulletin:
    focus = units.focus(store, OFFICE, code, Period.parse(period))
    return draft(store, OFFICE, focus, settings, kind, NOW)


def texts(bulletin: Bulletin) -> str:
    return "\n".join(b.text for b in bulletin.blocks() if isinstance(b, Paragraph))


def everything(bulletin: Bulletin) -> str:
    """All that is read, without what was left out."""
    return canonical(bulletin.model_copy(update={"omitted": (), "figures": ()}))


def tables(bulletin: Bulletin) -> list[Table]:
    inside = [block for block in bulletin.blocks() if isinstance(block, Table)]
    return inside + [attachment.table for attachment in bulletin.attachments]


CASES = [
    # unit ("" for a town), quarter, kind
    (D, "2016Q3", Kind.BULLETIN),
    (D, "2016Q4", Kind.BULLETIN),  # yearly figures are there
    (D, "2017Q1", Kind.BULLETIN),  # cumulative figures begin anew
    ("", "2016Q3", Kind.BULLETIN),
    (D, "2016Q3", Kind.CASES),
    ("", "2016Q4", Kind.CASES),
]


@pytest.mark.parametrize(("code", "period", "kind"), CASES)
def test_every_figure_of_an_indicator_is_that_of_the_rollup(
    demo_store: Store, settings: Settings, code: str, period: str, kind: Kind
) -> None:
    bulletin = built(demo_store, settings, code or town(demo_store), period, kind)
    checked = 0
    with demo_store.reading() as connection:
        for used in bulletin.figures:
            indicator, _, of = used.indicator.partition("@")
            if indicator not in settings.catalogue.by_code:
                continue
            column = summary.c[used.measure]
            kept = connection.scalar(
                select(column).where(
                    summary.c.district_code == D,
                    summary.c.unit_code == used.unit_code,
                    summary.c.indicator_code == indicator,
                    summary.c.period == (of or period),
                )
            )
            assert kept is not None, used
            assert round(kept) == used.value, used
            checked += 1
    assert checked > (20 if kind is Kind.BULLETIN else 5)


def test_every_amount_in_text_tables_and_charts_is_noted(
    demo_store: Store, settings: Settings
) -> None:
    """What is read in the tables of units and in the charts is among the figures."""
    bulletin = built(demo_store, settings)
    noted = {used.text for used in bulletin.figures}
    decomposition, ranking, villages = (a.table for a in bulletin.attachments)
    shown = [row[i].text for row in decomposition.rows for i in range(1, 16) if i % 3]
    shown += [row[2].text for row in ranking.rows]
    shown += [row[i].text for row in villages.rows for i in (2, 4)]
    for block in bulletin.blocks():
        if isinstance(block, Chart):
            shown += [text for series in block.series for text in series.texts]
    missing = {text.removesuffix("*") for text in shown} - noted - {"—", "未填报"}
    assert not missing
    for sentence in re.findall(r"([\d,.]+)万元,完成年度目标([\d,.]+)万元", texts(bulletin)):
        assert noted >= set(sentence)


@pytest.mark.parametrize("period", ["2015Q4", "2016Q1", "2016Q3", "2017Q2", "2017Q4", "2020Q4"])
@pytest.mark.parametrize("kind", [Kind.BULLETIN, Kind.CASES])
def test_no_quarter_says_nothing_for_something(
    demo_store: Store, settings: Settings, period: str, kind: Kind
) -> None:
    bulletin = built(demo_store, settings, period=period, kind=kind)
    said = everything(bulletin)
    for wrong in ("nan", "None", "NaT", "<NA>", "经济薄弱村", "{{", "未完成硬任务"):
        assert wrong not in said, wrong
    assert from_json(canonical(bulletin)) == bulletin


def test_the_sections_are_those_of_the_office(demo_store: Store, settings: Settings) -> None:
    bulletin = built(demo_store, settings)
    assert [section.heading for section in bulletin.sections] == [
        "总体进展",
        "各镇(街道)完成情况",
        "经济一般村和低收入农户",
        "资金和项目",
        "存在问题",
        "下一步工作要求",
    ]
    assert bulletin.title == "关于2016年第三季度全区扶贫开发工作进展情况的通报"
    assert [a.title for a in bulletin.attachments] == [
        "目标任务分解完成情况表",
        "综合得分排名表",
        "未达标村名单",
    ]
    assert bulletin.attachments[0].landscape
    assert bulletin.is_draft
    assert bulletin.is_demo
    assert bulletin.cut_off == NOW


def test_a_town_has_its_own_with_its_villages(demo_store: Store, settings: Settings) -> None:
    code = town(demo_store)
    bulletin = built(demo_store, settings, code)
    assert bulletin.sections[1].heading == "各村完成情况"
    assert bulletin.unit_name in bulletin.title
    assert {used.unit_code[:9] for used in bulletin.figures} == {code}


def test_a_quarter_that_nobody_has_reported_for_has_nothing_to_tell(
    demo_store: Store, settings: Settings
) -> None:
    bulletin = built(demo_store, settings, period="2019Q1")
    assert (bulletin.sections, bulletin.attachments, bulletin.figures) == ((), (), ())
    assert [left.missing for left in bulletin.omitted] == ["武进区2019年第一季度的填报数据"]


def test_a_village_has_none_and_a_stranger_gets_none(demo_store: Store, settings: Settings) -> None:
    code = town(demo_store)
    focus = units.focus(demo_store, OFFICE, code, Period(2016, 3))
    village = units.children(demo_store, OFFICE, focus)[0].code
    with pytest.raises(NothingToTell, match="是村"):
        built(demo_store, settings, village)
    other = Viewer("town", Role.TOWN, f"{D}999")
    for stranger in (None, other, Viewer("p", Role.PUBLIC, D)):
        with pytest.raises(NotAllowed):
            draft(demo_store, stranger, focus, settings)


def test_a_sentence_without_its_figure_is_left_out_and_named(
    demo_store: Store, settings: Settings
) -> None:
    """Income a head is told at the year's end: in the third quarter its sentence is not written."""
    third, fourth = (built(demo_store, settings, period=p) for p in ("2016Q3", "2016Q4"))
    assert "低收入农户年人均可支配收入" not in texts(third)
    assert any(
        "低收入农户年人均可支配收入(按年填报)" in left.missing
        and left.sentence.startswith("低收入农户年人均可支配收入…")
        for left in third.omitted
    )
    assert re.search(r"低收入农户年人均可支配收入[\d,.]+元", texts(fourth))
    assert not any("可支配收入(按年填报)" in left.missing for left in fourth.omitted)


def test_the_village_on_the_line_is_listed_and_is_not_shown_as_over_it(
    own_store: Store, settings: Settings
) -> None:
    """Exactly 150 is not above 150; one fen below is not shown as 150.00."""
    with own_store.writing() as connection:
        rows = connection.execute(
            select(village_income.c.village_code)
            .where(village_income.c.period == "2016Q3")
            .order_by(village_income.c.village_code)
            .limit(3)
        )
        codes = [row.village_code for row in rows]
        sources = [c.name for c in village_income.c if c.name.endswith("_fen")]
        for code, fen in zip(codes, (150_000_000, 149_999_999, 150_000_001), strict=True):
            connection.execute(
                village_income.update()
                .where(village_income.c.village_code == code, village_income.c.period == "2016Q3")
                .values({**dict.fromkeys(sources, 0), "operating_fen": fen})
            )
    rollup.rebuild(own_store, settings)
    bulletin = built(own_store, settings)
    with own_store.reading() as connection:
        names = {row.code: row.name for row in connection.execute(select(unit.c.code, unit.c.name))}
    listed = {row[1].text: row for row in bulletin.attachments[2].table.rows}
    # A figure may wait to be checked as well: then the mark stands behind it.
    told = {
        code: [cell.text.removesuffix(DOUBT) for cell in listed[names[code]][2:4]]
        for code in codes[:2]
    }
    assert told[codes[0]] == ["150.00", "0.00"]
    assert told[codes[1]] == ["149.999999", "0.000001"]
    assert names[codes[2]] not in listed
    said = texts(bulletin).replace(DOUBT, "")
    assert "另有1个村恰为150万元,既未达标,也不是经济一般村。" in said


def test_parts_add_up_as_they_are_read(demo_store: Store, settings: Settings) -> None:
    bulletin = built(demo_store, settings)
    shares = re.search(
        r"自有收入占([\d.]+)%、转移收入占([\d.]+)%、捐赠和其他收入占([\d.]+)%", texts(bulletin)
    )
    assert shares is not None
    assert sum(round(float(share) * 10) for share in shares.groups()) == 1000
    [money] = [table for table in tables(bulletin) if "资金" in table.title]
    for column in (1, 2, 3):
        whole, *parts = [
            round(float(row[column].text.replace(",", "")) * 100) for row in money.rows
        ]
        assert sum(parts) == whole


def test_numbers_and_texts_of_a_cell_say_the_same(demo_store: Store, settings: Settings) -> None:
    told = 0
    for table in tables(built(demo_store, settings)):
        for row in table.rows:
            for cell in row:
                shown = cell.text.replace(",", "").removesuffix("*")
                if cell.number is None or not re.fullmatch(r"[+-]?[\d.]+%?", shown):
                    continue
                percent = shown.endswith("%")
                value = float(shown.removesuffix("%")) / (100 if percent else 1)
                decimals = len(shown.removesuffix("%").partition(".")[2]) + 2 * percent
                # 99.97 % is shown as 99.9 %: a step of the last place is the most.
                assert abs(value - cell.number) <= 10**-decimals, cell
                told += 1
    assert told > 100


def test_a_change_during_reading_is_not_half_told(
    own_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import between two queries makes the whole be read anew."""
    rounds = []
    read = facts.places.villages

    def in_the_midst(*given: object) -> object:
        rounds.append(1)
        if len(rounds) == 1:
            with own_store.writing():
                pass
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(facts.places, "villages", in_the_midst)
    built(own_store, settings)
    assert len(rounds) == 2


def test_reads_do_not_grow_with_the_store(demo_store: Store, settings: Settings) -> None:
    statements: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    focus = units.focus(demo_store, OFFICE, D, Period(2016, 3))
    event.listen(demo_store.engine, "before_cursor_execute", count)
    try:
        draft(demo_store, OFFICE, focus, settings)
    finally:
        event.remove(demo_store.engine, "before_cursor_execute", count)
    assert len([s for s in statements if s.startswith("SELECT")]) <= 16


def test_a_draft_is_kept_and_says_when_its_figures_were_read(
    demo_store: Store, settings: Settings, tmp_path: Path
) -> None:
    """Kept for the same figures in the same wording: another hour, a wording changed since."""
    folder = tmp_path / "config"
    shutil.copytree(settings.folder, folder)
    own = replace(settings, folder=folder)
    focus = units.focus(demo_store, OFFICE, D, Period(2016, 3))
    known = facts.gather(demo_store, OFFICE, focus, own)
    hours = [datetime(2017, 7, 10, hour, tzinfo=UTC) for hour in (1, 2)]
    first, second = (compose(known, Kind.BULLETIN, hour) for hour in hours)
    assert [first.cut_off, second.cut_off] == hours
    assert second.model_copy(update={"cut_off": hours[0]}) == first
    assert first == draft(demo_store, OFFICE, focus, own, now=hours[0])

    wording = folder / "bulletin" / "bulletin.j2"
    words = wording.read_text(encoding="utf-8")
    wording.write_text(words.replace("标题:", "标题:(试行)", 1), encoding="utf-8")
    assert compose(known, Kind.BULLETIN, hours[0]).title.startswith("(试行)")


def test_an_import_in_the_midst_is_in_all_of_it_or_in_none(
    own_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for a page, which keeps what it has asked of the version that it began with."""
    look = own_store.for_a_look()
    look.see(look.version, is_demo=True, scope=OFFICE.scope)
    focus = units.focus(look, OFFICE, D, Period(2016, 3))
    ask, late = facts.attention.changed_villages, []

    def changed(*given: Any) -> Any:
        if not late:
            late.append(incomes(own_store, town(own_store), focus.period, 11))
            importer.import_files(own_store, settings, [("迟到.xlsx", late[0])], "测试")
        return ask(*given)

    monkeypatch.setattr(facts.attention, "changed_villages", changed)
    found = facts.gather(look, OFFICE, focus, settings)
    total = found.own["V03"].value
    assert total == sum(child.now["V03"].value or 0 for child in found.children)
    assert total == facts.gather(own_store, OFFICE, focus, settings).own["V03"].value
    assert found.course[focus.period]["V03"].value == total
    assert late
