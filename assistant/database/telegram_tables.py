"""The tables of the Telegram bot, on the same metadata as `assistant.database.tables`."""

from sqlalchemy import JSON, BigInteger, Column, DateTime, Integer, String, Table

from assistant.database.tables import metadata

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
