"""The bulletin as slides for a meeting: 16:9, one message a slide, native charts and tables."""

import io

from dashboard.briefing.archive import timeless
from dashboard.briefing.content import Bulletin
from dashboard.briefing.slides import master, notes, plan, writing


def render(bulletin: Bulletin) -> bytes:
    """The .pptx file. The same content gives the same bytes."""
    deck = master.empty()
    writing.describe(deck, bulletin)
    writing.cover(deck, bulletin)
    for place, section in enumerate(bulletin.sections, 1):
        told = notes.of(place, section)
        for page in plan.section_pages(place, section):
            writing.page(deck, bulletin, page, told)
    for page in plan.attachment_pages(bulletin):
        writing.page(deck, bulletin, page, notes.attachments(bulletin))
    written = io.BytesIO()
    deck.save(written)
    return timeless(written)
