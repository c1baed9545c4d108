"""Sessions of staff: who is signed in, in which browser, until when.

Invariant: of a session's token only the SHA-256 is kept, so a copy of the database opens nothing.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from assistant.database.engine import beside, reading
from assistant.database.tables import staff, staff_sessions
from assistant.errors import NotAllowed
from assistant.staff.people import Person
from knowledge.audit import record

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
# A session's last use is written down at most so often: a page load is no write.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """One browser in which somebody is signed in. `notices` wait to be shown on the next page."""

    token: str
    person: Person
    notices: tuple[dict[str, Any], ...] = ()

    @property
    def csrf(self) -> str:
        """What a form or request of this session must carry; another site cannot know it."""
        return hmac.digest(self.token.encode(), b"csrf", "sha256").hex()


class StaffSessions:
    """Opens, finds and ends sessions. One ends 12 hours after its last use, 7 days after its beginning, and with every
    change of the account's password, role or activity (see `Staff`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, person: Person, address: str = "", how: str = "password", now: datetime | None = None) -> str:
        """The token of a new session. Raises NotAllowed when the account was disabled in the meantime."""
        token, moment = secrets.token_urlsafe(32), now or _now()
        with self._engine.begin() as connection:
            connection.execute(delete(staff_sessions).where(_is_over(moment)))
            account = connection.scalar(select(staff.c.id).where(staff.c.name == person.name, staff.c.active))
            if account is None:
                raise NotAllowed("This account is disabled; ask an admin.")
            connection.execute(update(staff).where(staff.c.id == account).values(last_sign_in_at=moment))
            connection.execute(
                insert(staff_sessions).values(
                    token_hash=_hash(token), staff_id=account, created_at=moment, seen_at=moment, notices=[]
                )
            )
            record(connection, person.name, "staff.signed_in", person.name, address=address, how=how)
        return token

    def find(self, token: str, now: datetime | None = None) -> Session | None:
        """The session of a token that holds, otherwise None; its use is noted."""
        moment = now or _now()
        own = staff_sessions.c.token_hash == _hash(token)
        query = (
            select(staff.c.name, staff.c.role, staff.c.language, staff_sessions.c.seen_at, staff_sessions.c.notices)
            .join(staff, staff.c.id == staff_sessions.c.staff_id)
            .where(own, staff.c.active, ~_is_over(moment))
        )
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if moment - row.seen_at >= NOTED_EVERY:
            with beside(self._engine).begin() as connection:
                connection.execute(update(staff_sessions).where(own).values(seen_at=moment))
        return Session(token, Person(row.name, row.role, row.language), tuple(row.notices))

    def leave_notice(self, token: str, notice: dict[str, Any]) -> None:
        """Keep something to be shown on the session's next page."""
        own = staff_sessions.c.token_hash == _hash(token)
        with self._engine.begin() as connection:
            kept = connection.scalar(select(staff_sessions.c.notices).where(own).with_for_update())
            if kept is not None:
                connection.execute(update(staff_sessions).where(own).values(notices=[*kept, notice]))

    def clear_notices(self, token: str) -> None:
        """Forget the notices: they have been shown."""
        with self._engine.begin() as connection:
            connection.execute(
                update(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)).values(notices=[])
            )

    def close(self, token: str) -> None:
        """End one session."""
        with self._engine.begin() as connection:
            own = staff_sessions.c.token_hash == _hash(token)
            query = select(staff.c.name).join(staff_sessions, staff.c.id == staff_sessions.c.staff_id).where(own)
            name = connection.scalar(query)
            if name is not None:
                connection.execute(delete(staff_sessions).where(own))
                record(connection, name, "staff.signed_out", name)


def end_sessions(connection: Connection, staff_id: int) -> None:
    """End every session of an account, in the transaction of the change that asks for it."""
    connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))


def _is_over(moment: datetime) -> Any:
    return or_(staff_sessions.c.seen_at <= moment - IDLE, staff_sessions.c.created_at <= moment - LONGEST)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
