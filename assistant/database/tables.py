"""The assistant's own tables: creators' accounts, conversations, channels. Knowledge keeps its own in
`knowledge.tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
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
    Column("name", String(200), nullable=False),
    Column("platform", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("story", String(400), nullable=False, default=""),
    Column("synthetic", Boolean, nullable=False, default=False),
    Column("created_at", DateTime, nullable=False),
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
    Index("ix_turns_thread_asked", "thread_id", "asked_at"),
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
