"""The inbox: what a creator was told, newest first, as the widget and the API read it."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, func, select, update

from assistant.database.engine import reading
from assistant.database.notice_tables import notices
from assistant.errors import NotFound, Said
from assistant.programs.notices.notice import INBOX, Notice
from assistant.programs.notices.wishes import WishBook, Wishes
from assistant.programs.notices.wording import signature

MOST = 100
UNSIGNED = Said("There is no such notice.")


@dataclass(frozen=True)
class Page:
    """Some of the inbox. `next` is the cursor for older ones, None at the end; `unseen` counts all that nobody has
    seen here and no other channel brought."""

    notices: tuple[Notice, ...]
    next: int | None
    unseen: int

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"notices": [one.as_dict() for one in self.notices], "next": self.next, "unseen": self.unseen}


class Inbox:
    """Reads and marks the notices of one creator at a time; another's are not found."""

    def __init__(self, engine: Engine, wishes: WishBook, secret: str = "") -> None:
        self._engine = engine
        self._wishes = wishes
        self._secret = secret

    def page(self, creator_id: str, before: int | None = None, after: int | None = None, limit: int = 20) -> Page:
        """The newest notices with an id below `before` and above `after`, at most `limit` (100) of them."""
        query = select(notices).where(*_shown(creator_id)).order_by(notices.c.id.desc())
        if before is not None:
            query = query.where(notices.c.id < before)
        if after is not None:
            query = query.where(notices.c.id > after)
        size = min(max(limit, 1), MOST)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query.limit(size + 1)).all()
            unseen = connection.scalar(select(func.count()).select_from(notices).where(*_unseen(creator_id))) or 0
        more = rows[size - 1].id if len(rows) > size else None
        return Page(tuple(_notice(row) for row in rows[:size]), more, unseen)

    def mark_seen(self, creator_id: str, through: int) -> int:
        """Everything up to and including the notice `through` has been seen; returns how many were new to the creator.

        What was still waiting for a channel is not sent any more: it has been read here.
        """
        which = (*_shown(creator_id), notices.c.id <= through, notices.c.seen_at.is_(None))
        with self._engine.begin() as connection:
            return connection.execute(update(notices).where(*which).values(seen_at=_now())).rowcount

    def open(self, notice: int, signed: str) -> str:
        """Count a click on a notice's link, by whoever has its signed path; returns the link. Raises NotFound."""
        if not hmac.compare_digest(signed.encode(), signature(notice, self._secret).encode()):
            raise NotFound(UNSIGNED)
        return self._opened(notices.c.id == notice)

    def follow(self, creator_id: str, notice: int) -> str:
        """The same by the creator, in the widget."""
        return self._opened((notices.c.id == notice) & (notices.c.creator_id == creator_id))

    def picture(self, creator_id: str, notice: int) -> str:
        """The hash of the picture of one of the creator's notices. Raises NotFound where there is none."""
        own = select(notices.c.image).where(*_shown(creator_id), notices.c.id == notice)
        with reading(self._engine).begin() as connection:
            found = connection.scalar(own)
        if not found:
            raise NotFound("There is no such picture.")
        return str(found)

    def mute(self, creator_id: str, kind: str, muted: bool = True) -> Wishes:
        """Switch a kind off or on. The last notice of that kind is noted as what made the creator do so."""
        new = self._wishes.mute(creator_id, kind, muted)
        if muted:
            theirs = (notices.c.creator_id == creator_id, notices.c.kind == kind, notices.c.state == "sent")
            last = select(func.max(notices.c.id)).where(*theirs).scalar_subquery()
            with self._engine.begin() as connection:
                connection.execute(update(notices).where(notices.c.id == last).values(opted_out_at=_now()))
        return new

    def _opened(self, which: ColumnElement[bool]) -> str:
        now = _now()
        with self._engine.begin() as connection:
            row = connection.execute(select(notices.c.id, notices.c.link).where(which)).first()
            if row is None or not row.link:
                raise NotFound(UNSIGNED)
            clicked = update(notices).where(notices.c.id == row.id)
            connection.execute(
                clicked.values(
                    clicked_at=func.coalesce(notices.c.clicked_at, now), seen_at=func.coalesce(notices.c.seen_at, now)
                )
            )
        return str(row.link)


def _shown(creator_id: str) -> Collection[ColumnElement[bool]]:
    return (
        notices.c.creator_id == creator_id,
        notices.c.state.not_in(("withheld", "held")),
        notices.c.shown_from <= _now(),
    )


def _unseen(creator_id: str) -> Collection[ColumnElement[bool]]:
    brought = (notices.c.state == "sent") & (notices.c.channel != INBOX)
    return *_shown(creator_id), notices.c.seen_at.is_(None), ~brought


def _notice(row: Row[Any]) -> Notice:
    channel = row.channel if row.state == "sent" else INBOX
    told = (row.title, row.body, row.link, row.image)
    return Notice(row.id, row.kind, *told, channel, row.shown_from, row.seen_at, row.clicked_at)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
