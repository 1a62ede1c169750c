"""Incomes of villages as other sources have them: village accounts, statistics."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INCOMES = ("operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other")


def upgrade() -> None:
    op.create_table(
        "village_income_check",
        sa.Column("district_code", sa.String(20), nullable=False),
        sa.Column("village_code", sa.String(20), nullable=False),
        sa.Column("period", sa.String(6), nullable=False),
        sa.Column(
            "source", sa.String(20), nullable=False, comment="村账 or 统计审核; never the town"
        ),
        *[sa.Column(f"{name}_fen", sa.BigInteger(), nullable=False) for name in _INCOMES],
        sa.Column("batch_id", sa.String(40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name="fk_village_income_check_unit_district_code",
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "village_code", "period", "source", name="pk_village_income_check"
        ),
    )


def downgrade() -> None:
    op.drop_table("village_income_check")
