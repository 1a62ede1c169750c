"""No function of data/ tells anything to nobody, to the public, or to somebody from elsewhere.

The functions are found by looking, so that a new one cannot be forgotten: whatever reads the store
takes a viewer, or stands below with the reason why it takes none.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, insert, select

import dashboard.data
import dashboard.data.queries
from dashboard.data import audit, demo, schema, units, uploads
from dashboard.data.bulletins import BulletinError
from dashboard.data.ingest.problems import ImportRefused
from dashboard.data.reviews import Action
from dashboard.data.store import Store, connect
from dashboard.data.uploads import UploadError
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.authenticity.findings import Finding, Row
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D, QUARTER = "320412", Period(2017, 2)
OFFICE = Viewer("office", Role.OFFICE, D)

WITHOUT_VIEWER: Mapping[str, str] = {
    "accounts": "the gate itself, and the command line; the desk's own part asks for the office",
    "attempts": "the gate itself: counts wrong passwords",
    "audit": "writes what was done; read by queries.desk, which takes the viewer",
    "backup": "the command line, on the machine itself",
    "bulk": "writes what its caller hands it",
    "bulletins.published": "what has been published is public",
    "bulletins.verify": "hashes only; the command line",
    "catalogue.sync": "writes config/ into the store",
    "census": "read by queries.households, which takes the viewer and hides small cells",
    "contributions": "read by queries.lineage, which takes the viewer",
    "evidence": "read by queries.authenticity, which takes the viewer",
    "reading_role": "the command line: what the role that reads is shown",
    "origins": "read by queries.lineage and queries.ledgers, which take the viewer",
    "history": "read by past, and by queries.changes, which takes the viewer",
    "past": "a store that queries read as any other: they take the viewer; components.as_of asks "
    "before it is put together",
    "queries.conduct.of_district": "read by standing, doubts and returns, which take the viewer",
    "queries.households.hide": "finds small cells, and tells them to nobody",
    "registers": "read by the rollup",
    "revised": "read by evidence",
    "deadline": "ends the waiting for a connection; reads nothing",
    "distribution": "lays out tables; the command line",
    "rollup": "writes the summary",
    "sessions": "the gate itself: a cookie, whether its session is open",
    "store": "the store's own marks",
    "submissions.note": "within an import",
    "submissions.record_return": "within send_back and within an import",
    "units.lineage_kept": "read by units.focus, which takes the viewer",
    "units.names_under": "read by queries.standing, which takes the viewer",
    "units.lineage_of": "read by units.focus, which takes the viewer",
    "queries.villages.read": "read by queries.places, which takes the viewer",
    "versioned.source": "which version of the store answers",
}
WAITING = {
    "district_code": D,
    "id": "waiting",
    "unit_code": "320412104",
    "file_name": "甲.xlsx",
    "content": b"what a town has sent",
    "sheets": {},
    "uploaded_at": datetime(2017, 7, 1, tzinfo=UTC),
    "uploaded_by": "town",
    "status": uploads.WAITING,
}
AT_YEAR_END = {"queries.authenticity.suspected", "queries.doubts.doubts"}
"""Asked about the quarter in which the demo has something to find."""
NOBODIES = {
    "nobody": None,
    "the public": Viewer("p", Role.PUBLIC, D),
    "another district": Viewer("l", Role.LEADER, "320411"),
    "another district's office": Viewer("o", Role.OFFICE, "320411"),
    "another district's town": Viewer("t", Role.TOWN, "320411100"),
    "a department elsewhere": Viewer("d", Role.DEPARTMENT, "320411", "区财政局"),
}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions of dashboard.data and its queries that are given a store or a connection."""
    for package in (dashboard.data, dashboard.data.queries):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if found.ispkg:
                continue
            module = importlib.import_module(found.name)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                is_own = function.__module__ == module.__name__ and not name.startswith("_")
                if is_own and {"store", "connection"} & set(inspect.signature(function).parameters):
                    yield f"{found.name.removeprefix('dashboard.data.')}.{name}", function


FUNCTIONS = dict(functions())
OPEN = {name for name, f in FUNCTIONS.items() if "viewer" not in inspect.signature(f).parameters}
ASKED = sorted(set(FUNCTIONS) - OPEN)


def test_what_takes_no_viewer_is_known_and_why() -> None:
    assert len(ASKED) >= 50
    reasons = {
        name: next((r for r in (name, name.split(".")[0]) if r in WITHOUT_VIEWER), None)
        for name in OPEN
    }
    assert not [name for name, reason in reasons.items() if reason is None]
    assert set(reasons.values()) == set(WITHOUT_VIEWER), "a reason for nothing"


@pytest.fixture(scope="module")
def demo_store(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('deny')}/demo.db")
    demo.fill(store, settings, villages=48, households=200)
    audit.record(store, D, "office", "login")
    with store.writing(changes_figures=False) as connection:
        connection.execute(insert(schema.upload), [WAITING])
    return store


@pytest.fixture(scope="module")
def everything(demo_store: Store, settings: Settings) -> dict[str, Any]:
    return given(demo_store, settings)


