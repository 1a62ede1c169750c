"""Who sent what when, and what was sent back to be corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column(
            "unit_code",
            sa.String(length=20),
            nullable=False,
            comment="who reports: a town, a village's town",
        ),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_batch", sa.String(length=40), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_batch", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "period", "table_name", name=op.f("pk_submission")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "returned",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False, comment="1 for the first time, 2 …"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_by", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "answered_batch",
            sa.String(length=40),
            nullable=True,
            comment="the corrected file; NULL while open",
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "district_code",
            "unit_code",
            "period",
            "table_name",
            "number",
            name=op.f("pk_returned"),
        ),
        info={"placement": "distributed"},
    )


def downgrade() -> None:
    op.drop_table("returned")
    op.drop_table("submission")
