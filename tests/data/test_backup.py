"""The whole store in one file and back, on and between both databases."""

import sqlite3
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from dashboard import cli
from dashboard.briefing import issues
from dashboard.data import accounts, bulletins, demo, rollup, schema, units
from dashboard.data.backup import BackupError, backup, digest, restore
from dashboard.data.ingest import importer
from dashboard.data.ingest.sheets import INCOME_HEADS
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.data.ingest.books import book

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)


@pytest.fixture(scope="session")
def source(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Demo data, accounts, the trail and a published bulletin: rows in nearly every table."""
    store = connect(f"sqlite:///{tmp_path_factory.mktemp('backup')}/source.db")
    demo.fill(store, settings, villages=16, households=40)
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT)
    focus = units.focus(store, OFFICE, ROOT, Period(2016, 3))
    issues.publish(store, OFFICE, focus, settings)
    return store


@pytest.fixture
def file(source: Store, tmp_path: Path) -> Path:
    path = tmp_path / "备份.db"
    backup(source, path)
    return path


def test_what_comes_back_is_what_was_there(
    source: Store, file: Path, store: Store, settings: Settings
) -> None:
    assert restore(store, file) == digest(source)
    assert digest(store) != {}
    ours, theirs = digest(store), digest(source)
    # Writing has raised the version of the store that was written to.
    assert ours.pop("store_info").rows == theirs.pop("store_info").rows
    assert ours == theirs
    assert rollup.verify(store, settings) == 0
    assert bulletins.verify(store, ROOT) == []


def test_from_one_database_to_the_other_and_back(
    source: Store, file: Path, postgresql_url: str, tmp_path: Path
) -> None:
    there = connect(postgresql_url)
    restore(there, file)
    second = tmp_path / "again.db"
    backup(there, second)
    back = connect(f"sqlite:///{tmp_path / 'back.db'}")
    restore(back, second)
    ours, theirs = digest(back), digest(source)
    ours.pop("store_info"), theirs.pop("store_info")
    assert ours == theirs


def test_a_backup_is_one_state_while_others_write(
    source: Store, file: Path, store: Store, tmp_path: Path
) -> None:
    """A writer moves 1 fen back and forth between villages: the sum is the same in any state."""
    restore(store, file)
    with store.reading() as connection:
        keys = connection.execute(
            select(schema.village_income.c.village_code, schema.village_income.c.period).limit(2)
        ).all()
        whole = connection.scalar(text("SELECT sum(other_fen) FROM village_income"))
    over = threading.Event()

    def move() -> None:
        step = 1
        while not over.is_set():
            with store.writing() as connection:
                for (village, period), change in zip(keys, (step, -step), strict=True):
                    connection.execute(
                        text(
                            "UPDATE village_income SET other_fen = other_fen + :change "
                            "WHERE district_code = :d AND village_code = :v AND period = :p"
                        ),
                        {"change": change, "d": ROOT, "v": village, "p": period},
                    )
            step = -step
            over.wait(0.002)

    writer = threading.Thread(target=move)
    writer.start()
    try:
        for number in range(3):
            path = tmp_path / f"{number}.db"
            backup(store, path)
            with sqlite3.connect(path) as made:
                [found] = made.execute("SELECT sum(other_fen) FROM village_income").fetchone()
            assert found == whole
    finally:
        over.set()
        writer.join()


def test_a_backup_during_an_import_is_the_state_before_or_after(
    source: Store, file: Path, store: Store, settings: Settings, tmp_path: Path
) -> None:
    restore(store, file)
    touched = ("village_income", "summary", "observation_revision", "import_batch", "submission")
    with store.reading() as connection:
        table = schema.village_income
        newest = Period.parse(connection.scalar(select(func.max(table.c.period))))
        rows = connection.execute(select(table).where(table.c.period == str(newest))).all()
    heads = ["年度", "季度", "村代码", *INCOME_HEADS.values()]
    told = [
        [
            newest.year,
            newest.quarter,
            row.village_code,
            *(row._mapping[f"{s}_fen"] / 1e6 + 1 for s in INCOME_HEADS),
        ]
        for row in rows
    ]
    workbook = ("收入.xlsx", book({"村集体收入": [heads, *told]}))
    before = digest(store)
    writer = threading.Thread(
        target=importer.import_files, args=(store, settings, [workbook], "测试")
    )
    writer.start()
    made = []
    while writer.is_alive() or len(made) < 2:
        made.append(backup(store, tmp_path / f"during-{len(made)}.db"))
    writer.join()
    after = digest(store)
    assert all(before[name] != after[name] for name in ("village_income", "import_batch"))
    states = [{name: one[name] for name in touched} for one in (before, after)]
    assert all({name: one[name] for name in touched} in states for one in made)


def test_only_into_an_empty_store_and_only_from_a_whole_file(
    file: Path, sqlite_store: Store, source: Store, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="已存在"):
        backup(source, file)
    with pytest.raises(BackupError, match="只能恢复到空数据库"):
        restore(connect(source.url.render_as_string()), file)
    plain = tmp_path / "x.db"
    plain.write_bytes(b"no database at all" * 100)
    with pytest.raises(BackupError, match="不是本系统的备份"):
        restore(sqlite_store, plain)
    with pytest.raises(BackupError, match="没有文件"):
        restore(sqlite_store, tmp_path / "none.db")
    before = digest(sqlite_store)
    with sqlite3.connect(file) as made:
        made.execute("UPDATE village_income SET other_fen = other_fen + 1")
    with pytest.raises(BackupError, match="village_income与备份时不一致"):
        restore(sqlite_store, file)
    with sqlite3.connect(file) as made:
        made.execute("UPDATE backup_manifest SET revision = '0001'")
    with pytest.raises(BackupError, match="版本是0001"):
        restore(sqlite_store, file)
    after = digest(sqlite_store)
    assert after == before, "nothing was restored"


def test_on_the_command_line(
    source: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = str(tmp_path / "b.db"), f"sqlite:///{tmp_path / 'new.db'}"
    monkeypatch.setenv("STORE_URL", source.url.render_as_string())
    done = CliRunner().invoke(cli.main, ["backup", path])
    assert (done.exit_code, "已备份到" in done.output) == (0, True)
    monkeypatch.setenv("STORE_URL", made)
    done = CliRunner().invoke(cli.main, ["restore", path])
    assert (done.exit_code, "逐表核对一致" in done.output) == (0, True)
    again = CliRunner().invoke(cli.main, ["restore", path])
    assert (again.exit_code, "只能恢复到空数据库" in again.output) == (1, True)
