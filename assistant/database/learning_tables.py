"""The tables of what is learnt from questions: what releases are asked, what askers thought, what the knowledge lacks,
and what is used; on the same metadata as `assistant.database.tables`."""

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Table, Text

from assistant.database.tables import metadata

# What every release is asked before it is served (see assistant.golden).
golden_questions = Table(
    "golden_questions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("question", Text, nullable=False),
    Column("lang", String(10), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("answerable", Boolean, nullable=False),
    Column("must_contain", JSON, nullable=False),
    Column("must_not_contain", JSON, nullable=False),
    Column("creator", String(64)),
    Column("as_of", String(10)),
    Column("origin", String(200), nullable=False),
    Column("author", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
)

# What whoever asked thought of an answer: `up` or `down`.
feedback = Table(
    "feedback",
    metadata,
    Column("turn_id", ForeignKey("turns.id"), primary_key=True),
    Column("verdict", String(4), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", DateTime, nullable=False),
)

# What the knowledge lacks, as the questions show it. States: open → drafted (`document` is to answer it) → closed (by
# release `closed_by`), or dismissed. `checked` is the release on which its questions were asked again last; `examples`
# are a few of them, each worded in its own way. `forgotten` counts questions whose askers had everything deleted.
gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("examples", JSON, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("document", String(120)),
    Column("closed_by", Integer),
    Column("checked", Integer),
    Column("forgotten", Integer, nullable=False, server_default="0"),
    Column("created_at", DateTime, nullable=False),
    Column("last_asked_at", DateTime, nullable=False),
)

# Written with the turn (or its thumb down); it waits without a gap until it is grouped (see assistant.learning).
gap_questions = Table(
    "gap_questions",
    metadata,
    Column("turn_id", ForeignKey("turns.id"), primary_key=True),
    Column("gap_id", ForeignKey("gaps.id")),
    Column("reason", String(12), nullable=False),  # unanswered | unpublished | down
    Index("ix_gap_questions_gap_reason", "gap_id", "reason"),
)

# Sums over the turns of a day, kept up in the transaction of each: counting a million turns takes minutes.
passage_uses = Table(
    "passage_uses",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("document", String(120), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("passage", String(64), primary_key=True),
    Column("cited", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("down", Integer, nullable=False),
)
