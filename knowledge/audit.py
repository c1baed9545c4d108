"""The audit trail: who changed what, when and why. Entries are written in the transaction of the change they tell of.

Invariant: entries are only ever added; no function here changes or removes one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, or_, select

from knowledge.tables import audit
from knowledge.transactions import reading


@dataclass(frozen=True)
class Entry:
    """One change. `action` is `area.verb` (`document.saved`, `release.served`, `staff.added`), `subject` names what was
    changed (a slug, a release, a person), `detail` holds what a reader needs to understand it."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; the time is UTC."""
        return {**asdict(self), "at": self.at.isoformat() + "Z"}


def record(connection: Connection, actor: str, action: str, subject: str, reason: str = "", **detail: Any) -> None:
    """Write one entry in the transaction of `connection`."""
    connection.execute(
        insert(audit).values(
            at=datetime.now(UTC).replace(tzinfo=None),
            actor=actor,
            action=action,
            subject=subject,
            reason=reason,
            detail=detail,
        )
    )


class Trail:
    """Reads the audit trail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entries(
        self, text: str = "", area: str = "", limit: int = 100, before: int | None = None, subject: str = ""
    ) -> list[Entry]:
        """The newest entries first. `text` looks in actor, subject and reason; `area` is the part of the action before
        the dot; `before` is the id of the last entry of the page before this one; `subject` is exact."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if text:
            columns = (audit.c.actor, audit.c.subject, audit.c.reason)
            query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
        if area:
            query = query.where(audit.c.action.startswith(f"{area}.", autoescape=True))
        if subject:
            query = query.where(audit.c.subject == subject)
        if before is not None:
            query = query.where(audit.c.id < before)
        with reading(self._engine).begin() as connection:
            return [Entry(**row._mapping) for row in connection.execute(query)]

    def count(self) -> int:
        """How many entries there are."""
        with reading(self._engine).begin() as connection:
            return connection.scalar(select(func.count()).select_from(audit)) or 0

    def everything(self) -> Iterator[Entry]:
        """Every entry, oldest first, for an export."""
        with reading(self._engine).begin() as connection:
            for row in connection.execution_options(yield_per=1000).execute(select(audit).order_by(audit.c.id)):
                yield Entry(**row._mapping)
