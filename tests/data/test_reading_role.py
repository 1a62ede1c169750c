"""The role that only reads: what PostgreSQL itself shows it, for whom, and that pages lose nothing.

Every query of the program is asked twice, over the owner's connection and over the reading role's:
the answers are the same for every role that may look, so the second rule repeats the first.
"""

import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from dashboard.cli import main
from dashboard.data import audit, backup, demo, reading_role, schema, units
from dashboard.data.reading_role import CannotGrant
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.settings import Settings

from .test_deny_by_default import ASKED, QUARTER, WAITING, D, arguments, ask, given

TOWN, OTHER_TOWN = "320412104", "320412103"
VIEWERS = {
    "office": Viewer("o", Role.OFFICE, D),
    "leader": Viewer("l", Role.LEADER, D),
    "town": Viewer("t", Role.TOWN, TOWN),
    "department": Viewer("d", Role.DEPARTMENT, D, "区财政局"),
}
_ENGINES = {"_engine", "_state"}
READS = [
    name
    for name in ASKED
    if name.startswith("queries.") or name in ("reviews.standing", "uploads.listing")
]


@dataclass
class Place:
    """A demo district in PostgreSQL, and the name of a role that may read it."""

    store: Store
    role: str
    url: str

    def look(self, viewer: Viewer) -> Store:
        one = self.store.for_a_look()
        one.see(self.store.version, True, viewer.scope)
        return one


@pytest.fixture(scope="module")
def place(
    postgresql: str, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("reading")
    made = connect(f"sqlite:///{folder / 'demo.db'}")
    demo.fill(made, settings, villages=32, households=120)
    audit.record(made, D, "office", "login")
    with made.writing(changes_figures=False) as connection:
        connection.execute(insert(schema.upload), [WAITING])
    backup.backup(made, folder / "backup.db")
    database, role = f"t{uuid.uuid4().hex[:12]}", f"reader_{uuid.uuid4().hex[:8]}"
    admin = create_engine(
        postgresql.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {database}"))
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    url = postgresql.replace("/postgres?", f"/{database}?")
    store = connect(url)
    backup.restore(store, folder / "backup.db")
    reading_role.grant(store, role)
    reading = url.replace("//postgres:", f"//{role}:", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE_READ_URL", reading)
        yield Place(store, role, reading)
    connect(reading).engine.dispose()
    store.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {database} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {role}"))
    admin.dispose()


def rows(place: Place, viewer: Viewer | None) -> dict[str, int]:
    """How many rows of each table a viewer would be shown by SQL of their own."""
    found = {}
    for table in schema.metadata.sorted_tables:
        column = next(c for c in table.columns if c.name != "password_hash")
        statement = select(func.count(column))
        try:
            if viewer is None:
                with connect(place.url).engine.connect() as connection:
                    found[table.name] = connection.scalar(statement) or 0
            else:
                with place.look(viewer).reading() as connection:
                    found[table.name] = connection.scalar(statement) or 0
        except ProgrammingError:
            found[table.name] = -1
    return found


def test_a_connection_that_names_nobody_is_shown_nothing(place: Place) -> None:
    shown = rows(place, None)
    assert shown.pop("login_attempt") == -1, "never read over this role"
    assert shown.pop("store_info") == 2, "the version, and whether it is demo data"
    assert shown.pop("indicator") > 0, "the catalogue: no figures"
    assert set(shown.values()) == {0}


@pytest.mark.parametrize(
    "stranger",
    [
        Viewer("p", Role.PUBLIC, D),
        Viewer("o", Role.OFFICE, "320411"),
        Viewer("t", Role.TOWN, "320411100"),
    ],
    ids=lambda one: f"{one.role} {one.unit_code}",
)
def test_strangers_are_shown_nothing_by_sql_of_their_own(place: Place, stranger: Viewer) -> None:
    shown = rows(place, stranger)
    for name in ("login_attempt", "store_info", "indicator", "bulletin"):
        shown.pop(name)
    if stranger.role is not Role.PUBLIC:
        shown.pop("unit")  # names and places
    assert set(shown.values()) == {0}


def test_a_town_is_shown_no_household_of_another(place: Place) -> None:
    with place.store.reading() as connection:
        everywhere = {
            row.number: row.village_code for row in connection.execute(select(schema.household))
        }
        incomes = connection.execute(select(schema.household_income)).all()
    own = {number for number, village in everywhere.items() if village.startswith(TOWN)}
    assert own and own != set(everywhere)
    with place.look(VIEWERS["town"]).reading() as connection:
        seen = set(connection.scalars(select(schema.household.c.number)))
        money = {row.household for row in connection.execute(select(schema.household_income))}
    assert seen == own
    assert money == {row.household for row in incomes} & own


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("summary", "unit_code"),
        ("observation", "unit_code"),
        ("target", "unit_code"),
        ("village_income", "village_code"),
        ("pairing", "village_code"),
        ("measure", "village_code"),
        ("lifecycle_event", "village_code"),
        ("project", "unit_code"),
        ("fund_flow", "unit_code"),
        ("task", "unit_code"),
        ("inspection", "unit_code"),
    ],
)
def test_a_town_is_shown_no_village_of_another(place: Place, table: str, column: str) -> None:
    code = schema.metadata.tables[table].c[column]
    with place.store.reading() as connection:
        everywhere = {one for one in connection.scalars(select(code)) if len(one) == 12}
    with place.look(VIEWERS["town"]).reading() as connection:
        seen = {one for one in connection.scalars(select(code)) if len(one) == 12}
    assert seen == {one for one in everywhere if one.startswith(TOWN)}
    if table in ("summary", "village_income", "pairing"):
        assert seen and seen != everywhere


def test_who_looks_is_not_forgotten_within_a_look(place: Place) -> None:
    """Publishing sees the version anew, and a press writes: the rest of the run reads as before."""
    one = place.look(VIEWERS["town"])
    one.see(place.store.version, True)
    with one.writing(changes_figures=False):
        pass
    with one.reading() as connection:
        villages = set(connection.scalars(select(schema.household.c.village_code)))
        assert connection.scalar(text("SELECT current_user")) == place.role
    assert villages
    assert all(village.startswith(TOWN) for village in villages)


def test_who_keeps_the_desk_alone_reads_accounts_and_the_trail(place: Place) -> None:
    for who, viewer in VIEWERS.items():
        shown = rows(place, viewer)
        assert (shown["audit_event"] > 0) == (who == "office"), who
        assert (shown["upload"] > 0) == (who in ("office", "town")), who
    with place.look(VIEWERS["office"]).reading() as connection, pytest.raises(ProgrammingError):
        connection.execute(select(schema.account.c.password_hash))


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_it_cannot_write(place: Place, table: Any) -> None:
    first = next(iter(table.columns))
    given_nothing = text(f"INSERT INTO {table.name} DEFAULT VALUES")
    for statement in (given_nothing, update(table).values({first.name: first}), delete(table)):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            place.look(VIEWERS["office"]).reading() as connection,
        ):
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE mine (a int)", "DROP TABLE unit", "ALTER TABLE unit DISABLE ROW LEVEL SECURITY"],
)
def test_it_cannot_change_the_schema(place: Place, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError),
        place.look(VIEWERS["office"]).reading() as connection,
    ):
        connection.execute(text(statement))


