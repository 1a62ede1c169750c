"""The database itself refuses to change or remove a published bulletin."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSED = "已发布的通报不能更改或删除"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER bulletin_no_{action} BEFORE {action.upper()} ON bulletin "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION bulletin_is_frozen() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bulletin_no_change BEFORE UPDATE OR DELETE ON bulletin "
        "FOR EACH ROW EXECUTE FUNCTION bulletin_is_frozen()"
    )
    op.execute(
        "CREATE TRIGGER bulletin_no_truncate BEFORE TRUNCATE ON bulletin "
        "FOR EACH STATEMENT EXECUTE FUNCTION bulletin_is_frozen()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("update", "delete"):
            op.execute(f"DROP TRIGGER bulletin_no_{action}")
        return
    for name in ("bulletin_no_truncate", "bulletin_no_change"):
        op.execute(f"DROP TRIGGER {name} ON bulletin")
    op.execute("DROP FUNCTION bulletin_is_frozen()")
