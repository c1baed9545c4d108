"""The tables of sites that embed the widget and of who writes over HTTP, on the same metadata as
`assistant.database.tables`."""

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Integer, String, Table, Text

from assistant.database.tables import metadata

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
