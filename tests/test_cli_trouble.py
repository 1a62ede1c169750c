"""The command line where something stands in its way: one line of reason, exit status 1."""

import errno
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from sqlalchemy import text

from dashboard import cli
from dashboard.data.backup import digest
from dashboard.data.store import MIGRATIONS, Store
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, TOWN, UNITS, book, changed, load_units

ROOT = Path(__file__).parents[1]


@pytest.fixture
def county(
    sqlite_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Store:
    monkeypatch.setenv("STORE_URL", sqlite_store.url.render_as_string(hide_password=False))
    load_units(sqlite_store, settings)
    # What stands in the way of each output: a folder of that name, a file where a folder should be.
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "file").write_text("a file")
    return sqlite_store


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [(None, "运行:python -m dashboard init"), ("of_next_year", "先升级程序")],
)
@pytest.mark.parametrize("asked", [("serve", "--port", "1"), ("rollup",), ("user", "list")])
def test_a_schema_of_another_version(
    county: Store, asked: tuple[str, ...], revision: str | None, sentence: str
) -> None:
    steps = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    with county.engine.begin() as connection:
        connection.execute(
            text("update alembic_version set version_num = :it"), {"it": revision or steps[1]}
        )
    assert sentence in one_reason(run(*asked))


def one_reason(result: Result) -> str:
    """The only line; no traceback, nothing of the program's insides."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    # Beside the label that a progress bar leaves where there is no terminal.
    lines = [line for line in result.stderr.splitlines() if line.strip() not in ("", "备份")]
    assert len(lines) == 1, lines
    assert any("\u4e00" <= letter <= "\u9fff" for letter in lines[0])
    return lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("template", "--unit", TOWN, "--period", "2016Q3", "file/out.xlsx"),
        ("backup", "file/out.db"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_place_that_takes_no_file(
    county: Store, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    *words, out = arguments
    assert "不是可以写入" in one_reason(run(*words, str(tmp_path / out)))


def test_a_backup_over_another_file_is_refused(county: Store, tmp_path: Path) -> None:
    assert "已存在" in one_reason(run("backup", str(tmp_path / "file")))
    assert (tmp_path / "file").read_text() == "a file"


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "磁盘空间不足"), (errno.EROFS, "目录是只读的"), (errno.EACCES, "没有权限")],
)
def test_a_disk_that_refuses(
    county: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    out = tmp_path / "out.xlsx"
    found = one_reason(run("template", "--unit", TOWN, "--period", "2016Q3", str(out)))
    assert said in found
    assert f"{out.name}" in found
    assert not any("out.xlsx" in one.name for one in tmp_path.iterdir()), "no half file"


def test_the_reasons_are_said_where_no_marked_copy_can_be_put(
    county: Store, tmp_path: Path
) -> None:
    bad = tmp_path / "甲镇.xlsx"
    bad.write_bytes(book({"村集体收入": changed(INCOME, 2, "经营收入", "约12")}))
    result = run("import", "--marked", str(tmp_path / "file" / "below"), str(bad))
    assert result.exit_code == 1
    assert "应为数字" in result.stderr
    assert "副本" not in result.stderr


def test_a_store_that_is_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"something else " * 1000)
    monkeypatch.setenv("STORE_URL", f"sqlite:///{path}")
    one_reason(run("init"))
    one_reason(run("check"))


def test_interrupted_in_the_middle_nothing_is_stored(county: Store, tmp_path: Path) -> None:
    """Ctrl-C while another writer holds the store: the import waits in its transaction's begin."""
    path = tmp_path / "甲镇.xlsx"
    path.write_bytes(book({"村集体收入": INCOME, "单位": UNITS}))
    before = digest(county)
    with county.writing(changes_figures=False):
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "import", str(path)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            # Who starts the tests in the background has Ctrl-C ignored, for their children too.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        assert process.stderr is not None
        # The bar's label: from here on the command is at work, and soon waits for the store.
        assert "导入" in process.stderr.readline()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    said = process.stderr.read()
    assert process.wait(60) == 1, said
    assert "已中断" in said
    assert "Traceback" not in said
    assert digest(county) == before
