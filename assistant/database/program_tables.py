"""The tables of the programs, on the same metadata as `assistant.database.tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from assistant.database.tables import metadata

# Everything that staff define by rules: incentive tasks, Star's criteria, checklists (`kind`: task | star | checklist).
programs = Table(
    "programs",
    metadata,
    Column("slug", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("closed_at", DateTime),
)

# `state`: draft → published → replaced by the next published one. A published rule never changes.
program_versions = Table(
    "program_versions",
    metadata,
    Column("program", ForeignKey("programs.slug"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("rule", JSON, nullable=False),
    Column("author", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("publisher", String(100)),
    Column("published_at", DateTime),
)

# In the smallest unit: fen of cash, exposures of traffic. The database itself refuses to overdraw.
program_budgets = Table(
    "program_budgets",
    metadata,
    Column("program", ForeignKey("programs.slug"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    CheckConstraint("spent >= 0 AND spent <= total", name="ck_program_budgets_within"),
)

# A creator in a task, under the version of the rule that was in force on joining. `state`: joined → completed | missed
# | withdrawn | disqualified. `told` are bits of what the creator heard already (see `assistant.programs.settling`).
enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("program", ForeignKey("programs.slug"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("creator_id", String(64), nullable=False),
    Column("joined_at", DateTime, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("state", String(12), nullable=False),
    Column("steps_done", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("settled_at", DateTime),
    Column("reason", String(400), nullable=False),
    UniqueConstraint("creator_id", "program"),
    Index("ix_enrolments_program_state", "program", "state"),
    Index("ix_enrolments_state_last_day", "state", "last_day"),
)

# `verdict` is upheld or rejected once staff have decided.
appeals = Table(
    "appeals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enrolment", ForeignKey("enrolments.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("verdict", String(10)),
    Column("decided_by", String(100)),
    Column("decided_at", DateTime),
    Column("answer", String(400), nullable=False),
)

# Append-only, which triggers see to. An award is the entries of one `award`: awarded or held, then approved, refused,
# reversed, sent, paid (see `assistant.programs.ledger`). Without foreign keys: it outlives what it tells of.
reward_ledger = Table(
    "reward_ledger",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("at", DateTime, nullable=False),
    Column("entry", String(10), nullable=False),
    Column("award", String(120), nullable=False, index=True),
    Column("program", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("enrolment", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("creator_id", String(64), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("label", String(100), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("payout", Integer, index=True),
    Index("ix_reward_ledger_program_entry", "program", "entry"),
)

# What was handed to the payer at once. Its awards are the ledger's entries with its number.
payouts = Table(
    "payouts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("awards", Integer, nullable=False),
    Column("cash", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", DateTime),
    Column("delivered_at", DateTime),
    Column("fault", String(200), nullable=False),
)

# `state`: proposed → accepted | declined | withdrawn; an accepted one may be ended. `readiness` is how the creator
# stood to the criteria when nominated; `contact` is the staff member who receives the creator's hand-offs.
star_nominations = Table(
    "star_nominations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("creator_id", String(64), nullable=False, index=True),
    Column("nominated_by", String(100), nullable=False),
    Column("nominated_at", DateTime, nullable=False),
    Column("note", Text, nullable=False),
    Column("readiness", JSON, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("decided_by", String(100)),
    Column("decided_at", DateTime),
    Column("reason", String(400), nullable=False),
    Column("contact", String(100), nullable=False),
)

# What was promised to a Star: fen of guaranteed cash, exposures of traffic and of other resources.
star_benefits = Table(
    "star_benefits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("nomination", ForeignKey("star_nominations.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("note", String(400), nullable=False),
    Column("promised_by", String(100), nullable=False),
    Column("promised_at", DateTime, nullable=False),
    Column("due_on", Date),
    Column("delivered_by", String(100)),
    Column("delivered_at", DateTime),
)

# What audiences look at beside `creators` itself: derived from the warehouse for every creator at once, and made anew
# by `assistant.programs.traits`. Empty names and no followers: the numbers do not say.
creator_traits = Table(
    "creator_traits",
    metadata,
    Column("creator_id", ForeignKey("creators.id"), primary_key=True),
    Column("tier", String(20), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("followers", BigInteger),
    Column("derived_on", Date, nullable=False),
)
