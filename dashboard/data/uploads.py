"""Files that towns send: they wait for the office's approval before they count.

A file is checked when it is sent, so that its sender mends it at once, and again when it is
approved, because the store may have moved on. Decided files give their content back to nobody: what
counts is in the store, what does not is with its sender.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dashboard.data import audit
from dashboard.data.ingest import importer
from dashboard.data.ingest.problems import ImportRefused, Problem
from dashboard.data.schema import unit, upload
from dashboard.data.store import Store
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.codes import district_of
from dashboard.settings import Settings

WAITING, APPROVED, DECLINED, WITHDRAWN = "waiting", "approved", "declined", "withdrawn"
MOST_BYTES = 10 * 1024 * 1024
_MOST_WAITING = 20


class UploadError(ValueError):
    """What was asked for is not possible; the message is a Chinese sentence."""


@dataclass(frozen=True)
class Upload:
    """A file that was sent, without its content. `sheets`: rows by sheet, new/changed/unchanged."""

    id: str
    unit_code: str
    unit_name: str
    file_name: str
    sheets: dict[str, dict[str, int]]
    uploaded_at: datetime
    uploaded_by: str
    status: str
    reason: str
    decided_at: datetime | None
    decided_by: str


def submit(
    store: Store, settings: Settings, viewer: Viewer | None, name: str, content: bytes
) -> Upload:
    """Check a town's file and put it before the office.

    Only rows of the town itself are accepted. Raises NotAllowed for anybody but a town,
    ImportRefused with everything that is wrong with the file, UploadError where it would change
    nothing, waits already, or too many wait.
    """
    if viewer is None or viewer.role is not Role.TOWN:
        raise NotAllowed("只有镇(街道)账号可以上报文件")
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise ImportRefused([Problem(name, f"文件超过{most}兆字节,请拆分后分别上报")])
    found = importer.preview_files(store, settings, [(name, content)], viewer.unit_code)
    if found.problems:
        raise ImportRefused(found.problems)
    if not found.does_something:
        raise UploadError("文件与库中数据相同,没有需要上报的内容")
    now = datetime.now(UTC)
    row: dict[str, Any] = {
        "district_code": district_of(viewer.unit_code),
        "id": f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}",
        "unit_code": viewer.unit_code,
        "file_name": name[:255],
        "content": content,
        "sheets": {
            sheet: {"new": c.new, "changed": c.changed, "unchanged": c.unchanged}
            for _, sheet, c in found.counts
        },
        "uploaded_at": now,
        "uploaded_by": viewer.username,
        "status": WAITING,
    }
    with store.writing(changes_figures=False) as connection:
        waiting = connection.execute(
            select(upload.c.file_name, upload.c.content).where(
                upload.c.district_code == row["district_code"],
                upload.c.status == WAITING,
                upload.c.unit_code == viewer.unit_code,
            )
        ).all()
        if any(bytes(one.content) == content for one in waiting):
            raise UploadError("这份文件已经上报,正在等待审核")
        if len(waiting) >= _MOST_WAITING:
            raise UploadError(f"已有{len(waiting)}份文件等待审核,请等扶贫办处理后再报")
        connection.execute(insert(upload), [row])
        _audit(connection, viewer, "upload", row)
        return _one(connection, row["district_code"], row["id"])


def listing(store: Store, viewer: Viewer | None, most: int = 100) -> list[Upload]:
    """Files sent, newest first: all for the office, its own for a town, none for others."""
    if viewer is None or viewer.role not in (Role.OFFICE, Role.TOWN):
        return []
    statement = _uploads().where(upload.c.district_code == district_of(viewer.unit_code))
    if viewer.role is Role.TOWN:
        statement = statement.where(upload.c.unit_code == viewer.unit_code)
    with store.reading() as connection:
        rows = connection.execute(statement.order_by(upload.c.uploaded_at.desc()).limit(most))
        return [_upload(row) for row in rows]


def content(store: Store, viewer: Viewer | None, upload_id: str) -> tuple[str, bytes]:
    """A waiting file, for the office to look into and for the town that has sent it."""
    with store.reading() as connection:
        row = _waiting(connection, viewer, upload_id)
        if viewer is None or not (viewer.may_import or row.unit_code == viewer.unit_code):
            raise NotAllowed("您的账号无权查看这份文件")
        return row.file_name, bytes(row.content)


def approve(
    store: Store,
    settings: Settings,
    viewer: Viewer | None,
    upload_id: str,
    on_progress: Callable[[int, int], None] | None = None,
) -> importer.ImportResult:
    """Import a waiting file in its town's name. Raises NotAllowed, UploadError, ImportRefused."""
    office = _office(viewer)
    with store.reading() as connection:
        row = _waiting(connection, office, upload_id)
    result = importer.import_files(
        store,
        settings,
        [(row.file_name, bytes(row.content))],
        row.uploaded_by,
        scope_unit=row.unit_code,
        origin=office.origin,
        on_progress=on_progress,
        within=lambda connection: _decide(connection, office, upload_id, APPROVED),
    )
    return result


