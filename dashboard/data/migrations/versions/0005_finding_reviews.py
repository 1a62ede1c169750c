"""What the office decided on findings of authenticity."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding_review",
        sa.Column("district_code", sa.String(20), nullable=False),
        sa.Column("period", sa.String(6), nullable=False),
        sa.Column(
            "fingerprint",
            sa.String(16),
            nullable=False,
            comment="of what the finding rests on",
        ),
        sa.Column(
            "number",
            sa.SmallInteger(),
            nullable=False,
            comment="1 for the first decision, 2 …",
        ),
        sa.Column("check_name", sa.String(40), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False, comment="codes that the finding named"),
        sa.Column("action", sa.String(10), nullable=False, comment="accepted, returned, closed"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, or what came of it"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="of what was sent back"),
        sa.Column("decided_by", sa.String(60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_code", "period", "fingerprint", "number", name="pk_finding_review"
        ),
    )


def downgrade() -> None:
    op.drop_table("finding_review")