def given(demo_store: Store, settings: Settings) -> dict[str, Any]:
    """Arguments by their names, as the office would give them."""
    focus = units.focus(demo_store, OFFICE, D, QUARTER)
    policy = settings.policy
    with demo_store.reading() as connection:
        village = connection.scalar(
            select(schema.village_income.c.village_code).where(
                schema.village_income.c.period == str(QUARTER)
            )
        )
    row = Row("village_income", str(village), str(QUARTER), "年累计收入", 1)
    return {
        "rows": (row,),
        "finding": Finding("peers", "与其他镇不符", (), QUARTER, 1.0, None, "核实。", (row,)),
        "action": Action.CLOSED,
        "store": demo_store,
        "focus": focus,
        "settings": settings,
        "policy": policy,
        "rules": policy.funds,
        "catalogue": settings.catalogue,
        "indicators": list(settings.catalogue.by_code),
        "indicator": "V01",
        "since": Period(2016, 1),
        "unit": focus.unit,
        "unit_code": D,
        "code": D,
        "period": QUARTER,
        "periods": [QUARTER],
        "quarters": [QUARTER],
        "ask": lambda _store, _reach: [row],
        "codes": [D],
        "due_days": 10,
        "due_on": date(2017, 1, 1),
        "until": datetime(2030, 1, 1, tzinfo=UTC),
        "moment": datetime(2016, 10, 12, tzinfo=UTC),
        "at": datetime(2017, 1, 1, tzinfo=UTC),
        "cut_off": datetime(2017, 1, 1, tzinfo=UTC),
        "table": "village_income",
        "reason": "核实",
        "kind": "情况通报",
        "signatory": "办公室",
        "write": lambda _given: "{}",
        "upload_id": "waiting",
        "name": "甲.xlsx",
        "content": b"",
        "statement": select(schema.unit.c.code, schema.unit.c.name),
    }


def arguments(name: str, everything: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, parameter in inspect.signature(FUNCTIONS[name]).parameters.items():
        if key == "viewer":
            continue
        if key == "focus" and name in AT_YEAR_END:
            found[key] = everything[key].at(Period(2016, 4))
        elif key == "since" and parameter.annotation is datetime:
            found[key] = datetime(2000, 1, 1, tzinfo=UTC)
        elif parameter.default is inspect.Parameter.empty or key in ("due_on",):
            assert key in everything, f"{name}: say in this test what {key} is"
            found[key] = everything[key]
    return found


def ask(name: str, viewer: Viewer | None, asked: Mapping[str, Any]) -> Any:
    """Called by place, as the program does: what keeps answers takes no names."""
    called = inspect.signature(FUNCTIONS[name]).bind(viewer=viewer, **asked)
    return FUNCTIONS[name](*called.args, **called.kwargs)


def told(answer: Any) -> bool:
    """Whether an answer says anything."""
    if isinstance(answer, pd.DataFrame):
        return len(answer) > 0
    if is_dataclass(answer) and not isinstance(answer, type):
        return any(told(getattr(answer, one.name)) for one in fields(answer))
    if isinstance(answer, list | tuple | set | frozenset):
        return any(map(told, answer)) or (bool(answer) and not any(map(_is_container, answer)))
    if isinstance(answer, Mapping):
        return any(map(told, answer.values())) or bool(answer)
    return bool(answer)


def _is_container(one: Any) -> bool:
    return isinstance(one, list | tuple | set | dict | pd.DataFrame)


def rows(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in schema.metadata.sorted_tables
        }


@pytest.mark.parametrize("who", NOBODIES)
@pytest.mark.parametrize("name", ASKED)
def test_nothing_is_told_to_who_may_not_see(
    name: str, who: str, everything: dict[str, Any]
) -> None:
    before = rows(everything["store"])
    try:
        answer = ask(name, NOBODIES[who], arguments(name, everything))
    except (NotAllowed, BulletinError, UploadError, ImportRefused):
        answer = None
    assert not told(answer), f"{name} tells {who}"
    assert rows(everything["store"]) == before, f"{name} lets {who} write"


TOLD = [name for name in ASKED if name.startswith("queries.")]
NOTHING_DUE = {"queries.attention.changed_villages", "queries.returns.of_children"}
"""What a demo district may have none of in this quarter."""
OF_VILLAGE = {
    "queries.villages.history": select(schema.village_income.c.village_code),
    "queries.registers.timeline": select(schema.lifecycle_event.c.subject).where(
        schema.lifecycle_event.c.subject_type == "village"
    ),
    "queries.registers.pairings": select(schema.pairing.c.subject).where(
        schema.pairing.c.subject_type == "village"
    ),
    "queries.registers.projects": select(schema.project.c.unit_code),
}
"""What is asked of a village, and where one that has some is found."""
OF_THE_YEARS_END = {"queries.authenticity.suspected", "queries.doubts.doubts"}
"""What there is when villages are let out of the list."""


@pytest.mark.parametrize("name", [name for name in TOLD if name not in NOTHING_DUE])
def test_the_office_is_told(name: str, everything: dict[str, Any]) -> None:
    """Else the silence above would prove nothing."""
    asked = arguments(name, everything)
    if name in OF_VILLAGE:
        store = everything["store"]
        with store.reading() as connection:
            code = connection.scalar(OF_VILLAGE[name].limit(1))
        asked["focus"] = units.focus(store, OFFICE, str(code), QUARTER)
    if name in OF_THE_YEARS_END:
        asked["focus"] = units.focus(everything["store"], OFFICE, D, Period(2016, 4))
    assert told(ask(name, OFFICE, asked))


def test_the_office_reads_what_waits(everything: dict[str, Any]) -> None:
    assert uploads.content(everything["store"], OFFICE, "waiting")[1] == WAITING["content"]
