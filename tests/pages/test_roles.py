"""docs/roles.md, cell by cell: what it says of a role is so, on the screen and in the data."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.data import reviews, schema, submissions, units, uploads
from dashboard.data import store as stores
from dashboard.data.bulletins import publish
from dashboard.data.ingest import importer
from dashboard.data.ingest.undo import undo
from dashboard.data.queries import authenticity, desk, households, progress, standing
from dashboard.data.reviews import Action
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.authenticity.findings import Finding, Row
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.conftest import fresh_database
from tests.data.ingest.books import INCOME, TOWN, UNITS, book

from .conftest import ENTRY, ROOT, OpenPage, words

ROLES = {
    "领导小组": Role.LEADER,
    "扶贫办": Role.OFFICE,
    "镇(街道)": Role.TOWN,
    "帮扶单位": Role.DEPARTMENT,
    "未登录": None,
}
DEMO_TOWN, DEMO_OTHER, QUARTER = "320412104", "320412103", Period(2017, 2)
_TEXT = (Path(__file__).parents[2] / "docs" / "roles.md").read_text(encoding="utf-8")


def table(heading: str) -> list[dict[str, str]]:
    """The table under a heading of docs/roles.md: a row a dictionary, by its heads."""
    part = _TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|") and not re.fullmatch(r"[|\s-]+", line)
    ]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def cells(heading: str, first: str) -> Iterator[tuple[str, str, str]]:
    """(what, role, what the table says)."""
    for row in table(heading):
        for name in ROLES:
            if name in row:
                yield row[first], name, row[name]


PAGES = list(cells("页面和行", "地址"))
COLUMNS = list(cells("列", "内容"))
ACTIONS = list(cells("操作", "操作"))


def test_the_tables_leave_nothing_out() -> None:
    from dashboard import app  # noqa: PLC0415 (assembles all pages; only their list is wanted)

    listed = {address.strip("/") for address, _, _ in PAGES}
    assert listed == {path for path, *_ in app._PAGES} | {"public"}
    assert {role for _, role, _ in PAGES} == set(ROLES)
    assert {what for what, _, _ in ACTIONS} == set(DONE)
    assert {what for what, _, _ in COLUMNS} == set(SHOWN)


def nobody(store: Store, path: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("STORE_URL", store.url.render_as_string(hide_password=False))
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app._page_hash = calc_hash(path) if path else ""
    return app.run()


@pytest.mark.parametrize(("address", "who", "says"), PAGES)
def test_a_page(
    address: str,
    who: str,
    says: str,
    told_store: Store,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, role = address.strip("/"), ROLES[who]
    if role is None:
        app = nobody(told_store, path, monkeypatch)
        assert not app.exception
        assert (says == "公开") == (not app.text_input), "a login form, or what is public"
        return
    own = DEMO_TOWN if role is Role.TOWN else ROOT
    app = open_page(told_store, path, role, own, period=str(QUARTER))
    assert not app.exception
    refused = "只供" in words(app) or "无权" in words(app)
    assert refused == (says == "—"), words(app)[:200]
    if says == "本镇":
        other = open_page(told_store, path, role, own, unit=DEMO_OTHER, period=str(QUARTER))
        assert "无权查看" in words(other)
        assert not other.dataframe and not other.metric


def viewer(who: str, town: str = DEMO_TOWN) -> Viewer | None:
    role = ROLES[who]
    if role is None:
        return None
    organisation = "区财政局" if role is Role.DEPARTMENT else None
    return Viewer("x", role, town if role is Role.TOWN else ROOT, organisation)


def _cases(store: Store, who: Viewer, settings: Settings) -> bool:
    found = households.look(store, who, units.focus(store, who, who.unit_code, QUARTER), settings)
    assert found is not None
    assert found.total.households, "else nothing is proved"
    return bool(found.cases)


def _small(store: Store, who: Viewer, _settings: Settings) -> bool:
    focus = units.focus(store, who, who.unit_code, QUARTER)
    return not households.breakdown(store, who, focus)["hidden"].any()


def _few(store: Store, who: Viewer, _settings: Settings) -> bool:
    top = units.focus(store, who, who.unit_code, Period(2016, 4))
    towns = [top.unit] if who.role is Role.TOWN else units.children(store, who, top)
    within = [units.focus(store, who, town.code, top.period) for town in towns]
    shown = [{row["source"] for row in progress.of_children(store, who, at)} for at in within]
    assert any("register" in sources for sources in shown), "else nothing is proved"
    return not any("withheld" in sources for sources in shown)


def _places(store: Store, who: Viewer, settings: Settings) -> bool:
    return bool(_standing(store, who, settings).board.places)


def _reasons(store: Store, who: Viewer, settings: Settings) -> bool:
    found = _standing(store, who, settings)
    return len({figure.unit for figure in found.figures}) > 1


def _standing(store: Store, who: Viewer, settings: Settings) -> standing.Standing:
    office = Viewer("o", Role.OFFICE, ROOT)
    focus = units.focus(store, office, ROOT, QUARTER)
    return standing.of_children(store, who, focus, settings, Period(2017, 1))


def _leads(store: Store, who: Viewer, settings: Settings) -> bool:
    focus = units.focus(store, who, who.unit_code, QUARTER)
    return authenticity.look(store, who, focus, settings) is not None


def _trail(store: Store, who: Viewer, _settings: Settings) -> bool:
    since, until = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    return len(desk.trail(store, who, since, until)) > 0


def _waiting(store: Store, who: Viewer, _settings: Settings) -> bool:
    return bool(uploads.listing(store, who))


SHOWN: dict[str, Callable[[Store, Viewer, Settings], bool]] = {
    "农户名单(脱敏编号)": _cases,
    "少于5户的格子": _small,
    "少于5户的单位的农户收入指标": _few,
    "各镇的名次和得分": _places,
    "别的镇得分的构成": _reasons,
    "核查线索": _leads,
    "操作日志": _trail,
    "待审文件": _waiting,
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told_store(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A demo district with small cells, a note in the trail and a file that waits; on each
    database."""
    if request.param == "sqlite":
        yield told(
            stores.connect(f"sqlite:///{tmp_path_factory.mktemp('roles')}/demo.db"), settings
        )
        return
    with fresh_database(request.getfixturevalue("postgresql")) as url:
        yield told(stores.connect(url), settings)


