"""The database itself refuses to change or remove what the audit trail says.

On SQLite, INSERT OR REPLACE removes a row without asking its triggers: refused too, here and for
published bulletins.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REFUSED = "操作日志只能增加,不能更改或删除"
_FROZEN = "已发布的通报不能更改或删除"
_SAME = "district_code = NEW.district_code AND "
_REPLACED = {
    "audit_event": (_SAME + "id = NEW.id", _REFUSED),
    "bulletin": (
        _SAME + "unit_code = NEW.unit_code AND period = NEW.period AND edition = NEW.edition",
        _FROZEN,
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_event_no_{action} BEFORE {action.upper()} ON audit_event "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        for table, (same, refused) in _REPLACED.items():
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 (no input)
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_event_no_{action}")
        for table in _REPLACED:
            op.execute(f"DROP TRIGGER {table}_no_replace")
        return
    for name in ("audit_event_no_truncate", "audit_event_no_change"):
        op.execute(f"DROP TRIGGER {name} ON audit_event")
    op.execute("DROP FUNCTION audit_event_is_append_only()")
