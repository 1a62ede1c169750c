"""A city on two PostgreSQL servers: one district's tables on each, joined by postgres_fdw.

The store is moved there by backup and restore, and pages and imports are the same as on one SQLite
file. What stands on the other server is asked of it; the programme does not know.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, column, create_engine, select, table, text

from benchmarks import stores
from dashboard.app import _PAGES
from dashboard.data import accounts, backup, schema
from dashboard.data.ingest import importer
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests import postgresql
from tests.city import CITY, THERE, of_two_districts
from tests.faults.workbooks import incomes

from .conftest import ROOT, OpenPage, words

pytestmark = pytest.mark.skipif(
    postgresql.BINARIES is None, reason="PostgreSQL is not installed (make test installs it)"
)

Look = Callable[[Store, str, str], str]
SPREAD = [t for t in schema.metadata.sorted_tables if t.info["placement"] == "distributed"]
PATHS = [path for path, *_ in _PAGES if path not in ("help", "admin")]


def _administered(server: postgresql.Server) -> Iterator[Connection]:
    engine = create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _split(here: postgresql.Server, there: postgresql.Server) -> None:
    """Every distributed table of `here` becomes a part beside the one that lies `there`.

    Parts keep their own keys: PostgreSQL allows none over parts on other servers.
    """
    for connection in _administered(here):
        connection.execute(text("CREATE EXTENSION postgres_fdw"))
        connection.execute(
            text(
                "CREATE SERVER beside FOREIGN DATA WRAPPER postgres_fdw OPTIONS "
                f"(host '127.0.0.1', port '{there.port}', dbname 'postgres')"
            )
        )
        connection.execute(
            text(
                "CREATE USER MAPPING FOR CURRENT_USER SERVER beside "
                f"OPTIONS (user '{postgresql.OWNER}')"
            )
        )
        for name in (one.name for one in SPREAD):
            for statement in (
                f"ALTER TABLE {name} RENAME TO {name}_here",
                f"CREATE TABLE {name} (LIKE {name}_here INCLUDING DEFAULTS)"
                " PARTITION BY LIST (district_code)",
                f"ALTER TABLE {name} ATTACH PARTITION {name}_here"
                f" FOR VALUES IN ('{ROOT}', '{CITY}')",
                f"CREATE FOREIGN TABLE {name}_there PARTITION OF {name}"
                f" FOR VALUES IN ('{THERE}') SERVER beside OPTIONS (table_name '{name}')",
            ):
                connection.execute(text(statement))


@pytest.fixture
def look(open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """`look(store, path, unit)`: what a leader of the city is shown."""
    monkeypatch.setenv("DASHBOARD_CONFIG", str(stores.config_for(CITY, tmp_path / "config")))

    def shown(store: Store, path: str, unit: str) -> str:
        app = open_page(store, path, Role.LEADER, CITY, CITY, unit=unit, period="2016Q3")
        while "正在排版" in words(app):
            app.run()
        assert not app.exception
        assert "您的账号" not in words(app)
        frames = [frame.value.to_string() for frame in app.dataframe]
        metrics = [f"{metric.label} {metric.value} {metric.delta}" for metric in app.metric]
        return "\n".join([words(app), *metrics, *frames])

    return shown


@pytest.fixture(scope="module")
def one_file(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The city on SQLite: two districts, alike but for their codes, and the city above them."""
    return of_two_districts(f"sqlite:///{tmp_path_factory.mktemp('city')}/city.db", settings)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[postgresql.Server, postgresql.Server]]:
    with postgresql.folders("a", "b") as folders:
        for folder in folders:
            postgresql.new_cluster(folder)
        both = tuple(postgresql.Server(folder) for folder in folders)
        for server in both:
            server.start()
        yield both
        for server in both:
            server.stop()


@pytest.fixture(scope="module")
def two_servers(
    servers: tuple[postgresql.Server, postgresql.Server],
    one_file: Store,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Store]:
    here, there = servers
    for server in servers:
        store = connect(server.url())
        store.migrate()
        store.engine.dispose()
    _split(here, there)
    file = tmp_path_factory.mktemp("moved") / "city.backup"
    backup.backup(one_file, file)
    for connection in _administered(there):
        _copy_indicators(one_file, connection)
    store = connect(here.url())
    backup.restore(store, file)
    yield store
    store.engine.dispose()


def _copy_indicators(source: Store, target: Connection) -> None:
    """A reference table is copied to every server."""
    with source.reading() as connection:
        rows = connection.execute(schema.indicator.select()).mappings().all()
    target.execute(schema.indicator.delete())
    target.execute(schema.indicator.insert(), [dict(row) for row in rows])


def test_each_district_lies_on_its_own_server(
    servers: tuple[postgresql.Server, postgresql.Server], two_servers: Store
) -> None:
    for server, expected in zip(servers, ({ROOT, CITY}, {THERE}), strict=True):
        for connection in _administered(server):
            for name in ("unit", "summary", "village_income", "household"):
                part = f"{name}_here" if server is servers[0] else name
                own = table(part, column("district_code"))
                found = set(connection.scalars(select(own.c.district_code).distinct()))
                assert found == (expected if name in ("unit", "summary") else expected - {CITY})


def test_what_was_moved_is_the_same(one_file: Store, two_servers: Store, tmp_path: Path) -> None:
    before = backup.backup(one_file, tmp_path / "one")
    after = backup.backup(two_servers, tmp_path / "two")
    changing = {"store_info"}
    assert {n: d for n, d in before.items() if n not in changing} == {
        n: d for n, d in after.items() if n not in changing
    }


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_the_same(path: str, one_file: Store, two_servers: Store, look: Look) -> None:
    for unit in (THERE, f"{THERE}104", CITY):
        one, two = (look(store, path, unit) for store in (one_file, two_servers))
        assert one == two
        # A city is told on some pages to choose a district, and no more.
        assert len(one) > (80 if unit == CITY else 100)


def test_an_import_reaches_both_servers(
    settings: Settings,
    servers: tuple[postgresql.Server, postgresql.Server],
    one_file: Store,
    two_servers: Store,
    look: Look,
) -> None:
    towns = (f"{ROOT}104", f"{THERE}104")
    for town in towns:
        file = (f"{town}.xlsx", incomes(one_file, town, Period(2016, 3), 3))
        for store in (one_file, two_servers):
            [(_, done)] = importer.import_files(store, settings, [file], "测试").applied
            assert done.batch_id is not None
    with two_servers.reading() as connection:
        batches = connection.execute(
            text("SELECT district_code FROM import_batch WHERE imported_by = '测试'")
        ).scalars()
        assert sorted(batches) == [ROOT, THERE]
    for unit in (*towns, CITY):
        one, two = (look(store, "targets", unit) for store in (one_file, two_servers))
        assert one == two


def test_a_refused_import_leaves_nothing_on_either(
    settings: Settings, one_file: Store, two_servers: Store, tmp_path: Path
) -> None:
    before = backup.backup(two_servers, tmp_path / "before")
    with pytest.raises(importer.ImportRefused):
        importer.import_files(two_servers, settings, [("村集体收入.csv", b"\xff\xfe")], "测试")

    def stop(_connection: Connection) -> None:
        raise RuntimeError("on the way")

    files = [
        (f"{town}.xlsx", incomes(one_file, town, Period(2016, 2), 4))
        for town in (f"{ROOT}106", f"{THERE}106")
    ]
    with pytest.raises(RuntimeError):
        importer.import_files(two_servers, settings, files, "测试", within=stop)
    assert backup.backup(two_servers, tmp_path / "after") == before
    assert accounts.find(two_servers, ROOT, "nobody") is None