def told(store: Store, settings: Settings) -> Store:
    from dashboard.data import audit, demo  # noqa: PLC0415 (for this fixture alone)

    demo.fill(store, settings, seed=1, villages=32, households=200)
    audit.record(store, ROOT, "office", "login")
    _wait(store, DEMO_TOWN)
    return store


@pytest.mark.parametrize(("what", "who", "says"), COLUMNS)
def test_what_is_shown(
    what: str, who: str, says: str, told_store: Store, settings: Settings
) -> None:
    one = viewer(who)
    assert one is not None
    assert SHOWN[what](told_store, one, settings) == (says in ("有", "可见"))


def _wait(store: Store, town: str, name: str = "waiting") -> None:
    row = {
        "district_code": ROOT,
        "id": name,
        "unit_code": town,
        "file_name": "甲.xlsx",
        "content": book({"村集体收入": INCOME}),
        "sheets": {},
        "uploaded_at": datetime(2017, 7, 1, tzinfo=UTC),
        "uploaded_by": "town",
        "status": uploads.WAITING,
    }
    with store.writing(changes_figures=False) as connection:
        connection.execute(insert(schema.upload), [row])


def _submit(store: Store, who: Viewer | None, settings: Settings) -> None:
    uploads.submit(store, settings, who, "甲.xlsx", book({"村集体收入": INCOME}))


def _approve(store: Store, who: Viewer | None, settings: Settings) -> None:
    _wait(store, TOWN)
    uploads.approve(store, settings, who, "waiting")


def _withdraw(store: Store, who: Viewer | None, _settings: Settings) -> None:
    _wait(store, TOWN)
    uploads.withdraw(store, who, "waiting")


def _undo(store: Store, who: Viewer | None, settings: Settings) -> None:
    importer.import_files(store, settings, [("收入.xlsx", book({"村集体收入": INCOME}))], "测试")
    with store.reading() as connection:
        batch = connection.scalar(
            select(schema.import_batch.c.id).where(schema.import_batch.c.file_name == "收入.xlsx")
        )
    undo(store, settings, who, str(batch))


def _send_back(store: Store, who: Viewer | None, settings: Settings) -> None:
    importer.import_files(store, settings, [("收入.xlsx", book({"村集体收入": INCOME}))], "测试")
    at = datetime(2016, 10, 20, tzinfo=UTC)
    submissions.send_back(store, who, TOWN, Period(2016, 3), "village_income", "核实", at)


def _decide(store: Store, who: Viewer | None, _settings: Settings) -> None:
    focus = units.focus(store, Viewer("o", Role.OFFICE, ROOT), ROOT, Period(2016, 3))
    row = Row("village_income", f"{TOWN}201", "2016Q3", "年累计收入", 1)
    finding = Finding("peers", "与其他镇不符", (), focus.period, 1.0, None, "核实。", (row,))
    reviews.decide(store, who, focus, finding, Action.CLOSED, "已核实")


def _publish(store: Store, who: Viewer | None, _settings: Settings) -> None:
    cut_off = datetime(2016, 10, 20, tzinfo=UTC)
    publish(
        store,
        who,
        ROOT,
        Period(2016, 3),
        lambda _numbered: "{}",
        kind="情况通报",
        signatory="办公室",
        cut_off=cut_off,
    )


DONE: dict[str, Callable[[Store, Viewer | None, Settings], None]] = {
    "上报文件(待审)": _submit,
    "审核上报的文件": _approve,
    "撤回自己上报的文件": _withdraw,
    "撤销一批导入": _undo,
    "退回填报数据": _send_back,
    "处理核查线索": _decide,
    "发布通报": _publish,
}


@pytest.mark.parametrize(("what", "who", "says"), ACTIONS)
def test_what_is_done(what: str, who: str, says: str, store: Store, settings: Settings) -> None:
    """On both databases, past every page: the data layer itself lets or refuses."""
    importer.import_files(store, settings, [("单位.xlsx", book({"单位": UNITS}))], "测试")
    one: Any = viewer(who, TOWN)
    if says == "能":
        DONE[what](store, one, settings)
        return
    with pytest.raises(NotAllowed):
        DONE[what](store, one, settings)
