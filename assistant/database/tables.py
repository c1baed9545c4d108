"""The assistant's own tables: creators' accounts, conversations, channels. Knowledge keeps its own in
`knowledge.tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

creators = Table(
    "creators",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    Column("platform", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("story", String(400), nullable=False, default=""),
    Column("synthetic", Boolean, nullable=False, default=False),
    Column("created_at", DateTime, nullable=False),
    Column("region", String(40), nullable=False, server_default=""),
)

# A code is kept only as a hash: a copy of the database lets nobody take over an account.
link_codes = Table(
    "link_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("creator_id", ForeignKey("creators.id"), nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("used_at", DateTime),
)

chat_links = Table(
    "chat_links",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("creator_id", ForeignKey("creators.id"), nullable=False),
    Column("linked_at", DateTime, nullable=False),
    Index("ix_chat_links_creator_channel", "creator_id", "channel"),
)

threads = Table(
    "threads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(200), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("created_at", DateTime, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("thread_id", ForeignKey("threads.id"), nullable=False),
    Column("asked_at", DateTime, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reply", JSON, nullable=False),
    Column("release", Integer),
    Column("passages", JSON, nullable=False),
    Column("model", String(100), nullable=False),
    Column("grounded", Boolean, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("timings_ms", JSON, nullable=False),
    # How the question was read (`assistant.agent.reading`), and the day it was in the configured time zone.
    Column("intent", String(40), nullable=False, server_default=""),
    Column("today", String(10), nullable=False, server_default=""),
    # The specifications of the reply's charts, in their order: what pictures are drawn from when somebody looks.
    Column("charts", JSON(none_as_null=True)),
    # Calls of a configured model and the tokens they took (see `assistant.agent.usage`); nothing without one.
    Column("usage", JSON(none_as_null=True)),
    Index("ix_turns_thread_asked", "thread_id", "asked_at"),
    Index("ix_turns_asked", "asked_at"),
)

# What an answer offers to do and a button carries out, once, for its owner alone (see assistant.agent.actions).
# `outcome` is what was said when it was done; taken without an outcome it is being done.
actions = Table(
    "actions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("turn_id", ForeignKey("turns.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("label", String(200), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("lang", String(10), nullable=False),
    Column("offered_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("taken_at", DateTime),
    Column("outcome", Text),
)

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

# Written before an update is acknowledged to Telegram; `done_at` is set when its answer has been sent.
telegram_updates = Table(
    "telegram_updates",
    metadata,
    Column("bot", BigInteger, primary_key=True),
    Column("update_id", BigInteger, primary_key=True),
    Column("chat_id", BigInteger, index=True),
    Column("payload", JSON, nullable=False),
    Column("received_at", DateTime, nullable=False),
    Column("done_at", DateTime),
    # How often a start found it unfinished: what ends the process again and again is not tried for ever.
    Column("taken_up", Integer, nullable=False, server_default="0"),
    # Until when the process that took it up answers for it; after that another may.
    Column("leased_until", DateTime),
)

# What goes out to a chat, part by part, under the name of what it answers (see connectors.telegram.outbox). Of `parts`,
# `begun` were handed to Telegram and `sent` confirmed; `grows` is the message that grows while an answer is written.
# A notice belongs to the process that leased it (see connectors.telegram.notices).
telegram_outbox = Table(
    "telegram_outbox",
    metadata,
    Column("bot", BigInteger, primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("parts", JSON(none_as_null=True)),
    Column("begun", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("grows", BigInteger),
    Column("created_at", DateTime, nullable=False),
    Column("done_at", DateTime, index=True),
    Column("leased_until", DateTime),
)

# What is remembered of a chat. Without a `language` it follows the person's client.
telegram_chats = Table(
    "telegram_chats",
    metadata,
    Column("bot", BigInteger, primary_key=True),
    Column("chat_id", BigInteger, primary_key=True),
    Column("language", String(8)),
    Column("blocked_at", DateTime),
)

# Metric files that a creator sent and that wait for a yes; with `import_id` they were imported.
telegram_files = Table(
    "telegram_files",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("bot", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("creator_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("received_at", DateTime, nullable=False, index=True),
    Column("import_id", BigInteger),
)

# The name is unique in its folded form `name_key`. No password: the account signs in through the identity provider,
# whose subject it is bound to.
staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("name_key", String(200), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password_hash", String(200)),
    Column("oidc_subject", String(600), unique=True),
    Column("language", String(2), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("last_sign_in_at", DateTime),
)

# A token is kept only as a hash; `notices` wait to be shown on the session's next page.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("created_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("notices", JSON, nullable=False),
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

# Sites that embed the widget. `origins` are the only pages that may hold its frame; `theme` is how it looks there.
sites = Table(
    "sites",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("origins", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("theme", JSON, nullable=False),
    Column("daily_questions", Integer, nullable=False),
    Column("visitor_questions", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("closed_at", DateTime),
)

# What a site signs identities with, by algorithm, and what its server calls the API with (`bearer`). `verifier` is the
# public key in PEM; with HS256 the shared secret itself, which checking needs as it is; of a bearer key the SHA-256.
site_keys = Table(
    "site_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("verifier", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)

# Identities that were exchanged already; each is good for once. A row is dropped some time after the token has expired.
spent_identities = Table(
    "spent_identities",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("jti", String(64), primary_key=True),
    Column("expires_at", DateTime, nullable=False, index=True),
)

# Questions of a day, by visitor; the empty visitor is the whole site.
site_uses = Table(
    "site_uses",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("visitor", String(80), primary_key=True),
    Column("questions", Integer, nullable=False),
)

# Writes of the HTTP API that carried an Idempotency-Key. `key_hash` is the SHA-256 of who wrote, where, and their key;
# `body_hash` that of what was sent; `answer` the JSON that it was answered with, null while the work is under way.
repeatable_writes = Table(
    "repeatable_writes",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("creator", String(64)),
    Column("answer", Text),
    Column("begun_at", DateTime, nullable=False, index=True),
)
