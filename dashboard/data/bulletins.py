"""Published bulletins: numbered, frozen, chained. Nothing here changes or removes one, and the
database refuses it too (migration 0003).
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from dashboard.data import audit
from dashboard.data.schema import audit_event, bulletin
from dashboard.data.store import Store
from dashboard.data.units import lineage_kept, lineage_of
from dashboard.policy.access import NotAllowed, Role, Viewer, may_see
from dashboard.policy.chain import Link, broken, fingerprint
from dashboard.policy.codes import district_of
from dashboard.policy.periods import CHINA_TIME, Period

PUBLISHED = "publish"
"""Action of the audit trail."""


class BulletinError(ValueError):
    """What was asked for is not possible; the message is a Chinese sentence."""


@dataclass(frozen=True)
class Issue:
    """A published bulletin. `content` is its canonical JSON; times are UTC."""

    unit_code: str
    period: Period
    edition: int
    number: int
    content: str
    sha256: str
    previous_sha256: str
    corrects: int | None
    signatory: str
    cut_off: datetime
    published_by: str
    published_at: datetime

    @property
    def kind(self) -> str:
        """情况通报 or 实例讲评, a correction like what it corrects; "" in a broken content."""
        try:
            return str(json.loads(self.content)["kind"])
        except (ValueError, KeyError, TypeError):
            return ""

    @property
    def is_intact(self) -> bool:
        """Whether the content is the one whose hash was kept; `verify` checks the whole chain."""
        return fingerprint(self.content, self.previous_sha256) == self.sha256

    @property
    def name(self) -> str:
        what = "更正" if self.corrects is not None else "通报"
        year = self.published_at.astimezone(CHINA_TIME).year
        return f"{year}年第{self.number}号({self.unit_code} {self.period}{what})"


@dataclass(frozen=True)
class Numbered:
    """What a bulletin gets when it is published, for its text to carry."""

    year: int
    number: int
    edition: int


def publish(
    store: Store,
    viewer: Viewer | None,
    unit_code: str,
    period: Period,
    write: Callable[[Numbered], str],
    *,
    kind: str,
    signatory: str,
    cut_off: datetime,
    corrects: int | None = None,
    now: datetime | None = None,
) -> Issue:
    """Freeze a bulletin. `write` gives its canonical text once it has its number.

    Numbers run within the year, China's time, for the whole district. A quarter of a unit has one
    issue of a kind; later corrections are issues of their own that name the edition they correct.
    Raises NotAllowed for anybody but the office, BulletinError otherwise.
    Source: 武发〔2016〕68号 四(五).
    """
    if viewer is None or not viewer.may_import:
        raise NotAllowed("只有扶贫办可以发布通报")
    asked_at = (now or datetime.now(UTC)).astimezone(UTC)
    with store.writing(changes_figures=False) as connection:
        if not may_see(viewer, [unit.code for unit in lineage_of(connection, unit_code)]):
            raise NotAllowed("您的账号无权发布该单位的通报")
        at = _not_before_the_last(connection, unit_code, asked_at)
        editions = _of(connection, [unit_code], period)
        _check_order([one for one in editions if one.kind == kind], corrects)
        numbered = Numbered(
            at.astimezone(CHINA_TIME).year,
            _next_number(connection, unit_code, at),
            len(editions) + 1,
        )
        content = write(numbered)
        previous = _last_sha(connection, unit_code)
        row = {
            "district_code": district_of(unit_code),
            "unit_code": unit_code,
            "period": str(period),
            "edition": numbered.edition,
            "number": numbered.number,
            "content": content,
            "sha256": fingerprint(content, previous),
            "previous_sha256": previous or None,
            "corrects": corrects,
            "signatory": signatory,
            "cut_off": cut_off,
            "published_by": viewer.username,
            "published_at": at,
        }
        connection.execute(insert(bulletin), [row])
        issue = _of(connection, [unit_code], period)[-1]
        detail = {"name": issue.name, "sha256": issue.sha256}
        audit.add(
            connection, district_of(unit_code), viewer.username, PUBLISHED, detail, viewer.origin
        )
    return issue


def _check_order(editions: list[Issue], corrects: int | None) -> None:
    if corrects is None and editions:
        raise BulletinError(f"{editions[-1].name}已经发布,不能重复发布;有错请另发更正")
    if corrects is not None and corrects not in {issue.edition for issue in editions}:
        raise BulletinError("没有可以更正的通报:应先发布,再更正")


def of(store: Store, viewer: Viewer | None, unit_code: str, period: Period) -> list[Issue]:
    """Every issue of a unit's quarter, oldest first; empty for who may not read them."""
    return of_units(store, viewer, [unit_code], period).get(unit_code, [])


