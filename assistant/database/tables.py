"""Accounts of creators and staff, links to chats, conversations. The other rooms of the house have files of their own
beside this one, on the same metadata; `schema` has them all. Knowledge keeps its own in `knowledge.tables`."""

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text

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
