"""Files that a town has sent and the office has not decided on yet."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("district_code", sa.String(20), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("unit_code", sa.String(20), nullable=False, comment="the town that sent it"),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="the file, until it is decided on",
        ),
        sa.Column(
            "sheets", sa.JSON(), nullable=False, comment="sheet to {new, changed, unchanged}"
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(60), nullable=False),
        sa.Column(
            "status",
            sa.String(10),
            nullable=False,
            comment="waiting, approved, declined, withdrawn",
        ),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("district_code", "id", name="pk_upload"),
    )
    op.create_index(
        "ix_upload_district_code_status_uploaded_at",
        "upload",
        ["district_code", "status", "uploaded_at"],
    )


def downgrade() -> None:
    op.drop_table("upload")
