"""The bulletin as a Word document that an office can go on editing (GB/T 9704-2012)."""

from dashboard.briefing import script
from dashboard.briefing.content import Bulletin
from dashboard.briefing.word import package, page, parts, styles
from dashboard.briefing.word.imprint import imprint


def render(bulletin: Bulletin) -> bytes:
    """The .docx file. The same content gives the same bytes.

    Raises fonts.NoChineseFont where charts cannot be drawn.
    """
    document = package.empty()
    styles.apply(document)
    package.describe(document, bulletin)
    page.first(document, script.marks(bulletin))
    parts.head(document, bulletin)
    parts.body(document, bulletin)
    parts.ending(document, bulletin)
    parts.attachments(document, bulletin)
    imprint(document, bulletin)
    return package.saved(document)
