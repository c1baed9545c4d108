"""Keys by which platforms push metric files over HTTP."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.number_tables import feed_keys
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from knowledge.audit import record

PREFIX = "hf_"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Feed:
    """Whoever holds a key. With `creator_id` it may bring that creator's numbers only, otherwise any creator's."""

    name: str
    creator_id: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class FeedKeys:
    """The keys in SQL. Of a key only the SHA-256 is kept: it is 256 random bits, which need no slow hash."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def issue(self, name: str, creator_id: str | None, actor: str) -> str:
        """A new key, to be shown once. Raises Conflict when there is one of that name, BadInput for no name."""
        if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
            raise BadInput(f"A feed's name must be 1 to {_LONGEST_NAME} printable characters.")
        key = PREFIX + secrets.token_urlsafe(32)
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(feed_keys).values(key_hash=_hash(key), name=name, creator_id=creator_id, created_at=_now())
                )
                record(connection, actor, "feed.added", name, creator=creator_id)
        except IntegrityError as error:
            raise Conflict(f"There is a feed {name!r} already; choose another name.") from error
        return key

    def holder(self, key: str) -> Feed:
        """The feed that holds `key`. Raises NotAllowed, in one and the same sentence for a wrong and a revoked key."""
        with self._engine.begin() as connection:
            row = connection.execute(select(feed_keys).where(feed_keys.c.key_hash == _hash(key))).first()
            if row is None or row.revoked_at is not None:
                raise NotAllowed("This feed key is not valid; ask staff for one.")
            connection.execute(
                update(feed_keys).where(feed_keys.c.key_hash == row.key_hash).values(last_used_at=_now())
            )
        return Feed(row.name, row.creator_id, row.created_at, row.last_used_at, row.revoked_at)

    def revoke(self, name: str, actor: str) -> None:
        """Let a key open nothing any more. Raises NotFound when there is no such key in force."""
        with self._engine.begin() as connection:
            in_force = (feed_keys.c.name == name, feed_keys.c.revoked_at.is_(None))
            if not connection.execute(update(feed_keys).where(*in_force).values(revoked_at=_now())).rowcount:
                raise NotFound(f"There is no feed {name!r} in force; `heliotrope feeds list` names them.")
            record(connection, actor, "feed.revoked", name)

    def all(self) -> list[Feed]:
        """Every feed, by name, revoked ones too."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(feed_keys).order_by(feed_keys.c.name)).all()
        return [Feed(row.name, row.creator_id, row.created_at, row.last_used_at, row.revoked_at) for row in rows]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
