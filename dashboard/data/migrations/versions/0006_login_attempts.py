"""Wrong passwords by account and by address, so that every process knows of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_attempt",
        sa.Column("district_code", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False, comment="account or origin"),
        sa.Column("key", sa.String(60), nullable=False, comment="username or address"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("district_code", "kind", "key", name="pk_login_attempt"),
    )


def downgrade() -> None:
    op.drop_table("login_attempt")
