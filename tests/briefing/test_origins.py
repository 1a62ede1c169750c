"""Where a bulletin's figures came from: told in its workbook, frozen with it, and breaking no
chain of what was published before there was such a thing."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from dashboard.briefing import issues
from dashboard.briefing.build import numbered
from dashboard.briefing.content import canonical, from_json
from dashboard.briefing.origins import with_origins
from dashboard.briefing.render import FORMATS
from dashboard.data import bulletins, units
from dashboard.data.bulletins import Numbered
from dashboard.data.queries import lineage
from dashboard.data.store import Store
from dashboard.figures import in_unit
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import CHINA_TIME, Period
from dashboard.settings import Settings

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
FIRST, SECOND = datetime(2017, 4, 20, tzinfo=UTC), datetime(2017, 7, 20, tzinfo=UTC)


def test_an_issue_of_before_and_one_of_now_are_one_chain(
    own_store: Store, settings: Settings
) -> None:
    before = units.focus(own_store, OFFICE, D, Period(2017, 1))
    made = issues.standing(own_store, OFFICE, before, settings, now=FIRST).today

    def write(given: Numbered) -> str:
        """As issues were written before they told where their figures came from."""
        issue = numbered(made, given.year, given.number, FIRST.astimezone(CHINA_TIME).date())
        told = canonical(issue)
        assert '"origins"' not in told and '"definitions"' not in told
        return told

    old = bulletins.publish(
        own_store,
        OFFICE,
        D,
        before.period,
        write,
        kind=made.kind,
        signatory="办公室",
        cut_off=FIRST,
        now=FIRST,
    )
    now = before.at(Period(2017, 2))
    new = issues.publish(own_store, OFFICE, now, settings, now=SECOND)
    assert bulletins.verify(own_store, D) == []
    assert new.previous_sha256 == old.sha256
    assert canonical(from_json(old.content)) == old.content, "an old issue stays as it was written"
    assert not from_json(old.content).origins
    told = from_json(new.content)
    assert canonical(told) == new.content
    assert told.origins and told.definitions
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(from_json(old.content))))
    assert sheet["数据来源"].max_column == 5


@pytest.mark.parametrize("level", ["district", "town"])
def test_each_figure_by_its_cell_and_its_files(
    level: str, demo_store: Store, settings: Settings
) -> None:
    focus = units.focus(demo_store, OFFICE, D, Period(2017, 2))
    if level == "town":
        focus = units.focus(demo_store, OFFICE, f"{D}104", focus.period)
    draft = issues.standing(demo_store, OFFICE, focus, settings, now=SECOND).today
    made = with_origins(demo_store, OFFICE, focus, settings, draft)
    known = lineage.sources(demo_store, OFFICE, focus, settings, list(settings.catalogue.by_code))
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(made)))
    heads, *rows = list(book["数据来源"].iter_rows(values_only=True))
    placed = 0
    for used, row in zip(made.figures, rows, strict=True):
        told = dict(zip(heads, row, strict=True))
        entry = settings.catalogue.by_code.get(used.indicator)
        if entry is None:
            continue
        assert told["公式"] == entry.formula
        assert told["条款"] == f"武发〔2016〕68号 {entry.clause}"
        assert told["责任部门"] == entry.department
        source = known.get((used.unit_code, used.indicator))
        if used.measure == "value" and source is not None and used.value:
            assert told["工作簿行数"] == source.span.rows
            assert (told["来源文件"] or "").split("、")[0] == source.span.files[0]
        if "!" in (told["所在单元格"] or ""):
            sheet, _, cell = told["所在单元格"].partition("!")
            shown = book[sheet][cell].value
            if used.measure in ("value", "target"):
                assert shown == pytest.approx(in_unit(used.value, entry)), told
                placed += 1
    assert placed >= (100 if level == "district" else 20)
