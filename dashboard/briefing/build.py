"""A bulletin of (unit, quarter), built from queries, rules and the office's wording.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报或实例讲评).
"""

from datetime import UTC, date, datetime

from dashboard.briefing.blocks import BlockMaker
from dashboard.briefing.content import Bulletin, FigureUsed, Kind
from dashboard.briefing.facts import gather
from dashboard.briefing.telling import Teller
from dashboard.briefing.wording import write
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.settings import Settings

_FOLDER = "bulletin"
_WORDINGS = {Kind.BULLETIN: "bulletin.j2", Kind.CASES: "cases.j2", Kind.CORRECTION: "bulletin.j2"}


def draft(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    kind: Kind = Kind.BULLETIN,
    now: datetime | None = None,
) -> Bulletin:
    """A draft, without number and date. Raises ConfigError for a broken wording.

    Every figure in it is one of the rollup; what is missing is left out and listed in `omitted`.
    """
    facts = gather(store, viewer, focus, settings)
    teller, blocks = Teller(facts), BlockMaker(facts)
    written = write(settings.folder / _FOLDER / _WORDINGS[kind], teller, blocks.make)
    attachments = blocks.attachments() if kind is not Kind.CASES else ()
    heads, district = written.heads, settings.district
    return Bulletin(
        kind=kind,
        unit_code=focus.unit.code,
        unit_name=focus.unit.name,
        period=str(focus.period),
        title=heads["标题"],
        issuer=district.issuer,
        document_prefix=district.document_prefix,
        year=focus.period.year,
        number=0,
        recipients=heads["主送"],
        opening=heads["引言"],
        sections=tuple(written.sections),
        attachments=attachments,
        # To the second: documents keep no finer time.
        cut_off=(now or datetime.now(UTC)).replace(microsecond=0),
        issued_on=None,
        signatory=heads["署名"],
        copies_to=heads["抄送"],
        printed_by=heads["印发"],
        is_demo=facts.is_demo,
        figures=_unique([*written.figures, *blocks.told]),
        omitted=tuple(written.omitted),
    )


def numbered(
    given: Bulletin, year: int, number: int, issued_on: date, corrects: str = ""
) -> Bulletin:
    """The draft as it is published: with its number and date, and what it corrects."""
    kind = Kind.CORRECTION if corrects else given.kind
    title = f"{given.title}(更正)" if corrects else given.title
    update = {"year": year, "number": number, "issued_on": issued_on, "corrects": corrects}
    return given.model_copy(update=update | {"kind": kind, "title": title})


def _unique(figures: list[FigureUsed]) -> tuple[FigureUsed, ...]:
    return tuple(dict.fromkeys(figures))
