"""bulletin, publish, verify on the command line."""

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document
from pypdf import PdfReader
from sqlalchemy import text

from dashboard import cli
from dashboard.data import demo
from dashboard.data.store import Store, connect
from dashboard.settings import Settings


@pytest.fixture
def store(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = connect(f"sqlite:///{tmp_path / 'store.db'}")
    demo.fill(made, settings, villages=16, households=40)
    monkeypatch.setenv("STORE_URL", made.url.render_as_string(hide_password=False))
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def test_a_draft_then_the_published_and_a_correction(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "通报.docx"
    asked = ("bulletin", "--period", "2017Q2", "--format", "docx", str(out))
    done = run(*asked)
    assert done.exit_code == 0, done.output
    assert "草稿" in done.output
    assert "草稿" in "".join(p.text for p in Document(str(out)).sections[0].header.paragraphs)

    done = run("publish", "--period", "2017Q2")
    assert done.exit_code == 0, done.output
    assert "已发布武扶组办〔" in done.output
    again = run("publish", "--period", "2017Q2")
    assert (again.exit_code, "已经发布" in again.output) == (1, True)
    assert "武扶组办〔" in run(*asked).output
    same = run("publish", "--period", "2017Q2", "--correction")
    assert (same.exit_code, "不必更正" in same.output) == (1, True)
    with store.writing() as connection:
        connection.execute(
            text("UPDATE summary SET value = value + 7 WHERE indicator_code = 'H01'")
        )
    corrected = run("publish", "--period", "2017Q2", "--correction")
    assert corrected.exit_code == 0, corrected.output
    assert "(更正)" in corrected.output
    assert "一致" in run("verify").output


def test_a_towns_as_pdf(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "通报.pdf"
    done = run("bulletin", "--period", "2017Q2", "--unit", "320412104", "--format", "pdf", str(out))
    assert done.exit_code == 0, done.output
    assert len(PdfReader(io.BytesIO(out.read_bytes())).pages) >= 2


def test_what_was_tampered_with_is_named(store: Store) -> None:
    run("publish", "--period", "2017Q2")
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER bulletin_no_update"))
        connection.execute(text("UPDATE bulletin SET signatory = 'x', content = '{}'"))
    found = run("verify")
    assert found.exit_code == 1
    assert "内容与发布时的校验值不符" in found.output


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("publish", "--period", "2015Q1"), 1, "没有数据"),
        (("publish", "--period", "2017Q2", "--correction"), 1, "应先发布"),
        (("publish", "--period", "17Q2"), 1, "2016Q3的形式"),
        (
            ("bulletin", "--period", "2017Q2", "--unit", "999999", "--format", "pdf", "x"),
            1,
            "没有代码",
        ),
        (("bulletin", "--period", "2015Q1", "--format", "pdf", "x"), 1, "没有数据"),
        (("bulletin", "--period", "2017Q2", "--format", "odt", "x"), 2, "odt"),
    ],
)
def test_what_cannot_be_is_said(
    arguments: tuple[str, ...], status: int, sentence: str, store: Store
) -> None:
    done = run(*arguments)
    assert done.exit_code == status, done.output
    assert sentence in done.output