def of_units(
    store: Store, viewer: Viewer | None, codes: Collection[str], period: Period
) -> dict[str, list[Issue]]:
    """The same of several units of one district in one statement, by code: those that have any."""
    readable = [code for code in codes if _may_read(store, viewer, code)]
    found: dict[str, list[Issue]] = {}
    if readable:
        with store.reading() as connection:
            for issue in _of(connection, readable, period):
                found.setdefault(issue.unit_code, []).append(issue)
    return found


def listing(store: Store, viewer: Viewer | None, unit_code: str) -> list[Issue]:
    """Every issue of a unit, newest first; empty for who may not read them."""
    if not _may_read(store, viewer, unit_code):
        return []
    with store.reading() as connection:
        statement = _all(unit_code).where(bulletin.c.unit_code == unit_code)
        return [_issue(row) for row in connection.execute(statement)][::-1]


def published(store: Store, root: str) -> list[Issue]:
    """The district's own issues, newest first: for everybody, without a login.

    What has been published is public; nothing else is read here.
    Source: 武发〔2016〕68号 三(一) (供帮扶单位和社会各界查询).
    """
    statement = _all(root).where(bulletin.c.unit_code == root)
    with store.reading() as connection:
        return [_issue(row) for row in connection.execute(statement)][::-1]


def verify(store: Store, root: str) -> list[str]:
    """Recompute the whole chain; a Chinese sentence for each issue that is not as published.

    One that was taken from the chain's end breaks no link: the audit trail still knows of it.
    """
    events = select(audit_event.c.detail).where(
        audit_event.c.district_code == district_of(root), audit_event.c.action == PUBLISHED
    )
    with store.reading() as connection:
        issues = [_issue(row) for row in connection.execute(_all(root))]
        told = [dict(detail) for detail in connection.scalars(events)]
    kept = {issue.sha256 for issue in issues}
    lost = [f"{one['name']}:发布过,库中已没有" for one in told if one["sha256"] not in kept]
    links = (Link(i.name, i.content, i.sha256, i.previous_sha256) for i in issues)
    return broken(links) + lost


def _may_read(store: Store, viewer: Viewer | None, unit_code: str) -> bool:
    """The units that a viewer sees, and for everybody inside the district's own bulletin: it is
    sent to all towns and departments."""
    if viewer is None or viewer.role is Role.PUBLIC:
        return False
    if unit_code == district_of(viewer.unit_code):
        return True
    return may_see(viewer, [unit.code for unit in lineage_kept(store, unit_code)])


def _all(unit_code: str) -> Any:
    """Issues of the unit's district in the order in which they were published."""
    return (
        select(bulletin)
        .where(bulletin.c.district_code == district_of(unit_code))
        .order_by(bulletin.c.published_at, bulletin.c.number)
    )


def _of(connection: Connection, codes: Collection[str], period: Period) -> list[Issue]:
    (district,) = {district_of(code) for code in codes}
    statement = (
        select(bulletin)
        .where(
            bulletin.c.district_code == district,
            bulletin.c.unit_code.in_(sorted(codes)),
            bulletin.c.period == str(period),
        )
        .order_by(bulletin.c.edition)
    )
    return [_issue(row) for row in connection.execute(statement)]


def _next_number(connection: Connection, unit_code: str, at: datetime) -> int:
    year = at.astimezone(CHINA_TIME).year
    new_year = datetime(year, 1, 1, tzinfo=CHINA_TIME).astimezone(UTC)
    highest = connection.scalar(
        select(func.max(bulletin.c.number)).where(
            bulletin.c.district_code == district_of(unit_code),
            bulletin.c.published_at >= new_year,
        )
    )
    return int(highest or 0) + 1


def _not_before_the_last(connection: Connection, unit_code: str, asked_at: datetime) -> datetime:
    """The chain is in the order of time: who was asked earlier but had to wait comes later."""
    rows = connection.execute(_all(unit_code)).all()
    return max(asked_at, _utc(rows[-1].published_at)) if rows else asked_at


def _last_sha(connection: Connection, unit_code: str) -> str:
    rows = connection.execute(_all(unit_code)).all()
    return str(rows[-1].sha256) if rows else ""


def _issue(row: Any) -> Issue:
    return Issue(
        row.unit_code,
        Period.parse(row.period),
        row.edition,
        row.number,
        row.content,
        row.sha256,
        row.previous_sha256 or "",
        row.corrects,
        row.signatory,
        _utc(row.cut_off),
        row.published_by,
        _utc(row.published_at),
    )


def _utc(at: datetime) -> datetime:
    """SQLite hands back times without their zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