def plain(answer: Any) -> str:
    """An answer as text, frames by their values."""
    if isinstance(answer, pd.DataFrame):
        return answer.to_csv(index=False)
    return str(answer)


@pytest.mark.parametrize("who", VIEWERS)
@pytest.mark.parametrize("name", READS)
def test_every_question_has_the_same_answer(
    name: str, who: str, place: Place, settings: Settings
) -> None:
    viewer = VIEWERS[who]
    answers = []
    # The reading role first: what is kept of its answers must serve the owner's connection too.
    for store in (place.look(viewer), place.store):
        asked = arguments(name, given(place.store, settings) | {"store": store})
        if "focus" in asked:
            asked["focus"] = units.focus(store, viewer, viewer.unit_code, QUARTER)
        answers.append(plain(ask(name, viewer, asked)))
        _forget()
    assert answers[0] == answers[1]


def _forget() -> None:
    """What is kept for a version of the store, so that the next answer is read."""
    for module in [m for name, m in sys.modules.items() if name.startswith("dashboard.")]:
        for one in vars(module).values():
            for kept in (one, getattr(one, "answers", None)):
                if type(kept).__name__ == "_lru_cache_wrapper" and kept.__name__ not in _ENGINES:
                    kept.cache_clear()


def test_who_could_do_more_is_refused(place: Place, sqlite_store: Store) -> None:
    with pytest.raises(CannotGrant, match="PostgreSQL"):
        reading_role.grant(sqlite_store, "reader")
    for role, why in (("postgres", "属主"), ("nobody_here", "没有角色"), ("a; DROP", "小写")):
        with pytest.raises(CannotGrant, match=why):
            reading_role.grant(place.store, role)


def test_an_upgrade_grants_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_URL", place.store.url.render_as_string(hide_password=False))
    with place.store.engine.begin() as connection:
        connection.execute(text(f"REVOKE SELECT ON task FROM {place.role}"))  # noqa: S608 (as above)
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 0, done.output
    assert place.role in done.output
    assert rows(place, VIEWERS["leader"])["task"] > 0
