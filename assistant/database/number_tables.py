"""The tables around creators' numbers, which stand in the warehouse: plans, alerts, custom metrics, how files are read,
leaderboards; on the same metadata as `assistant.database.tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from assistant.database.tables import metadata

# Plans that creators were given, with the numbers of that day (see assistant.creators.plans). A later one replaces an
# earlier one; none is changed.
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("creator_id", String(64), nullable=False),
    Column("made_on", String(10), nullable=False),
    Column("weeks", Integer, nullable=False),
    Column("stage", String(20), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index("ix_plans_creator_made", "creator_id", "made_on"),
)

# What creators want to be told about (see assistant.creators.alerts): so many works in a row, or with 0 the last days
# together, that are worse than their own usual, or below or above a threshold in the metric's own unit.
metric_alerts = Table(
    "metric_alerts",
    metadata,
    Column("creator_id", String(64), primary_key=True),
    Column("metric", String(80), primary_key=True),
    Column("works", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(10), nullable=False),
    Column("threshold", Float),
    Column("created_at", DateTime, nullable=False),
)

# A definition is never changed: defining the same slug again adds a version. The owner is a creator's id, or empty for
# the staff's, which everybody sees. `canonical` names fields plainly and every metric it refers to with its version.
metric_definitions = Table(
    "metric_definitions",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("slug", String(60), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("title", String(60), nullable=False),
    Column("formula", Text, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("unit", String(20), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("allowed_on_leaderboards", Boolean, nullable=False),
)

# How the columns of a header that no preset knows are read, once staff confirmed it; the fingerprint is the header's.
column_mappings = Table(
    "column_mappings",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("header", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("dates", String(20)),
    Column("rates", String(20)),
    Column("confirmed_by", String(100), nullable=False),
    Column("confirmed_at", DateTime, nullable=False),
)

# Who may push metric files over HTTP. A key is kept only as a hash; with `creator_id` it brings that creator's alone.
feed_keys = Table(
    "feed_keys",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("creator_id", String(64)),
    Column("created_at", DateTime, nullable=False),
    Column("last_used_at", DateTime),
    Column("revoked_at", DateTime),
)

# A leaderboard as it was: what is written here, and in the warehouse's `board_rows` under its `id`, is never changed.
# Made again on other numbers it is a new revision. `owner` is that of a custom metric; `usual` is the board's median.
leaderboards = Table(
    "leaderboards",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", String(64), nullable=False),
    Column("metric", String(80), nullable=False),
    Column("period", String(10), nullable=False),
    Column("first", String(10), nullable=False),
    Column("last", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("minimum_base", Integer, nullable=False),
    Column("ranked", Integer, nullable=False),
    Column("below_base", Integer, nullable=False),
    Column("usual", Float),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("last_import", BigInteger, nullable=False),
    UniqueConstraint("owner", "metric", "period", "first", "revision"),
)

# What creators of one tier and category had of a metric in the 28 days up to `last` (see assistant.creators.peers).
# Tier -1 and an empty category stand for all.
cohorts = Table(
    "cohorts",
    metadata,
    Column("last", String(10), primary_key=True),
    Column("metric", String(80), primary_key=True),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("category", String(40), primary_key=True),
    Column("creators", Integer, nullable=False),
    Column("values", JSON, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("seconds", Float, nullable=False),
)
