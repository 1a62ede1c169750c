"""The bulletin from the store: every figure is the rollup's; what is missing is left out."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dashboard.briefing import build
from dashboard.briefing.content import Bulletin, Kind, Paragraph, Table, canonical, from_json
from dashboard.briefing.differences import differences
from dashboard.data import bulletins, demo, rollup, units
from dashboard.data.bulletins import Numbered
from dashboard.data.ingest import importer
from dashboard.data.schema import summary, village_income
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import ConfigError, Settings
from tests.data.ingest.books import TOWN, UNITS, VILLAGES, book

ROOT, DEMO_TOWN = "320412", "320412104"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
NOW = Period(2017, 2)


@pytest.fixture(scope="module")
def filled(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('briefing')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    return store


def draft(
    store: Store,
    settings: Settings,
    code: str = ROOT,
    period: Period = NOW,
    kind: Kind = Kind.BULLETIN,
) -> Bulletin:
    return build.draft(store, OFFICE, units.focus(store, OFFICE, code, period), settings, kind)


def texts(issue: Bulletin) -> str:
    found = [issue.title, issue.opening]
    for section in issue.sections:
        found += [section.heading, section.message]
    for block in issue.blocks():
        if isinstance(block, Paragraph):
            found.append(block.text)
    return "\n".join(found)


@pytest.mark.parametrize("code", [ROOT, DEMO_TOWN])
@pytest.mark.parametrize("period", [Period(2016, 1), Period(2016, 4), NOW, Period(2017, 3)])
def test_every_figure_is_the_rollups(
    code: str, period: Period, filled: Store, settings: Settings
) -> None:
    issue = draft(filled, settings, code, period)
    with filled.reading() as connection:
        rows = {
            (row.unit_code, row.indicator_code): row
            for row in connection.execute(select(summary).where(summary.c.period == str(period)))
        }
    assert len(issue.figures) > 40
    for figure in issue.figures:
        stored = getattr(rows[figure.unit_code, figure.indicator], figure.measure)
        assert int(stored) == figure.value, figure


@pytest.mark.parametrize("kind", [Kind.BULLETIN, Kind.CASES])
@pytest.mark.parametrize("code", [ROOT, DEMO_TOWN])
@pytest.mark.parametrize("period", [Period(2016, 1), NOW, Period(2017, 3), Period(2019, 1)])
def test_nothing_is_filled_in_for_what_is_missing(
    kind: Kind, code: str, period: Period, filled: Store, settings: Settings
) -> None:
    issue = draft(filled, settings, code, period, kind)
    said = canonical(issue)
    assert not re.search(r"\bnan\b|None|NaN|Undefined|\{\{|<NA>", texts(issue))
    assert "NaN" not in said
    assert from_json(said) == issue
    assert "经济薄弱村" not in said


def test_the_sections_and_attachments_of_a_districts_bulletin(
    filled: Store, settings: Settings
) -> None:
    issue = draft(filled, settings)
    assert issue.title == "关于2017年第二季度全区扶贫开发工作进展情况的通报"
    assert [section.heading for section in issue.sections] == [
        "总体进展",
        "各镇(街道)完成情况",
        "经济一般村和低收入农户",
        "资金和项目",
        "存在问题",
        "下一步工作要求",
    ]
    titles = [attachment.title for attachment in issue.attachments]
    assert titles == ["目标任务分解完成情况表", "排名表", "未达标村名单"]
    first = issue.attachments[0]
    assert first.landscape
    assert len(first.table.rows) == 17
    assert first.table.rows[0][0].text == "武进区合计"
    assert issue.is_demo and issue.is_draft


def test_the_numbers_of_a_table_are_those_of_its_texts(filled: Store, settings: Settings) -> None:
    issue = draft(filled, settings)
    tables = [block for block in issue.blocks() if isinstance(block, Table)]
    tables += [attachment.table for attachment in issue.attachments]
    seen = 0
    for table in tables:
        for row in table.rows:
            assert len(row) == len(table.columns)
            for cell in row:
                if cell.number is not None:
                    seen += 1
                    digits = cell.text.replace(",", "").removesuffix("%")
                    scale = 100 if cell.text.endswith("%") else 1
                    places = len(digits.partition(".")[2])
                    assert float(digits) == pytest.approx(
                        cell.number * scale, abs=0.51 * 10**-places
                    ), cell
    assert seen > 200


def test_a_towns_bulletin_is_about_its_villages(filled: Store, settings: Settings) -> None:
    issue = draft(filled, settings, DEMO_TOWN)
    assert "全镇" in issue.title
    assert "各村完成情况" in [section.heading for section in issue.sections]
    assert {figure.unit_code[:9] for figure in issue.figures} == {DEMO_TOWN}


INCOMES = ["年度", "季度", "村代码", "经营收入", "发包租赁收入", "投资分红收入"]
INCOMES += ["财政补助收入", "生态补偿收入", "捐赠收入", "其他收入"]


def small(store: Store, settings: Settings, amounts: list[str]) -> Store:
    """Villages with incomes in the fourth quarter of 2016 and nothing else."""
    rows: list[list[object]] = [list(INCOMES)]
    for village, amount in zip(VILLAGES, amounts, strict=False):
        rows.append([2016, 4, village, amount, 0, 0, 0, 0, 0, 0])
    files = [("a.xlsx", book({"单位": UNITS})), ("b.xlsx", book({"村集体收入": rows}))]
    importer.import_files(store, settings, files, "测试")
    return store


def test_sentences_without_figures_are_left_out_and_listed(
    sqlite_store: Store, settings: Settings
) -> None:
    store = small(sqlite_store, settings, ["150", "149.9999"])
    issue = draft(store, settings, TOWN[:6], Period(2016, 4))
    said = texts(issue)
    assert "专项资金拨付率" not in said
    assert "专项资金拨付率" in "".join(one.missing for one in issue.omitted)
    villages = issue.attachments[-1].table
    amounts = {row[1].text: row[2].text for row in villages.rows}
    # Exactly on the line is not over it; below it is never shown as on it.
    assert "150.00" in amounts.values()
    assert "149.9999" in amounts.values()


def test_a_wording_of_the_offices_own_and_a_broken_one(
    filled: Store, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(settings.folder, folder)
    own = replace(settings, folder=folder)
    path = folder / "bulletin" / "bulletin.j2"
    heads = path.read_text(encoding="utf-8").split("\n## ")[0] + "\n"

    def written(body: str) -> Bulletin:
        path.write_text(heads + body, encoding="utf-8")
        return draft(filled, own)

    issue = written("## 一节\n要点: 要点在此\n共{{ 值('H01') }}。\n# 空标题\n{{ 值('H04') }}\n")
    (section,) = issue.sections
    assert section.message == "要点在此"
    assert [block.kind for block in section.blocks] == ["paragraph"], "the empty heading is gone"
    number = heads.count("\n") + 2
    for body, why in (
        ("## 一节\n{{ 值( }}\n", f"第{number}行有误"),
        ("## 一节\n{{ 没有的 }}\n", f"第{number}行有误"),
        ("## 一节\n[图:没有]\n", "没有名为“图:没有”的图表"),
        ("## 一节\n{{ ''.__class__.__mro__ }}\n", f"第{number}行有误"),
    ):
        with pytest.raises(ConfigError, match=re.escape(why)):
            written(body)
    path.write_text("标题: 只有标题\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="缺少“主送:”一行"):
        draft(filled, own)


def test_who_may_not_see_the_unit_gets_no_figures(filled: Store, settings: Settings) -> None:
    focus = units.focus(filled, OFFICE, ROOT, NOW)
    for viewer in (None, Viewer("p", Role.PUBLIC, ROOT), Viewer("t", Role.TOWN, "320412103")):
        issue = build.draft(filled, viewer, focus, settings)
        assert issue.figures == ()
        assert not issue.attachments or all(a.title == "排名表" for a in issue.attachments)


def test_published_stays_and_the_difference_is_listed(
    sqlite_store: Store, settings: Settings
) -> None:
    store = small(sqlite_store, settings, ["160", "140"])
    district, period = TOWN[:6], Period(2016, 4)
    made = draft(store, settings, district, period)
    office = Viewer("office", Role.OFFICE, district)

    def write(given: Numbered) -> str:
        return canonical(build.numbered(made, given.year, given.number, date(2017, 1, 12)))

    bulletins.publish(
        store,
        office,
        district,
        period,
        write,
        signatory="区扶贫办",
        cut_off=datetime(2017, 1, 10, tzinfo=UTC),
        now=datetime(2017, 1, 12, tzinfo=UTC),
    )
    with store.writing() as connection:
        connection.execute(
            update(village_income)
            .where(village_income.c.village_code == VILLAGES[1])
            .values(operating_fen=151_000_000)
        )
    rollup.rebuild(store, settings)
    (kept,) = bulletins.of(store, office, district, period)
    published, today = from_json(kept.content), draft(store, settings, district, period)
    assert published.document_number == "武扶组办〔2017〕1号"
    assert published.sections == made.sections
    found = {
        d.then.indicator: (d.then.text, d.now.text if d.now else None)
        for d in differences(published, today)
        if d.then.unit_code == district
    }
    assert found["V03"] == ("300.00", "311.00")
    assert found["V01"] == ("1", "2")
    assert differences(published, published) == []
