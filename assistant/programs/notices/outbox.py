"""The outbox: what is to be told waits in SQL until a channel has it.

Invariants. A creator is told once on an occasion: the database refuses a second row. A notice that was posted is never
lost: it stays in the inbox whatever the channels do. What a channel that knows keys got twice arrives once; what any
other channel may have got is handed over once more, marked as a repeat, and then no more.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from assistant.database.engine import upsert
from assistant.database.notice_tables import notices
from assistant.programs.notices.notice import KINDS, Post
from assistant.programs.notices.wishes import wishes_of

LONGEST_TITLE, LONGEST_BODY = 200, 4000  # characters; what is longer is cut with an ellipsis
_ROWS_AT_ONCE = 500  # both databases limit the values of one statement


class Outbox:
    """Takes notices in. `delivery.Deliverer` sends them on, `inbox.Inbox` shows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def post(self, posts: Iterable[Post]) -> int:
        """Keep notices in a transaction of their own; returns how many were new. Does not send: a deliverer does."""
        with self._engine.begin() as connection:
            return post(connection, posts)


def post(connection: Connection, posts: Iterable[Post]) -> int:
    """Keep notices within the caller's transaction, so that they are there exactly when what they tell of is.

    A kind that the creator has switched off is kept as withheld: it is neither sent nor shown.
    """
    listed = list(posts)
    new = 0
    for start in range(0, len(listed), _ROWS_AT_ONCE):
        part = listed[start : start + _ROWS_AT_ONCE]
        wishes = wishes_of(connection, {one.creator_id for one in part})
        rows = [_row(one, one.creator_id in wishes and one.kind in wishes[one.creator_id].muted) for one in part]
        # The rows as parameters: a statement with them all in it is compiled anew for each batch, which takes most of
        # the time.
        adding = upsert(connection, notices).on_conflict_do_nothing().returning(notices.c.id)
        new += len(connection.execute(adding, rows).all())
    return new


def _row(post: Post, is_muted: bool) -> dict[str, Any]:
    if post.kind not in KINDS:
        raise ValueError(f"{post.kind} is no kind of notice")
    now = datetime.now(UTC).replace(tzinfo=None)
    shown_from = max(post.not_before or now, now)
    return {
        "creator_id": post.creator_id,
        "kind": post.kind,
        "occasion": post.occasion,
        "title": cut(post.message.title, LONGEST_TITLE),
        "body": cut(post.message.body, LONGEST_BODY),
        "link": post.message.link,
        "image": post.message.image,
        "campaign": post.campaign,
        "variant": post.variant,
        "created_at": now,
        "shown_from": shown_from,
        "due_at": shown_from,
        "state": "withheld" if is_muted else "waiting",
        "tries": 0,
        "is_repeat": False,
        "channel": "",
        "fault": "muted" if is_muted else "",
    }


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis. NUL is dropped: PostgreSQL refuses it."""
    clean = text.replace("\0", "").strip()
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"
