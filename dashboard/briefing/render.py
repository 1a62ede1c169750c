"""Documents by their format: what `python -m dashboard bulletin --format` offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.briefing.content import Bulletin
from dashboard.figures import as_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
HTML = "text/html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@dataclass(frozen=True)
class Format:
    """A kind of document: its name for people, its type, and what makes it."""

    label: str
    mime: str
    render: Callable[[Bulletin], bytes]


def _word(bulletin: Bulletin) -> bytes:
    from dashboard.briefing import word  # noqa: PLC0415 (loads its libraries only when asked for)

    return word.render(bulletin)


def _pdf(bulletin: Bulletin) -> bytes:
    from dashboard.briefing import pdf  # noqa: PLC0415 (loads its libraries only when asked for)

    return pdf.render(bulletin)


def _workbook(bulletin: Bulletin) -> bytes:
    from dashboard.briefing import workbook  # noqa: PLC0415 (as above)

    return workbook.render(bulletin)


def _html(bulletin: Bulletin) -> bytes:
    from dashboard.briefing import page_html  # noqa: PLC0415 (as above)

    return page_html.render(bulletin)


def _slides(bulletin: Bulletin) -> bytes:
    from dashboard.briefing import slides  # noqa: PLC0415 (loads its libraries only when asked for)

    return slides.render(bulletin)


FORMATS: Mapping[str, Format] = {
    "docx": Format("Word", DOCX, _word),
    "pdf": Format("PDF", PDF, _pdf),
    "pptx": Format("幻灯片", PPTX, _slides),
    "xlsx": Format("工作簿", XLSX, _workbook),
    "html": Format("网页", HTML, _html),
}


def file_name(bulletin: Bulletin, suffix: str) -> str:
    """武扶组办〔2016〕3号_关于…的通报.docx; a draft, an earlier state and demo data say so."""
    parts = [bulletin.document_number or "草稿", bulletin.title]
    parts += [as_of(bulletin.as_of)] if bulletin.as_of else []
    parts += ["演示数据"] if bulletin.is_demo else []
    return "_".join(parts) + f".{suffix}"