def decline(store: Store, viewer: Viewer | None, upload_id: str, reason: str) -> None:
    """Send a waiting file back. Raises NotAllowed, UploadError (also without a reason)."""
    office = _office(viewer)
    if not reason.strip():
        raise UploadError("退回应写明原因")
    with store.writing(changes_figures=False) as connection:
        _decide(connection, office, upload_id, DECLINED, reason.strip())


def withdraw(store: Store, viewer: Viewer | None, upload_id: str) -> None:
    """Take one's own waiting file back. Raises NotAllowed, UploadError."""
    if viewer is None or viewer.role is not Role.TOWN:
        raise NotAllowed("只有上报的镇(街道)可以撤回文件")
    with store.writing(changes_figures=False) as connection:
        row = _waiting(connection, viewer, upload_id)
        if row.unit_code != viewer.unit_code:
            raise NotAllowed("只有上报的镇(街道)可以撤回文件")
        _decide(connection, viewer, upload_id, WITHDRAWN)


def _office(viewer: Viewer | None) -> Viewer:
    if viewer is None or not viewer.may_import:
        raise NotAllowed("只有扶贫办可以审核上报的文件")
    return viewer


def _decide(
    connection: Connection, viewer: Viewer, upload_id: str, status: str, reason: str = ""
) -> None:
    row = _waiting(connection, viewer, upload_id)
    connection.execute(
        update(upload)
        .where(
            upload.c.district_code == row.district_code,
            upload.c.id == upload_id,
            upload.c.status == WAITING,
        )
        .values(
            status=status,
            reason=reason,
            decided_at=datetime.now(UTC),
            decided_by=viewer.username,
            content=b"",
        )
    )
    _audit(connection, viewer, f"upload_{status}", row._mapping, reason)


def _waiting(connection: Connection, viewer: Viewer | None, upload_id: str) -> Any:
    if viewer is None:
        raise NotAllowed("请先登录")
    row = connection.execute(
        select(upload).where(
            upload.c.district_code == district_of(viewer.unit_code), upload.c.id == upload_id
        )
    ).one_or_none()
    if row is None:
        raise UploadError("没有这份文件")
    if row.status != WAITING:
        raise UploadError("这份文件已经处理过了")
    return row


def _uploads() -> Any:
    columns = [column for column in upload.c if column.name != "content"]
    here = (unit.c.district_code == upload.c.district_code) & (unit.c.code == upload.c.unit_code)
    return select(*columns, unit.c.name).select_from(upload.outerjoin(unit, here))


def _one(connection: Connection, district: str, upload_id: str) -> Upload:
    statement = _uploads().where(upload.c.district_code == district, upload.c.id == upload_id)
    return _upload(connection.execute(statement).one())


def _upload(row: Any) -> Upload:
    return Upload(
        row.id,
        row.unit_code,
        row.name or row.unit_code,
        row.file_name,
        row.sheets,
        _utc(row.uploaded_at),
        row.uploaded_by,
        row.status,
        row.reason,
        _utc(row.decided_at) if row.decided_at else None,
        row.decided_by,
    )


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _audit(connection: Connection, viewer: Viewer, action: str, row: Any, reason: str = "") -> None:
    detail = {"id": row["id"], "file": row["file_name"], "unit": row["unit_code"]}
    detail |= {"reason": reason} if reason else {}
    audit.add(
        connection, district_of(viewer.unit_code), viewer.username, action, detail, viewer.origin
    )
