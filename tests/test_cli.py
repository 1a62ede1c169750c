"""The command line: what it answers, in Chinese, with which exit status."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dashboard import cli
from dashboard.data.store import Store
from dashboard.settings import Settings
from tests.data.ingest.books import INCOME, TOWN, book, everything, load_units
from tests.data.ingest.test_broken import BROKEN, Broken

ROOT = Path(__file__).parents[1]


@pytest.fixture
def url(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    address = sqlite_store.url.render_as_string(hide_password=False)
    monkeypatch.setenv("STORE_URL", address)
    return address


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), input=typed)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.kind)
def test_a_broken_file_is_refused_with_its_sentence(
    url: str, sqlite_store: Store, settings: Settings, tmp_path: Path, broken: Broken
) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    path = tmp_path / broken.file
    path.write_bytes(broken.content())
    result = run("import", "--unit", TOWN, str(path))
    assert result.exit_code == 1
    assert broken.sentence in result.stderr.splitlines()
    assert "没有导入任何数据" in result.stderr
    assert everything(sqlite_store) == before


def test_check_says_the_same_and_changes_nothing(
    url: str, sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    load_units(sqlite_store, settings)
    good = tmp_path / "甲镇.xlsx"
    good.write_bytes(book({"村集体收入": INCOME}))
    before = everything(sqlite_store)
    assert run("check", str(good)).stdout.endswith("文件可以导入。\n")
    bad = tmp_path / BROKEN[0].file
    bad.write_bytes(BROKEN[0].content())
    refused = run("check", str(bad))
    assert refused.exit_code == 1
    assert BROKEN[0].sentence in refused.stderr
    assert everything(sqlite_store) == before


def test_check_finds_a_rollup_that_was_tampered_with(
    url: str, sqlite_store: Store, settings: Settings, tmp_path: Path
) -> None:
    load_units(sqlite_store, settings)
    path = tmp_path / "甲镇.xlsx"
    path.write_bytes(book({"村集体收入": INCOME}))
    assert run("import", str(path)).exit_code == 0
    assert run("check").exit_code == 0
    with sqlite_store.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE summary SET value = value + 1 "
            "WHERE indicator_code = 'V03' AND unit_code = '320412' AND period = '2016Q3'"
        )
    found = run("check")
    assert found.exit_code == 1
    assert "有1行汇总与原始数据不一致" in found.stderr
    assert run("rollup").exit_code == 0
    assert run("check").exit_code == 0


def test_a_store_that_was_never_made_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    result = run("rollup")
    assert result.exit_code == 1
    assert "python -m dashboard init" in result.stderr


def test_accounts_are_added_listed_and_disabled(url: str) -> None:
    added = run("user", "add", "li", "--role", "leader", "--unit", "320412")
    assert added.exit_code == 0
    assert "只显示这一次" in added.stdout
    assert run("user", "add", "li", "--role", "leader", "--unit", "320412").exit_code == 1
    assert run("user", "disable", "li").exit_code == 0
    assert "li\t领导小组\t320412\t停用" in run("user", "list").stdout
    weak = run("user", "add", "wu", "--role", "town", "--unit", TOWN, "--password-stdin", typed="1")
    assert weak.exit_code == 1
    assert "密码至少10位" in weak.stderr


def test_demo_refuses_a_store_with_data(url: str, sqlite_store: Store, settings: Settings) -> None:
    load_units(sqlite_store, settings)
    before = everything(sqlite_store)
    result = run("demo", "--villages", "20", "--households", "20")
    assert result.exit_code == 1
    assert everything(sqlite_store) == before


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--help"], 0, "用法:"),
        (["import", "--help"], 0, "显示帮助后退出。"),
        (["template"], 2, "缺少参数"),
        (["improt"], 2, "没有命令 improt"),
        (["import", "/nowhere.xlsx"], 2, "不存在"),
        (["serve", "--port", "0"], 2, "不在范围"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_usage_is_said_in_chinese(
    arguments: list[str], status: int, said: str, tmp_path: Path
) -> None:
    """In a process of its own: the library's sentences are translated at the entry."""
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=ROOT,
        env={**os.environ, "STORE_URL": f"sqlite:///{tmp_path / 'store.db'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert said in done.stdout + done.stderr
    assert "Usage" not in done.stdout + done.stderr
    assert "Error" not in done.stderr
