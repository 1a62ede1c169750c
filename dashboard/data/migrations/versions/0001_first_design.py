"""All tables of the first design."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=True),
        sa.Column("display_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("session_number", sa.Integer(), nullable=False, comment="raised to end sessions"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("district_code", "username", name=op.f("pk_account")),
        info={"placement": "local"},
    )
    op.create_table(
        "audit_event",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=60), server_default="", nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("district_code", "id", name=op.f("pk_audit_event")),
        info={"placement": "local"},
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_event_district_code_happened_at"),
            ["district_code", "happened_at"],
            unique=False,
        )

    op.create_table(
        "bulletin",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="within the year"),
        sa.Column("content", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=True),
        sa.Column(
            "corrects", sa.SmallInteger(), nullable=True, comment="edition that this one corrects"
        ),
        sa.Column("signatory", sa.String(length=200), nullable=False),
        sa.Column("cut_off", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "period", "edition", name=op.f("pk_bulletin")
        ),
        info={"placement": "local"},
    )
    op.create_table(
        "import_batch",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "sheets", sa.JSON(), nullable=False, comment="sheet to {new, changed, unchanged}"
        ),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="applied", nullable=False),
        sa.PrimaryKeyConstraint("district_code", "id", name=op.f("pk_import_batch")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_batch_district_code_imported_at"),
            ["district_code", "imported_at"],
            unique=False,
        )

    op.create_table(
        "indicator",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column(
            "definition", sa.JSON(), nullable=False, comment="the entry of config/indicators.yaml"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_indicator")),
        info={"placement": "reference"},
    )
    op.create_table(
        "observation_revision",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column(
            "row_key",
            sa.String(length=300),
            nullable=False,
            comment="the row's key after district_code",
        ),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="1 for the first value overwritten"
        ),
        sa.Column("old_row", sa.JSON(), nullable=False, comment="the whole row as it stood"),
        sa.Column(
            "batch_id",
            sa.String(length=40),
            nullable=False,
            comment="the batch that had brought the old row",
        ),
        sa.Column(
            "replaced_by",
            sa.String(length=40),
            nullable=False,
            comment="the batch that overwrote it",
        ),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "district_code",
            "table_name",
            "row_key",
            "revision",
            name=op.f("pk_observation_revision"),
        ),
        comment="Every value that was overwritten, of observations and of all other imported facts",
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("observation_revision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_observation_revision_district_code_replaced_by"),
            ["district_code", "replaced_by"],
            unique=False,
        )

    op.create_table(
        "store_info",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_store_info")),
        comment="is_demo, demo_accounts (demo stores only), version (raised by every write)",
        info={"placement": "local"},
    )
    op.create_table(
        "summary",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("indicator_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("parent_code", sa.String(length=20), nullable=True),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("numerator", sa.BigInteger(), nullable=True),
        sa.Column("denominator", sa.BigInteger(), nullable=True),
        sa.Column("classes", sa.JSON(), nullable=True, comment="distribution: class to count"),
        sa.Column(
            "baseline",
            sa.BigInteger(),
            nullable=True,
            comment="value at the end of the year before",
        ),
        sa.Column("target", sa.BigInteger(), nullable=True),
        sa.Column(
            "scheduled", sa.Float(), nullable=True, comment="序时: what should have been reached"
        ),
        sa.Column("rate", sa.Float(), nullable=True, comment="completion rate, 0-1 and above"),
        sa.Column("light", sa.String(length=6), nullable=False),
        sa.Column("reported", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.String(length=20),
            nullable=False,
            comment="register, reported, children or none",
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "indicator_code", "period", name=op.f("pk_summary")
        ),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_summary_district_code_parent_code_period"),
            ["district_code", "parent_code", "period"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_summary_parent_code_period_indicator_code"),
            ["parent_code", "period", "indicator_code"],
            unique=False,
        )

    op.create_table(
        "unit",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "parent_code",
            sa.String(length=20),
            nullable=True,
            comment="may lie in another district_code: no FK",
        ),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), server_default="", nullable=False),
        sa.Column("lon", sa.Float(), nullable=True, comment="WGS84 / CGCS2000, degrees"),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("district_code", "code", name=op.f("pk_unit")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_unit_district_code_parent_code"),
            ["district_code", "parent_code"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_unit_parent_code"), ["parent_code"], unique=False)

    op.create_table(
        "boundary",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=False, comment="GeoJSON geometry, WGS84"),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_boundary_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint("district_code", "unit_code", name=op.f("pk_boundary")),
        info={"placement": "distributed"},
    )
    op.create_table(
        "fund_flow",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("project_number", sa.String(length=40), nullable=True),
        sa.Column("arranged_fen", sa.BigInteger(), nullable=False),
        sa.Column("allocated_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("audit_state", sa.String(length=20), server_default="", nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_fund_flow_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint("district_code", "number", name=op.f("pk_fund_flow")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("fund_flow", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fund_flow_district_code_unit_code_year"),
            ["district_code", "unit_code", "year"],
            unique=False,
        )

    op.create_table(
        "household",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False, comment="pseudonymous"),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("persons", sa.SmallInteger(), nullable=False),
        sa.Column("labour", sa.SmallInteger(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("identified_on", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "persons >= 1 AND labour >= 0 AND labour <= persons", name=op.f("ck_household_persons")
        ),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_household_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint("district_code", "number", name=op.f("pk_household")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_household_district_code_village_code"),
            ["district_code", "village_code"],
            unique=False,
        )

    op.create_table(
        "inspection",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True, comment="hundredths of a point"),
        sa.Column("finding", sa.Text(), server_default="", nullable=False),
        sa.Column("fix_due_on", sa.Date(), nullable=True),
        sa.Column("fixed_on", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_inspection_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "period", "kind", name=op.f("pk_inspection")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "lifecycle_event",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column(
            "subject_type", sa.String(length=10), nullable=False, comment="village or household"
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_lifecycle_event_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code",
            "subject_type",
            "subject",
            "event",
            "happened_on",
            name=op.f("pk_lifecycle_event"),
        ),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("lifecycle_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lifecycle_event_district_code_village_code"),
            ["district_code", "village_code"],
            unique=False,
        )

    op.create_table(
        "measure",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column(
            "subject_type", sa.String(length=10), nullable=False, comment="village or household"
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_measure_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code",
            "subject_type",
            "subject",
            "category",
            "department",
            "started_on",
            name=op.f("pk_measure"),
        ),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_measure_district_code_village_code"),
            ["district_code", "village_code"],
            unique=False,
        )

    op.create_table(
        "observation",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("indicator_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_observation_unit_district_code"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_code"],
            ["indicator.code"],
            name=op.f("fk_observation_indicator_indicator_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "indicator_code", "period", name=op.f("pk_observation")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "pairing",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "subject_type", sa.String(length=10), nullable=False, comment="village or household"
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column(
            "post",
            sa.String(length=200),
            server_default="",
            nullable=False,
            comment="post, never a name",
        ),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_pairing_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code",
            "kind",
            "subject_type",
            "subject",
            "organisation",
            "started_on",
            name=op.f("pk_pairing"),
        ),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pairing_district_code_village_code"),
            ["district_code", "village_code"],
            unique=False,
        )

    op.create_table(
        "project",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("invested_fen", sa.BigInteger(), nullable=False, comment="total investment"),
        sa.Column("completed_fen", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False, comment="millionths"),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_project_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint("district_code", "number", name=op.f("pk_project")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_district_code_unit_code"),
            ["district_code", "unit_code"],
            unique=False,
        )

    op.create_table(
        "target",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("indicator_code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("department", sa.String(length=200), server_default="", nullable=False),
        sa.Column(
            "post",
            sa.String(length=200),
            server_default="",
            nullable=False,
            comment="responsible post",
        ),
        sa.Column("due_month", sa.SmallInteger(), server_default="12", nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.CheckConstraint("due_month BETWEEN 1 AND 12", name=op.f("ck_target_due_month")),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_target_unit_district_code"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_code"], ["indicator.code"], name=op.f("fk_target_indicator_indicator_code")
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "unit_code", "indicator_code", "year", name=op.f("pk_target")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "target_month",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("indicator_code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False, comment="cumulative within the year"),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_target_month_month")),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_target_month_unit_district_code"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_code"],
            ["indicator.code"],
            name=op.f("fk_target_month_indicator_indicator_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code",
            "unit_code",
            "indicator_code",
            "year",
            "month",
            name=op.f("pk_target_month"),
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "task",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column(
            "kind", sa.String(length=10), nullable=False, comment="one of five 落实, or 议定事项"
        ),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=200), server_default="", nullable=False),
        sa.Column("post", sa.String(length=200), server_default="", nullable=False),
        sa.Column(
            "due_month",
            sa.String(length=7),
            nullable=False,
            comment="2016-09: due by that month's last day",
        ),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="", nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "unit_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_task_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint("district_code", "number", name=op.f("pk_task")),
        info={"placement": "distributed"},
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_district_code_unit_code"),
            ["district_code", "unit_code"],
            unique=False,
        )

    op.create_table(
        "village_income",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("operating_fen", sa.BigInteger(), nullable=False),
        sa.Column("leasing_fen", sa.BigInteger(), nullable=False),
        sa.Column("dividend_fen", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_fen", sa.BigInteger(), nullable=False),
        sa.Column("ecological_fen", sa.BigInteger(), nullable=False),
        sa.Column("donation_fen", sa.BigInteger(), nullable=False),
        sa.Column("other_fen", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "village_code"],
            ["unit.district_code", "unit.code"],
            name=op.f("fk_village_income_unit_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "village_code", "period", name=op.f("pk_village_income")
        ),
        info={"placement": "distributed"},
    )
    op.create_table(
        "household_income",
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column(
            "income_fen", sa.BigInteger(), nullable=False, comment="disposable income per head"
        ),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code", "household"],
            ["household.district_code", "household.number"],
            name=op.f("fk_household_income_household_district_code"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "household", "year", name=op.f("pk_household_income")
        ),
        info={"placement": "distributed"},
    )

    op.execute("INSERT INTO store_info (key, value) VALUES ('version', '0')")


def downgrade() -> None:
    op.drop_table("household_income")
    op.drop_table("village_income")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_district_code_unit_code"))

    op.drop_table("task")
    op.drop_table("target_month")
    op.drop_table("target")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_district_code_unit_code"))

    op.drop_table("project")
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairing_district_code_village_code"))

    op.drop_table("pairing")
    op.drop_table("observation")
    with op.batch_alter_table("measure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measure_district_code_village_code"))

    op.drop_table("measure")
    with op.batch_alter_table("lifecycle_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lifecycle_event_district_code_village_code"))

    op.drop_table("lifecycle_event")
    op.drop_table("inspection")
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_district_code_village_code"))

    op.drop_table("household")
    with op.batch_alter_table("fund_flow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fund_flow_district_code_unit_code_year"))

    op.drop_table("fund_flow")
    op.drop_table("boundary")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parent_code"))
        batch_op.drop_index(batch_op.f("ix_unit_district_code_parent_code"))

    op.drop_table("unit")
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_parent_code_period_indicator_code"))
        batch_op.drop_index(batch_op.f("ix_summary_district_code_parent_code_period"))

    op.drop_table("summary")
    op.drop_table("store_info")
    with op.batch_alter_table("observation_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observation_revision_district_code_replaced_by"))

    op.drop_table("observation_revision")
    op.drop_table("indicator")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_district_code_imported_at"))

    op.drop_table("import_batch")
    op.drop_table("bulletin")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_district_code_happened_at"))

    op.drop_table("audit_event")
    op.drop_table("account")
