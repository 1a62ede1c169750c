"""All tables of the store. `district_code` leads every key, so that one district is one shard.

Rules that keep the schema fit for a distributed PostgreSQL: no key without district_code, foreign
keys only between tables that share it (or to the small reference table `indicator`), no sequences,
no trigger on a distributed table. A unit above the district keeps its rows under its own code as
district_code. Amounts are integer fen; figures of indicators are integers in the indicator's
smallest unit (pieces, fen, millionths of a rate, hundredths of a score).

`Table.info["placement"]` is "distributed", "reference" (small, copied to every node) or "local"
(guarded by triggers, or one per installation).
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

CODE = String(20)
PERIOD = String(6)
NAME = String(200)
BATCH = String(40)

INCOME_SOURCES = ("operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other")
"""Columns of village_income, each in fen, cumulative within the year."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _district() -> Column[str]:
    return Column("district_code", CODE, primary_key=True)


def _provenance() -> list[Column[Any]]:
    """Which batch a row came with, and its row in the file's sheet."""
    return [
        Column("batch_id", BATCH, nullable=False),
        Column("source_row", Integer, nullable=True),
    ]


def _unit_key(column: str = "unit_code") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["district_code", column], ["unit.district_code", "unit.code"])


def _indicator_key() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["indicator_code"], ["indicator.code"])


store_info = Table(
    "store_info",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    info={"placement": "local"},
    comment="is_demo, demo_accounts (demo stores only), version (raised by every write)",
)

indicator = Table(
    "indicator",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", NAME, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("definition", JSON, nullable=False, comment="the entry of config/indicators.yaml"),
    info={"placement": "reference"},
)

unit = Table(
    "unit",
    metadata,
    _district(),
    Column("code", CODE, primary_key=True),
    Column("parent_code", CODE, nullable=True, comment="may lie in another district_code: no FK"),
    Column("level", String(10), nullable=False),
    Column("name", NAME, nullable=False),
    Column("kind", String(40), nullable=False, server_default=""),
    Column("lon", Float, nullable=True, comment="WGS84 / CGCS2000, degrees"),
    Column("lat", Float, nullable=True),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    *_provenance(),
    Index(None, "district_code", "parent_code"),
    Index(None, "parent_code"),
    info={"placement": "distributed"},
)

boundary = Table(
    "boundary",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("geometry", JSON, nullable=False, comment="GeoJSON geometry, WGS84"),
    *_provenance(),
    _unit_key(),
    info={"placement": "distributed"},
)

