"""Writes that may be sent again: an `Idempotency-Key` makes the second one answer what the first did.

As the draft of the IETF has it (draft-ietf-httpapi-idempotency-key-header): the same key with another body is 422, with
the first still under way 409. Only what succeeded is kept; what was refused or failed is tried anew.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from assistant.agent.answers import Event
from assistant.database.engine import reading
from assistant.database.site_tables import repeatable_writes
from connectors.web.limits import LimitedRoute, small_body, with_body
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.streams import EventStream

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
LONGEST_KEY = 255  # characters
KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=5)  # after which work that never ended is taken for lost with its process
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A text of your own choice, such as a UUID, by which this write is known when it is sent again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    "example": "0c9f6a52-5f0e-4f7e-9d0b-7d1f0a4a2c11",
}
REPEATABLE: dict[str, Any] = {"parameters": [PARAMETER]}  # for `openapi_extra=` of a route


class Repeats:
    """What was answered to writes with a key, kept in SQL for a day, for all processes together."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = engine
        self._now = now

    def begin(self, key: str, fingerprint: str, creator: str | None = None) -> dict[str, Any] | None:
        """What this write was answered with; None when it is to be done now. Refusal 409, 422."""
        now = self._now().replace(tzinfo=None)
        table = repeatable_writes.c
        old = (table.begun_at < now - KEPT) | (table.answer.is_(None) & (table.begun_at < now - ABANDONED))
        row = {"key_hash": key, "body_hash": fingerprint, "creator": creator, "begun_at": now}
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(repeatable_writes).where(old))
                connection.execute(insert(repeatable_writes).values(**row))
            return None
        except IntegrityError:
            with reading(self._engine).begin() as connection:
                known = connection.execute(select(repeatable_writes).where(table.key_hash == key)).first()
        if known is None or (known.body_hash == fingerprint and known.answer is None):
            raise Refusal(409, "problem.under_way", headers={"Retry-After": "1"})
        if known.body_hash != fingerprint:
            raise Refusal(422, "problem.other_write")
        answer: dict[str, Any] = json.loads(known.answer)
        return answer

    def keep(self, key: str, answer: str) -> None:
        """The write is done, and this is what it was answered with."""
        with self._engine.begin() as connection:
            which = repeatable_writes.c.key_hash == key
            connection.execute(update(repeatable_writes).where(which).values(answer=answer))

    def forget(self, key: str) -> None:
        """The write was not done."""
        with self._engine.begin() as connection:
            connection.execute(delete(repeatable_writes).where(repeatable_writes.c.key_hash == key))


def repeatable(sessions: Sessions, repeats: Repeats) -> type[LimitedRoute]:
    """A kind of route whose writes may carry a key. Keys of different callers know nothing of each other."""

    class RepeatableRoute(LimitedRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def once(request: Request) -> Response:
                given = request.headers.get(HEADER)
                if given is None or request.method != "POST":
                    return await handle(request)
                if not 1 <= len(given) <= LONGEST_KEY or not (given.isascii() and given.isprintable()):
                    raise Refusal(422, "problem.invalid_field", field=HEADER)
                caller = await run_in_threadpool(sessions.caller, request)
                key = _sha256(f"{caller.owner}\n{request.url.path}\n{given}".encode())
                body = await small_body(request)
                known = await run_in_threadpool(repeats.begin, key, _sha256(body), caller.creator)
                if known is not None:
                    return _again(request, known)
                return await _kept(repeats, key, handle, with_body(request, body))

            return once

    return RepeatableRoute


async def _kept(
    repeats: Repeats,
    key: str,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    request: Request,
) -> Response:
    try:
        response = await handle(request)
    except BaseException:
        await run_in_threadpool(repeats.forget, key)
        raise
    if isinstance(response, EventStream):
        response.watch(lambda done: _end(repeats, key, done))
    elif isinstance(response, JSONResponse) and response.status_code == 200:
        await run_in_threadpool(repeats.keep, key, bytes(response.body).decode())
    else:
        await run_in_threadpool(repeats.forget, key)
    return response


async def _end(repeats: Repeats, key: str, done: dict[str, Any] | None) -> None:
    if done is None:
        await run_in_threadpool(repeats.forget, key)
    else:
        await run_in_threadpool(repeats.keep, key, json.dumps(done, ensure_ascii=False))


def _again(request: Request, known: dict[str, Any]) -> Response:
    if "text/event-stream" not in request.headers.get("accept", ""):
        return JSONResponse(known, headers=REPLAYED)
    stream = EventStream(_replayed(known), lambda error: {})
    stream.headers.update(REPLAYED)
    return stream


async def _replayed(reply: dict[str, Any]) -> AsyncIterator[Event]:
    yield Event("sentence", {"text": reply["text"], "basis": "note"})
    for citation in reply["citations"]:
        yield Event("citation", citation)
    yield Event("done", reply)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
