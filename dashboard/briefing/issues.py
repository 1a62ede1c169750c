"""Drafts and published issues of one unit's quarter: publish one, and read what holds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard.briefing.build import draft, numbered
from dashboard.briefing.content import Bulletin, canonical, from_json
from dashboard.briefing.differences import Difference, differences
from dashboard.data import bulletins
from dashboard.data.bulletins import BulletinError, Issue, Numbered
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.settings import Settings

_HERE = timedelta(hours=8)
"""China has one time."""


@dataclass(frozen=True)
class Standing:
    """Today's draft beside what was published, oldest first, and where they differ."""

    today: Bulletin
    published: tuple[Bulletin, ...]
    differing: tuple[Difference, ...]


def standing(store: Store, viewer: Viewer | None, focus: Focus, settings: Settings) -> Standing:
    """What holds for the focus: differences are those from the newest issue."""
    today = draft(store, viewer, focus, settings)
    issues = bulletins.of(store, viewer, focus.unit.code, focus.period)
    published = tuple(from_json(issue.content) for issue in issues)
    differing = tuple(differences(published[-1], today)) if published else ()
    return Standing(today, published, differing)


def publish(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    *,
    is_correction: bool = False,
    signatory: str = "",
    now: datetime | None = None,
) -> Issue:
    """Freeze today's draft; a correction names the newest issue of the quarter.

    Raises NotAllowed for anybody but the office, BulletinError where there is nothing to tell, the
    quarter is published already, or there is nothing to correct.
    """
    at = now or datetime.now(UTC)
    made = draft(store, viewer, focus, settings, now=at)
    if not made.figures:
        raise BulletinError(f"{focus.unit.name}{focus.period.label}没有数据,不能发布")
    if signatory:
        made = made.model_copy(update={"signatory": signatory})
    earlier = bulletins.of(store, viewer, focus.unit.code, focus.period)
    if is_correction and not earlier:
        raise BulletinError("没有可以更正的通报:应先发布,再更正")
    corrects = from_json(earlier[-1].content).document_number if is_correction else ""

    def write(given: Numbered) -> str:
        day = (at + _HERE).date()
        return canonical(numbered(made, given.year, given.number, day, corrects))

    return bulletins.publish(
        store,
        viewer,
        focus.unit.code,
        focus.period,
        write,
        signatory=made.signatory,
        cut_off=made.cut_off,
        corrects=earlier[-1].edition if is_correction else None,
        now=at,
    )
