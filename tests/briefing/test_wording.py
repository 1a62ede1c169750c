"""The office's wording: what it may say, and what is said of it when it is broken."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.briefing.build import FOLDER, draft
from dashboard.briefing.content import Bulletin, Chart, Paragraph, Table
from dashboard.data import units
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import ConfigError, Settings

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
HEADS = "标题:甲\n主送:乙\n抄送:丙\n印发:丁\n署名:戊\n引言:己\n"
FIRST = HEADS.count("\n") + 1
"""Number of the first line after the heads."""


class Office:
    """An office that writes its own wording."""

    def __init__(self, store: Store, settings: Settings, folder: Path) -> None:
        shutil.copytree(settings.folder, folder)
        self._store, self._settings = store, replace(settings, folder=folder)
        self._path = folder / FOLDER / "bulletin.j2"

    def writes(self, body: str, heads: str = HEADS, period: str = "2016Q3") -> Bulletin:
        self._path.write_text(heads + body, encoding="utf-8")
        focus = units.focus(self._store, OFFICE, D, Period.parse(period))
        return draft(self._store, OFFICE, focus, self._settings)


@pytest.fixture
def office(demo_store: Store, settings: Settings, tmp_path: Path) -> Office:
    return Office(demo_store, settings, tmp_path / "config")


def test_lines_are_sentences_and_empty_lines_end_paragraphs(office: Office) -> None:
    made = office.writes(
        "## 节\n要点:一句话\n第一句。\n{# 说明 #}\n第二句。\n\n另一段。\n# 小标题\n末段。\n"
    )
    [section] = made.sections
    assert (section.heading, section.message) == ("节", "一句话")
    said = [(b.level, b.text) for b in section.blocks if isinstance(b, Paragraph)]
    assert said == [(0, "第一句。第二句。"), (0, "另一段。"), (2, "小标题"), (0, "末段。")]


def test_colons_may_be_full_width_and_remarks_long(office: Office) -> None:
    made = office.writes(
        "{# 一行\n\n## 不是标题\n#}\n## 节\n要点\uff1a话\n句。\n",
        heads=HEADS.replace(":", "\uff1a"),
    )
    assert made.title == "甲"
    assert made.sections[0].message == "话"


def test_a_section_whose_sentences_are_all_left_out_is_not_there(office: Office) -> None:
    made = office.writes("## 甲\n# 空\n{{ 值('H04') }}\n## 乙\n句。\n# 也空\n{{ 值('H04') }}\n")
    [section] = made.sections
    assert section.heading == "乙"
    assert [b.text for b in section.blocks if isinstance(b, Paragraph)] == ["句。"]
    assert [left.sentence for left in made.omitted] == ["…", "…"], "no template is shown"


def test_the_first_message_that_can_be_written_is_taken(office: Office) -> None:
    made = office.writes("## 节\n要点:{{ 值('H04') }}\n要点:其次\n要点:再次\n句。\n")
    assert made.sections[0].message == "其次"
    assert office.writes("## 节\n要点:{{ 值('H04') }}\n句。\n").sections[0].message == "节"


def test_tables_charts_and_loops(office: Office) -> None:
    made = office.writes(
        "## 节\n[表:排名]\n[图:V02]\n[每个:滞后指标]\n{{ 名(指标) }};\n[完]\n句。\n[图:H01]\n"
    )
    kinds = [type(block) for block in made.sections[0].blocks]
    assert kinds == [Table, Chart, Paragraph, Chart]
    [said] = [block.text for block in made.blocks() if isinstance(block, Paragraph)]
    assert said.endswith(";句。")


BROKEN = [
    ("## 节\n{{ 值( }}\n", 1, "写法有误"),
    ("## 节\n{% if 1 %}没有结束\n", 1, "写法有误"),
    ("## 节\n句。\n{{ 没有的 }}\n", 2, "没有这一项"),
    ("## 节\n{{ 值('V99') }}\n", 1, "指标目录中没有V99"),
    ("## 节\n{{ 合计('没有的') }}\n", 1, "没有“没有的”这一合计"),
    ("## 节\n{{ 1 / 0 }}\n", 1, "写法有误"),
    ("## 节\n{{ 值('V01', 2, 3) }}\n", 1, "写法有误"),
    ("## 节\n{{ ''.__class__.__mro__ }}\n", 1, "不允许的写法"),
    ("## 节\n[图:没有]\n", 1, "没有名为“没有”的图"),
    ("## 节\n[每个:没有]\n句。\n[完]\n", 1, "没有“没有”可以逐个说"),
    ("## 节\n[每个:滞后指标]\n句。\n", 1, "缺少[完]"),
    ("## 节\n句。\n[完]\n", 2, "多了一个[完]"),
    ("附注:庚\n## 节\n句。\n", 0, "只能写"),
]


@pytest.mark.parametrize(("body", "line", "why"), BROKEN, ids=lambda value: str(value)[:20])
def test_a_broken_wording_names_file_and_line(
    office: Office, body: str, line: int, why: str
) -> None:
    place = f"通报文字 bulletin.j2 第{FIRST + line}行"
    with pytest.raises(ConfigError, match=f"{re.escape(place)}.*{re.escape(why)}"):
        office.writes(body)


def test_a_wording_that_lacks_a_part_or_asks_for_none_there_is(office: Office) -> None:
    with pytest.raises(ConfigError, match="缺少“主送:”一行"):
        office.writes("", heads="标题:甲\n")
    with pytest.raises(ConfigError, match="没有“名单”"):
        office.writes("附件:名单\n## 节\n句。\n")
    with pytest.raises(ConfigError, match="指标目录中没有V99"):
        office.writes("附件:分解表 V99\n## 节\n句。\n")


def test_a_wording_that_cannot_be_read(
    demo_store: Store, settings: Settings, tmp_path: Path
) -> None:
    office = Office(demo_store, settings, tmp_path / "config")
    path = tmp_path / "config" / FOLDER / "bulletin.j2"
    path.write_bytes("标题:甲".encode("gb18030"))
    focus = units.focus(demo_store, OFFICE, D, Period(2016, 3))
    with pytest.raises(ConfigError, match="不是UTF-8编码"):
        draft(demo_store, OFFICE, focus, office._settings)
    path.unlink()
    with pytest.raises(ConfigError, match="缺少通报文字"):
        draft(demo_store, OFFICE, focus, office._settings)


@pytest.mark.parametrize("name", ["bulletin.j2", "cases.j2"])
def test_the_wording_keeps_to_the_policys_words(settings: Settings, name: str) -> None:
    said = (settings.folder / FOLDER / name).read_text(encoding="utf-8")
    assert "经济薄弱村" not in said
