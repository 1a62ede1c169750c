"""LibreOffice opens Word file, slides and workbook, and lays each out as pages with their text.

What is in the files is read back by their own tests; here another program than ours is the judge.
"""

import re
import shutil
import subprocess
from collections.abc import Callable

import pypdf
import pytest

from dashboard.briefing import slides, word, workbook
from dashboard.briefing.content import Bulletin
from tests.briefing.hostile import hostile
from tests.briefing.sample import bulletin

_OFFICE = shutil.which("soffice")
_DOCUMENTS: dict[str, Callable[[Bulletin], bytes]] = {
    "docx": word.render,
    "pptx": slides.render,
    "xlsx": workbook.render,
}
_SECONDS = 120

pytestmark = pytest.mark.skipif(_OFFICE is None, reason="LibreOffice 未安装")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of each page, by format; one start of the program for all."""
    folder = tmp_path_factory.mktemp("office")
    for suffix, render in _DOCUMENTS.items():
        (folder / f"{suffix}.{suffix}").write_bytes(render(bulletin()))
        (folder / f"hostile_{suffix}.{suffix}").write_bytes(render(hostile()))
    files = sorted(str(path) for path in folder.glob("*.*"))
    command = [str(_OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--headless", "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    return {
        path.stem: [page.extract_text() for page in pypdf.PdfReader(path).pages]
        for path in folder.glob("*.pdf")
    }


def _plain(texts: list[str]) -> str:
    """All text without spaces, which a layout may put between characters."""
    return re.sub(r"\s", "", "".join(texts))


@pytest.mark.parametrize("suffix", _DOCUMENTS)
def test_it_is_opened_and_its_text_is_there(suffix: str, pages: dict[str, list[str]]) -> None:
    assert pages.get(suffix), "opened and laid out"
    text = _plain(pages[suffix])
    for part in ("扶贫开发工作进展情况的通报", "武扶组办〔2016〕3号", "甲镇领先", "12,345"):
        wanted = part if part != "甲镇领先" or suffix == "pptx" else "总体进展"
        assert wanted in text, part
    assert all("演示数据" in _plain([page]) for page in pages[suffix])


@pytest.mark.parametrize("suffix", _DOCUMENTS)
def test_hostile_texts_are_opened_too(suffix: str, pages: dict[str, list[str]]) -> None:
    text = _plain(pages[f"hostile_{suffix}"])
    for part in ("=1+1", "@SUM(A1)", "<script>alert(1)</script>", "{{7*7}}"):
        assert part in text


def test_each_slide_is_a_page_with_its_number(pages: dict[str, list[str]]) -> None:
    for place, page in enumerate(pages["pptx"], 1):
        assert str(place) in page.split()[-3:] or re.search(rf"\b{place}\b", page)


def test_a_sheet_that_runs_over_pages_repeats_its_head(pages: dict[str, list[str]]) -> None:
    numbered = [page for page in pages["xlsx"] if re.search(r"第\s*\d+\s*页\s*共\s*\d+\s*页", page)]
    assert len(numbered) == len(pages["xlsx"])
    attachment = [page for page in pages["xlsx"] if "12,0" in page and "完成率" in page]
    assert attachment
