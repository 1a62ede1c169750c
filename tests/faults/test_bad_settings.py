"""Spoiled files of config/, senseless addresses: a sentence each, never a parser's own error."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard import settings
from dashboard.policy.codes import is_code
from dashboard.policy.periods import Period

SHIPPED = Path(__file__).parents[2] / "config"
WRONG = (
    "root_unit: !!int x",
    "root_unit: !!float x",
    "root_unit: !!bool x",
    "root_unit: !!timestamp x",
    "root_unit: !!python/object:os.system x",
    "[" * 5000,
    "root_unit: &a [*a]",
    "? [a, b]\n: c",
    "\ttab",
    "first_year: 1e999",
    "first_year: .nan",
    "first_year: " + "9" * 5000,
    "%YAML 9.9",
    "\u0000",
    "---\n---\n---",
    "- just\n- a list",
    "null",
    "",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("config") / "config"
    shutil.copytree(SHIPPED, made)
    return made


def sentences(folder: Path) -> list[str]:
    """What loading says; empty where the settings hold."""
    try:
        settings.load(folder)
    except settings.ConfigError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("said", WRONG)
@pytest.mark.parametrize("name", ["district.yaml", "policy.yaml"])
def test_a_file_that_is_nothing_like_it(folder: Path, name: str, said: str) -> None:
    good = (SHIPPED / name).read_text()
    (folder / name).write_text(said)
    try:
        found = sentences(folder)
    finally:
        (folder / name).write_text(good)
    assert found
    assert all(line.startswith("配置文件") and name in line for line in found)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "config")
    (tmp_path / "config/district.yaml").unlink()
    (tmp_path / "config/district.yaml").mkdir()
    [found] = sentences(tmp_path / "config")
    assert "district.yaml 不能读取" in found


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_line_that_says_something_else(folder: Path, data: st.DataObject) -> None:
    path = folder / "district.yaml"
    good = (SHIPPED / "district.yaml").read_text()
    lines = good.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].split(":")[0]
    value = data.draw(
        st.one_of(st.text(max_size=30), st.integers().map(str), st.sampled_from(WRONG))
    )
    lines[at] = f"{key}: {value}"
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    try:
        found = sentences(folder)
    finally:
        path.write_text(good)
    assert all("\u4e00" <= line[0] <= "\u9fff" for line in found)


@given(text=st.one_of(st.text(max_size=40), st.from_regex(r"\A-?\d{1,6}[Qq]\w\Z")))
@example(text="٢٠١٦Q３")
@example(text="2016Q")
@example(text="20١٦Q3")
@example(text="9" * 5000 + "Q1")
def test_a_period_of_an_address_is_one_or_gets_a_sentence(text: str) -> None:
    try:
        period = Period.parse(text)
    except ValueError as error:
        assert "季度" in str(error)
        return
    assert str(period) == text.strip().upper()


@given(text=st.text(max_size=40))
@example(text="３２０４１２")
@example(text="٣٢٠٤١٢")
def test_a_unit_of_an_address_is_ascii_digits_or_none(text: str) -> None:
    assert not is_code(text) or (text.isascii() and text.isdigit())
