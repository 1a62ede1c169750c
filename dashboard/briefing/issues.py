"""Drafts and published issues of one unit's quarter: publish one, and read what holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.briefing.build import compose, numbered
from dashboard.briefing.content import Bulletin, Kind, canonical, from_json
from dashboard.briefing.differences import Difference, against
from dashboard.briefing.facts import gather
from dashboard.briefing.known import known
from dashboard.briefing.origins import with_origins
from dashboard.data import bulletins
from dashboard.data.bulletins import BulletinError, Issue, Numbered
from dashboard.data.history import end_of
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import NotAllowed, Viewer
from dashboard.policy.codes import district_of
from dashboard.policy.periods import CHINA_TIME
from dashboard.settings import Settings


@dataclass(frozen=True)
class Standing:
    """What holds of one kind: `today` is the draft, a correction where there is an issue already.

    `published` are the issues as they were kept, oldest first, `editions` what they say;
    `differing` is what the newest tells otherwise than the store does now. `above` is what the
    district has published for the quarter, newest first: it is sent to every town and department.
    """

    today: Bulletin
    published: tuple[Issue, ...]
    editions: tuple[Bulletin, ...]
    differing: tuple[Difference, ...]
    above: tuple[Bulletin, ...] = ()

    @property
    def is_worth_correcting(self) -> bool:
        """Whether the draft says anything else than the newest issue."""
        if not self.published:
            return False
        newest, now = self.editions[-1], self.today
        return bool(self.differing) or _said(now) != _said(newest)


def _said(bulletin: Bulletin) -> list[str]:
    """Its paragraphs, without what a correction says of itself."""
    own = "更正事项"
    return [
        block.model_dump_json()
        for section in bulletin.sections
        if section.heading != own
        for block in section.blocks
    ]


def standing(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    kind: Kind = Kind.BULLETIN,
    now: datetime | None = None,
) -> Standing:
    """What holds for the focus. Raises NotAllowed, NothingToTell, ConfigError as `draft` does."""
    own, root = focus.unit.code, district_of(focus.unit.code)
    issues = bulletins.of_units(store, viewer, {own, root}, focus.period)
    published = _of_kind(issues.get(own, ()), kind)
    above = tuple(
        from_json(issue.content) for issue in reversed(issues.get(root, []) if own != root else [])
    )
    editions = tuple(from_json(issue.content) for issue in published)
    facts = gather(store, viewer, focus, settings)
    # What was known at the end of an earlier day is drafted as of then.
    today = end_of(focus.as_of) if focus.as_of else datetime.now(UTC)
    at = (now or today).replace(microsecond=0)
    if not published:
        return Standing(compose(facts, kind, at), (), (), (), above)
    differing = tuple(against(editions[-1], facts, known(facts)))
    return Standing(compose(facts, kind, at, editions[-1]), published, editions, differing, above)


def _of_kind(issues: Iterable[Issue], kind: Kind) -> tuple[Issue, ...]:
    return tuple(issue for issue in issues if issue.kind == kind)


def publish(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    kind: Kind = Kind.BULLETIN,
    *,
    is_correction: bool = False,
    signatory: str = "",
    now: datetime | None = None,
) -> Issue:
    """Freeze today's draft; a correction names the newest issue of the quarter.

    Raises NotAllowed for anybody but the office, BulletinError where there is nothing to tell, the
    quarter is published already, or there is nothing to correct.
    """
    if viewer is None or not viewer.may_import:
        raise NotAllowed("只有扶贫办可以发布通报")
    at = now or datetime.now(UTC)
    # What is frozen is what holds now, not what held when the page was drawn.
    store.see(store.version, store.is_demo)
    earlier = _of_kind(bulletins.of(store, viewer, focus.unit.code, focus.period), kind)
    if is_correction and not earlier:
        raise BulletinError("没有可以更正的通报:应先发布,再更正")
    if earlier and not is_correction:
        raise BulletinError(f"{earlier[-1].name}已经发布,不能重复发布;有错请另发更正")
    made = _to_publish(store, viewer, focus, settings, kind, at)
    if signatory:
        made = made.model_copy(update={"signatory": signatory})

    def write(given: Numbered) -> str:
        return canonical(numbered(made, given.year, given.number, at.astimezone(CHINA_TIME).date()))

    return bulletins.publish(
        store,
        viewer,
        focus.unit.code,
        focus.period,
        write,
        kind=kind,
        signatory=made.signatory,
        cut_off=made.cut_off,
        corrects=earlier[-1].edition if is_correction else None,
        now=at,
    )


def _to_publish(
    store: Store, viewer: Viewer, focus: Focus, settings: Settings, kind: Kind, at: datetime
) -> Bulletin:
    found = standing(store, viewer, focus, settings, kind, at)
    if not found.today.sections:
        raise BulletinError(f"{focus.unit.name}{focus.period.label}没有数据,不能发布")
    if found.published and not found.is_worth_correcting:
        raise BulletinError(f"与{found.editions[-1].document_number}相比没有变动,不必更正")
    return with_origins(store, viewer, focus, settings, found.today)
