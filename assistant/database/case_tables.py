"""The tables of what creators bring before staff: tickets and originality cases, on the same metadata as
`assistant.database.tables`."""

from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKey, Index, Integer, String, Table, Text

from assistant.database.tables import metadata

# A conversation handed to staff. States: open (staff are to answer) → answered → open again with the creator's next
# word, or closed. `thread_id` is the conversation that it came from and that the answers come back to; `due_at` is when
# the first answer is due within the service hours. Who is unknown has no `creator_id`.
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(200), nullable=False, index=True),
    Column("creator_id", String(64), index=True),
    Column("channel", String(20), nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("lang", String(10), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("assignee", String(100), nullable=False),
    Column("opened_at", DateTime, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("first_answered_at", DateTime),
    Column("first_answer_minutes", Integer),
    Column("changed_at", DateTime, nullable=False),
    Column("closed_at", DateTime),
    Index("ix_tickets_state_due_at", "state", "due_at"),
)

# What was said and done on a ticket, in order. `author` is `creator`, or the name of who of the staff; a note is for
# staff only. `act`: said | answered | noted | assigned | closed | reopened.
ticket_entries = Table(
    "ticket_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("act", String(10), nullable=False),
    Column("author", String(100), nullable=False),
    Column("text", Text, nullable=False),
)

# An originality case. `side`: report (the creator's work was copied) or complaint (somebody says that the creator
# copied). Its states and who may move it between them stand in `assistant.programs.cases.states`. Likenesses are from 0
# to 1, and only a hint; `duplicate_of` is the earlier case about the same pair of works.
cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("creator_id", String(64), nullable=False, index=True),
    Column("side", String(10), nullable=False),
    Column("state", String(12), nullable=False),
    Column("lang", String(10), nullable=False),
    Column("own_work", String(64), nullable=False),
    Column("own_title", String(200), nullable=False),
    Column("own_url", String(500), nullable=False),
    Column("own_published_at", DateTime),
    Column("other_title", String(200), nullable=False),
    Column("other_url", String(500), nullable=False),
    Column("other_key", String(500), nullable=False, index=True),
    Column("other_name", String(100), nullable=False),
    Column("statement", Text, nullable=False),
    Column("contact", String(300), nullable=False),
    Column("title_likeness", Float),
    Column("cover_likeness", Float),
    Column("duplicate_of", Integer),
    Column("assignee", String(100), nullable=False),
    Column("is_appealed", Boolean, nullable=False),
    Column("opened_at", DateTime, nullable=False),
    Column("due_at", DateTime),
    Column("changed_at", DateTime, nullable=False),
    Column("decided_at", DateTime),
    Index("ix_cases_state_due_at", "state", "due_at"),
)

# The history of a case, in order: every step with who made it and what was said.
case_entries = Table(
    "case_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("act", String(12), nullable=False),
    Column("author", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(12), nullable=False),
)

# Pictures and papers of a case, kept under their SHA-256 in the home folder. `role`: own_cover | other_cover |
# evidence; `picture_hash` is the perceptual hash of a picture, in hexadecimal.
case_files = Table(
    "case_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("role", String(12), nullable=False),
    Column("name", String(200), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("hash", String(64), nullable=False, index=True),
    Column("bytes", Integer, nullable=False),
    Column("picture_hash", String(64), nullable=False),
    Column("author", String(100), nullable=False),
    Column("added_at", DateTime, nullable=False),
)
