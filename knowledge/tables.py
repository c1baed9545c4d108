"""The SQL truth of knowledge: documents, revisions, passages, releases and the vectors of their texts."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slug", String(120), nullable=False, unique=True),
    Column("lang", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("created_at", DateTime, nullable=False),
    # Who answers for the document; the first author until somebody else is named.
    Column("owner", String(100), nullable=False, server_default=""),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("body", Text, nullable=False),
    Column("source", String(300), nullable=False),
    Column("source_url", String(500), nullable=False),
    Column("source_date", String(10), nullable=False),
    Column("trust", String(20), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("category", String(40), nullable=False),
    Column("effective_from", Date),
    Column("expires_on", Date),
    Column("attributes", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("author", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
    # A draft is what the next release takes up; it stops being one when a release with it is served.
    Column("is_draft", Boolean, nullable=False, index=True),
    UniqueConstraint("document_id", "number"),
)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision_id", ForeignKey("revisions.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("heading", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked", JSON, nullable=False),
    Column("unpublished", Boolean, nullable=False),
    Column("rumour", Boolean, nullable=False),
    Column("source", String(300), nullable=False),
    Column("source_url", String(500), nullable=False),
    Column("source_date", String(10), nullable=False),
    Column("trust", String(20), nullable=False),
    Column("text_hash", String(64), nullable=False),
)

embeddings = Table(
    "embeddings",
    metadata,
    Column("model", String(80), primary_key=True),
    Column("text_hash", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("note", String(400), nullable=False),
    Column("author", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("served_at", DateTime),
    Column("state", String(12), nullable=False),  # candidate | ready | blocked | served | retired
    Column("waiver", String(400), nullable=False),
    Column("report", JSON, nullable=False),
    # The release that was served when this one was put together: publishing over any other one is a conflict.
    Column("base", Integer),
    Column("publisher", String(100), nullable=False, server_default=""),
)

release_revisions = Table(
    "release_revisions",
    metadata,
    Column("release", ForeignKey("releases.number"), primary_key=True),
    Column("revision_id", ForeignKey("revisions.id"), primary_key=True),
    # The period as served: a successor in the same release closes its predecessor's.
    Column("effective_from", Date),
    Column("expires_on", Date),
    Index("ix_release_revisions_revision", "revision_id"),
)

# Entries are only ever added (see knowledge.audit).
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("reason", String(400), nullable=False),
    Column("detail", JSON, nullable=False),
)

# A group of words that mean the same to a search, as staff wrote them: one word a line of `words`.
synonyms = Table(
    "synonyms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("words", JSON, nullable=False),
    Column("author", String(100), nullable=False),
    Column("created_at", DateTime, nullable=False),
)
