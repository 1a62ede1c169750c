"""The file around the text: what it starts from, its properties, and bytes that can be compared."""

import io
from typing import Final

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml.ns import qn

from dashboard.briefing import script
from dashboard.briefing.archive import timeless
from dashboard.briefing.content import Bulletin
from dashboard.briefing.typography import printable
from dashboard.briefing.word.xml import element

_LEFTOVERS: Final = (
    RELATION.CUSTOM_XML,
    RELATION.NUMBERING,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
)


def empty() -> Document:
    """A document without the template's picture, bibliography and old styles."""
    document = docx.Document()
    package = document.part.package
    _drop(package.rels, (RELATION.THUMBNAIL,))
    _drop(document.part.rels, _LEFTOVERS)
    _settings(document)
    return document


def _drop(relations: dict[str, object], kinds: tuple[str, ...]) -> None:
    for name in [name for name, one in relations.items() if getattr(one, "reltype", "") in kinds]:
        del relations[name]


def _settings(document: Document) -> None:
    """Opens as a present-day document, Chinese punctuation closed up."""
    root = document.settings.element
    for old in (*root.findall(qn("w:compat")), *root.findall(qn("w:characterSpacingControl"))):
        root.remove(old)
    mode: dict[str, str | int] = {
        "w:name": "compatibilityMode",
        "w:uri": "http://schemas.microsoft.com/office/word",
        "w:val": 15,
    }
    root.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")
    before = root.find(qn("w:rsids"))
    before.addprevious(element("w:characterSpacingControl", {"w:val": "compressPunctuation"}))
    before.addprevious(element("w:compat", None, element("w:compatSetting", mode)))


def describe(document: Document, bulletin: Bulletin) -> None:
    """Title, author and times of the file: those of the content, not of the machine's clock."""
    made = script.moment(bulletin)
    told = document.core_properties
    told.title = printable(bulletin.title)[:255]
    told.author = told.last_modified_by = printable(bulletin.issuer)[:255]
    told.subject = bulletin.document_number
    told.category = bulletin.kind.value
    told.keywords = f"{bulletin.unit_name} {bulletin.period}"
    told.comments = f"数据截止 {bulletin.cut_off.isoformat(timespec='minutes')}"
    told.language = "zh-CN"
    told.created = told.modified = made
    told.revision = 1


def saved(document: Document) -> bytes:
    """The file's bytes, with nothing in them of when they were written."""
    written = io.BytesIO()
    document.save(written)
    return timeless(written)
