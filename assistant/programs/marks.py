"""How far something that goes on and on has come: kept in SQL, in the transaction of what was done."""

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from assistant.database.engine import upsert
from assistant.database.notice_tables import progress_marks


def mark_of(connection: Connection, name: str) -> str | None:
    """How far it is, None before it began."""
    return connection.scalar(select(progress_marks.c.mark).where(progress_marks.c.name == name))


def set_mark(connection: Connection, name: str, mark: str) -> None:
    """Remember how far it is."""
    values = {"mark": mark, "at": datetime.now(UTC).replace(tzinfo=None)}
    keeping = upsert(connection, progress_marks).values(name=name, **values)
    connection.execute(keeping.on_conflict_do_update(index_elements=progress_marks.primary_key, set_=values))
