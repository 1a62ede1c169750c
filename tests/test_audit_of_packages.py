"""Every package is pinned and recorded, and a changed one is found."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z]+\])?==[^\s*]+")


@pytest.fixture(scope="module")
def audit() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "scripts" / "audit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_every_package_is_pinned(name: str) -> None:
    assert lines(name)
    assert [line for line in lines(name) if not _PINNED.fullmatch(line)] == []


def test_what_is_pinned_is_recorded(audit: ModuleType) -> None:
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    known = {plain(name.split("-")[0]) for name in audit.recorded()}
    pinned = {plain(line.split("==")[0]) for line in lines("constraints.txt")}
    assert pinned - known == set()
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in audit.recorded().values())


def test_a_package_with_other_contents_is_found(
    audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    known = dict(audit.recorded())
    name = min(known)
    assert not audit.compare(known, known)
    assert audit.compare({**known, name: "0" * 64}, known)
    assert name in capsys.readouterr().err
    assert not audit.compare({"another-1.0-cp312-win.whl": "0" * 64}, known), "another platform's"