target = Table(
    "target",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("indicator_code", String(20), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("department", NAME, nullable=False, server_default=""),
    Column("post", NAME, nullable=False, server_default="", comment="responsible post"),
    Column("due_month", SmallInteger, nullable=False, server_default="12"),
    *_provenance(),
    _unit_key(),
    _indicator_key(),
    CheckConstraint("due_month BETWEEN 1 AND 12", name="due_month"),
    info={"placement": "distributed"},
)

target_month = Table(
    "target_month",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("indicator_code", String(20), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("month", SmallInteger, primary_key=True),
    Column("planned", BigInteger, nullable=False, comment="cumulative within the year"),
    *_provenance(),
    _unit_key(),
    _indicator_key(),
    CheckConstraint("month BETWEEN 1 AND 12", name="month"),
    info={"placement": "distributed"},
)

observation = Table(
    "observation",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("indicator_code", String(20), primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("value", BigInteger, nullable=False),
    *_provenance(),
    _unit_key(),
    _indicator_key(),
    info={"placement": "distributed"},
)

observation_revision = Table(
    "observation_revision",
    metadata,
    _district(),
    Column("table_name", String(40), primary_key=True),
    Column("row_key", String(300), primary_key=True, comment="the row's key after district_code"),
    Column("revision", Integer, primary_key=True, comment="1 for the first value overwritten"),
    Column("old_row", JSON, nullable=False, comment="the whole row as it stood"),
    Column("batch_id", BATCH, nullable=False, comment="the batch that had brought the old row"),
    Column("replaced_by", BATCH, nullable=False, comment="the batch that overwrote it"),
    Column("replaced_at", DateTime(timezone=True), nullable=False),
    Index(None, "district_code", "replaced_by"),
    info={"placement": "distributed"},
    comment="Every value that was overwritten, of observations and of all other imported facts",
)


def _amounts() -> list[Column[Any]]:
    """A village's income by source, cumulative within the year, in fen."""
    return [Column(f"{source}_fen", BigInteger, nullable=False) for source in INCOME_SOURCES]


village_income = Table(
    "village_income",
    metadata,
    _district(),
    Column("village_code", CODE, primary_key=True),
    Column("period", PERIOD, primary_key=True),
    *_amounts(),
    *_provenance(),
    _unit_key("village_code"),
    info={"placement": "distributed"},
)

village_income_check = Table(
    "village_income_check",
    metadata,
    _district(),
    Column("village_code", CODE, primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("source", String(20), primary_key=True, comment="村账 or 统计审核; never the town"),
    *_amounts(),
    *_provenance(),
    _unit_key("village_code"),
    info={"placement": "distributed"},
)
"""Beside village_income, for comparison only: no figure is counted from it."""

household = Table(
    "household",
    metadata,
    _district(),
    Column("number", String(40), primary_key=True, comment="pseudonymous"),
    Column("village_code", CODE, nullable=False),
    Column("persons", SmallInteger, nullable=False),
    Column("labour", SmallInteger, nullable=False),
    Column("category", String(40), nullable=False),
    Column("cause", String(40), nullable=False),
    Column("identified_on", Date, nullable=False),
    *_provenance(),
    _unit_key("village_code"),
    Index(None, "district_code", "village_code"),
    CheckConstraint("persons >= 1 AND labour >= 0 AND labour <= persons", name="persons"),
    info={"placement": "distributed"},
)

household_income = Table(
    "household_income",
    metadata,
    _district(),
    Column("household", String(40), primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("income_fen", BigInteger, nullable=False, comment="disposable income per head"),
    *_provenance(),
    ForeignKeyConstraint(
        ["district_code", "household"], ["household.district_code", "household.number"]
    ),
    info={"placement": "distributed"},
)


def _subject() -> list[Column[Any]]:
    """A village (its code) or a household (its number)."""
    return [
        Column("subject_type", String(10), primary_key=True, comment="village or household"),
        Column("subject", String(40), primary_key=True),
    ]


def _located() -> list[Column[Any] | Index]:
    """The village a subject lies in, so that a page reads one index range."""
    return [
        Column("village_code", CODE, nullable=False),
        Index(None, "district_code", "village_code"),
    ]


lifecycle_event = Table(
    "lifecycle_event",
    metadata,
    _district(),
    *_subject(),
    Column("event", String(20), primary_key=True),
    Column("happened_on", Date, primary_key=True),
    Column("evidence", Text, nullable=False, server_default=""),
    *_located(),
    *_provenance(),
    _unit_key("village_code"),
    info={"placement": "distributed"},
)

pairing = Table(
    "pairing",
    metadata,
    _district(),
    Column("kind", String(20), primary_key=True),
    *_subject(),
    Column("organisation", NAME, primary_key=True),
    Column("started_on", Date, primary_key=True),
    Column("post", NAME, nullable=False, server_default="", comment="post, never a name"),
    Column("ended_on", Date, nullable=True),
    *_located(),
    *_provenance(),
    _unit_key("village_code"),
    info={"placement": "distributed"},
)

measure = Table(
    "measure",
    metadata,
    _district(),
    *_subject(),
    Column("category", String(20), primary_key=True),
    Column("department", NAME, primary_key=True),
    Column("started_on", Date, primary_key=True),
    Column("status", String(20), nullable=False),
    Column("amount_fen", BigInteger, nullable=True),
    *_located(),
    *_provenance(),
    _unit_key("village_code"),
    info={"placement": "distributed"},
)

project = Table(
    "project",
    metadata,
    _district(),
    Column("number", String(40), primary_key=True),
    Column("unit_code", CODE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("category", String(40), nullable=False),
    Column("invested_fen", BigInteger, nullable=False, comment="total investment"),
    Column("completed_fen", BigInteger, nullable=False),
    Column("progress", Integer, nullable=False, comment="millionths"),
    Column("started_on", Date, nullable=True),
    Column("due_on", Date, nullable=True),
    Column("status", String(20), nullable=False),
    *_provenance(),
    _unit_key(),
    Index(None, "district_code", "unit_code"),
    info={"placement": "distributed"},
)

fund_flow = Table(
    "fund_flow",
    metadata,
    _district(),
    Column("number", String(40), primary_key=True),
    Column("year", SmallInteger, nullable=False),
    Column("source", String(40), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("unit_code", CODE, nullable=False),
    Column("project_number", String(40), nullable=True),
    Column("arranged_fen", BigInteger, nullable=False),
    Column("allocated_fen", BigInteger, nullable=False),
    Column("spent_fen", BigInteger, nullable=False),
    Column("happened_on", Date, nullable=True),
    Column("audit_state", String(20), nullable=False, server_default=""),
    *_provenance(),
    _unit_key(),
    Index(None, "district_code", "unit_code", "year"),
    info={"placement": "distributed"},
)

task = Table(
    "task",
    metadata,
    _district(),
    Column("number", String(40), primary_key=True),
    Column("unit_code", CODE, nullable=False),
    Column("kind", String(10), nullable=False, comment="one of five 落实, or 议定事项"),
    Column("content", Text, nullable=False),
    Column("department", NAME, nullable=False, server_default=""),
    Column("post", NAME, nullable=False, server_default=""),
    Column("due_month", String(7), nullable=False, comment="2016-09: due by that month's last day"),
    Column("done_on", Date, nullable=True),
    Column("status", String(20), nullable=False, server_default=""),
    *_provenance(),
    _unit_key(),
    Index(None, "district_code", "unit_code"),
    info={"placement": "distributed"},
)

inspection = Table(
    "inspection",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("score", Integer, nullable=True, comment="hundredths of a point"),
    Column("finding", Text, nullable=False, server_default=""),
    Column("fix_due_on", Date, nullable=True),
    Column("fixed_on", Date, nullable=True),
    *_provenance(),
    _unit_key(),
    info={"placement": "distributed"},
)

summary = Table(
    "summary",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("indicator_code", String(20), primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("parent_code", CODE, nullable=True),
    Column("level", String(10), nullable=False),
    Column("value", BigInteger, nullable=True),
    Column("numerator", BigInteger, nullable=True),
    Column("denominator", BigInteger, nullable=True),
    # NULL, not JSON's null: most rows have none, and every one would be parsed.
    Column(
        "classes", JSON(none_as_null=True), nullable=True, comment="distribution: class to count"
    ),
    Column("baseline", BigInteger, nullable=True, comment="value at the end of the year before"),
    Column("target", BigInteger, nullable=True),
    Column("scheduled", Float, nullable=True, comment="序时: what should have been reached"),
    Column("rate", Float, nullable=True, comment="completion rate, 0-1 and above"),
    Column("light", String(6), nullable=False),
    Column("reported", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("source", String(20), nullable=False, comment="register, reported, children or none"),
    Index(None, "district_code", "parent_code", "period"),
    Index(None, "parent_code", "period", "indicator_code"),
    info={"placement": "distributed"},
)

bulletin = Table(
    "bulletin",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("edition", SmallInteger, primary_key=True),
    Column("number", Integer, nullable=False, comment="within the year"),
    Column("content", Text, nullable=False, comment="canonical JSON"),
    Column("sha256", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=True),
    Column("corrects", SmallInteger, nullable=True, comment="edition that this one corrects"),
    Column("signatory", NAME, nullable=False),
    Column("cut_off", DateTime(timezone=True), nullable=False),
    Column("published_by", String(60), nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    info={"placement": "local"},
)

import_batch = Table(
    "import_batch",
    metadata,
    _district(),
    Column("id", BATCH, primary_key=True),
    Column("file_name", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("sheets", JSON, nullable=False, comment="sheet to {new, changed, unchanged}"),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", String(60), nullable=False),
    Column("status", String(10), nullable=False, server_default="applied"),
    Index(None, "district_code", "imported_at"),
    info={"placement": "distributed"},
)

audit_event = Table(
    "audit_event",
    metadata,
    _district(),
    Column("id", BATCH, primary_key=True),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("username", String(60), nullable=False),
    Column("origin", String(60), nullable=False, server_default=""),
    Column("action", String(40), nullable=False),
    Column("detail", JSON, nullable=False),
    Index(None, "district_code", "happened_at"),
    info={"placement": "local"},
)

account = Table(
    "account",
    metadata,
    _district(),
    Column("username", String(60), primary_key=True),
    Column("password_hash", String(100), nullable=False),
    Column("role", String(12), nullable=False),
    Column("unit_code", CODE, nullable=False),
    Column("organisation", NAME, nullable=True),
    Column("display_name", NAME, nullable=False, server_default=""),
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("session_number", Integer, nullable=False, default=1, comment="raised to end sessions"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    info={"placement": "local"},
)

login_attempt = Table(
    "login_attempt",
    metadata,
    _district(),
    Column("kind", String(10), primary_key=True, comment="account or origin"),
    Column("key", String(60), primary_key=True, comment="username or address"),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    info={"placement": "local"},
)

submission = Table(
    "submission",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True, comment="who reports: a town, a village's town"),
    Column("period", PERIOD, primary_key=True),
    Column("table_name", String(40), primary_key=True),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("first_batch", BATCH, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("last_batch", BATCH, nullable=False),
    info={"placement": "distributed"},
)

upload = Table(
    "upload",
    metadata,
    _district(),
    Column("id", BATCH, primary_key=True),
    Column("unit_code", CODE, nullable=False, comment="the town that sent it"),
    Column("file_name", String(255), nullable=False),
    Column("content", LargeBinary, nullable=False, comment="the file, until it is decided on"),
    Column("sheets", JSON, nullable=False, comment="sheet to {new, changed, unchanged}"),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
    Column("uploaded_by", String(60), nullable=False),
    Column("status", String(10), nullable=False, comment="waiting, approved, declined, withdrawn"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("decided_at", DateTime(timezone=True), nullable=True),
    Column("decided_by", String(60), nullable=False, server_default=""),
    Index(None, "district_code", "status", "uploaded_at"),
    info={"placement": "distributed"},
)

returned = Table(
    "returned",
    metadata,
    _district(),
    Column("unit_code", CODE, primary_key=True),
    Column("period", PERIOD, primary_key=True),
    Column("table_name", String(40), primary_key=True),
    Column("number", SmallInteger, primary_key=True, comment="1 for the first time, 2 …"),
    Column("reason", Text, nullable=False),
    Column("returned_at", DateTime(timezone=True), nullable=False),
    Column("returned_by", String(60), nullable=False),
    Column("due_on", Date, nullable=True),
    Column("answered_batch", BATCH, nullable=True, comment="the corrected file; NULL while open"),
    Column("answered_at", DateTime(timezone=True), nullable=True),
    info={"placement": "distributed"},
)

finding_review = Table(
    "finding_review",
    metadata,
    _district(),
    Column("period", PERIOD, primary_key=True),
    Column("fingerprint", String(16), primary_key=True, comment="of what the finding rests on"),
    Column("number", SmallInteger, primary_key=True, comment="1 for the first decision, 2 …"),
    Column("check_name", String(40), nullable=False),
    Column("title", String(40), nullable=False),
    Column("units", JSON, nullable=False, comment="codes that the finding named"),
    Column("action", String(10), nullable=False, comment="accepted, returned, closed"),
    Column("reason", Text, nullable=False, comment="why, or what came of it"),
    Column("due_on", Date, nullable=True, comment="of what was sent back"),
    Column("decided_by", String(60), nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    info={"placement": "distributed"},
)

FACTS: tuple[Table, ...] = (
    unit,
    boundary,
    target,
    target_month,
    observation,
    village_income,
    village_income_check,
    household,
    household_income,
    lifecycle_event,
    pairing,
    measure,
    project,
    fund_flow,
    task,
    inspection,
)
"""Tables that imports fill, in the order in which foreign keys allow them to be written."""
