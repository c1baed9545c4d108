"""The tables of what is told to creators unasked, on the same metadata as `assistant.database.tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from assistant.database.tables import metadata

_KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only a plain INTEGER up by itself

# The outbox. `occasion` is the key under which a creator is told once. States: waiting → begun → sent, or withheld (not
# wanted), held (its campaign is paused), failed (no channel took it), unsure (handed over twice, and nobody knows
# whether it arrived).
# `leased_until` keeps other deliverers away; `tries` counts hand-overs; `digest` is the notice that a merged one went
# out with. `due_at` moves when it has to wait (quiet hours, a channel that is down); `shown_from` does not.
notices = Table(
    "notices",
    metadata,
    Column("id", _KEY, primary_key=True),
    Column("creator_id", ForeignKey("creators.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("occasion", String(160), nullable=False),
    Column("title", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("link", String(500), nullable=False),
    Column("image", String(64), nullable=False),
    Column("campaign", Integer),
    Column("variant", String(10), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("shown_from", DateTime, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("leased_until", DateTime),
    Column("tries", Integer, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("digest", BigInteger),
    Column("fault", String(200), nullable=False),
    Column("sent_at", DateTime),
    Column("seen_at", DateTime),
    Column("clicked_at", DateTime),
    Column("opted_out_at", DateTime),
    UniqueConstraint("creator_id", "occasion"),
    Index("ix_notices_creator_id", "creator_id", "id"),
    Index("ix_notices_campaign_state", "campaign", "state"),
    # Only what is still to go out: the drain looks here, however many were sent before.
    Index(
        "ix_notices_open",
        "due_at",
        "id",
        sqlite_where=text("state IN ('waiting', 'begun')"),
        postgresql_where=text("state IN ('waiting', 'begun')"),
    ),
)

# How a creator wants to be told. Without a row the house's defaults hold. Hours are local to `timezone` (empty: the
# house's); `channel` is the preferred one, empty for whatever is linked; `weekly` None is the house's limit.
notice_wishes = Table(
    "notice_wishes",
    metadata,
    Column("creator_id", ForeignKey("creators.id"), primary_key=True),
    Column("timezone", String(60), nullable=False),
    Column("quiet_from", Integer, nullable=False),
    Column("quiet_until", Integer, nullable=False),
    Column("weekly", Integer),
    Column("muted", JSON, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("email", String(200), nullable=False),
    Column("language", String(10), nullable=False),
    Column("daily_digest", Boolean, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)

# Which passage a creator was answered from last, kept up with every turn: who hears of a change of it.
told_passages = Table(
    "told_passages",
    metadata,
    Column("document", String(120), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("passage", String(64), primary_key=True),
    Column("creator_id", String(64), primary_key=True),
    Column("turn_id", String(32), nullable=False),
    Column("told_at", DateTime, nullable=False),
    Index("ix_told_passages_creator_id", "creator_id"),
)

# How far a task that goes on and on has come: the release whose changes have been told, the week that was reported.
progress_marks = Table(
    "progress_marks",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("mark", String(200), nullable=False),
    Column("at", DateTime, nullable=False),
)

# draft → approved → scheduled → sending → sent; paused, cancelled on the way. `texts` are variants by name, each with
# its languages; `program` is the task that it invites to; `cursor` is the last creator that was put into the outbox, by
# id, and with `enrolled_at` everybody is.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("audience", JSON, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("link", String(500), nullable=False),
    Column("image", String(64), nullable=False),
    Column("program", String(60), nullable=False),
    Column("author", String(100), nullable=False),
    Column("approver", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("starts_at", DateTime),
    Column("started_at", DateTime),
    Column("enrolled_at", DateTime),
    Column("finished_at", DateTime),
    Column("cursor", String(64), nullable=False),
    Column("enrolled", Integer, nullable=False),
)

# Pictures that go out with campaigns, kept under their SHA-256.
campaign_images = Table(
    "campaign_images",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("media_type", String(40), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("author", String(100), nullable=False),
    Column("added_at", DateTime, nullable=False),
)
