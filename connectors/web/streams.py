"""Server-sent events: the assistant's events as they come, several in one write when they are ready together."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.agent.answers import Event
from connectors.web.problems import Refusal

HEARTBEAT_SECONDS = 15.0
# A problem that shows itself within this time still becomes the answer's status, not an event inside a 200.
STATUS_GRACE_SECONDS = 1.0

_END = object()


class EventStream(Response):
    """Streams `events` until they end or the reader goes away, which stops the work behind them at once.

    A failure half-way is told as `event: problem` with the JSON that `tell` makes of it.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncIterator[Event],
        tell: Callable[[Exception], dict[str, Any]],
        heartbeat: float = HEARTBEAT_SECONDS,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._tell = tell
        self._heartbeat = heartbeat
        self._done: dict[str, Any] | None = None
        self._watcher: Callable[[dict[str, Any] | None], Awaitable[None]] | None = None

    def watch(self, watcher: Callable[[dict[str, Any] | None], Awaitable[None]]) -> None:
        """Call `watcher` when the stream has ended: with the data of its `done`, or None when it broke off before."""
        self._watcher = watcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request. Raises what the work raised when nothing has been sent yet."""
        ready: asyncio.Queue[Any] = asyncio.Queue()
        work = asyncio.create_task(self._collect(ready))
        reader = asyncio.create_task(_gone(receive))
        reader.add_done_callback(lambda _: work.cancel())
        try:
            first = await _next(ready, STATUS_GRACE_SECONDS)
            for item in first:
                if isinstance(item, Exception):
                    raise item
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            batch = first
            while not reader.done():
                await send({"type": "http.response.body", "body": self._written(batch), "more_body": True})
                if _END in batch:
                    break
                batch = await _next(ready, self._heartbeat)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:  # the server stops and waits for this answer no longer
            told = self._written([Refusal(503, "problem.stopping")])
            await send({"type": "http.response.body", "body": told, "more_body": False})
            raise
        finally:
            work.cancel()
            reader.cancel()
            await asyncio.gather(work, reader, return_exceptions=True)
            if self._watcher:
                await self._watcher(self._done)

    async def _collect(self, ready: asyncio.Queue[Any]) -> None:
        try:
            async for event in self._events:
                if event.kind == "done":
                    self._done = event.data
                ready.put_nowait(event)
        except Exception as error:
            ready.put_nowait(error)
        finally:
            ready.put_nowait(_END)

    def _written(self, batch: list[Any]) -> bytes:
        lines = []
        for item in batch:
            if isinstance(item, Event):
                lines.append(_frame(item.kind, item.data))
            elif isinstance(item, Exception):
                lines.append(_frame("problem", self._tell(item)))
        return "".join(lines).encode() if batch else b": still working\n\n"


async def _next(ready: asyncio.Queue[Any], seconds: float) -> list[Any]:
    """Everything that is ready, after waiting at most `seconds` for the first; empty when nothing came."""
    try:
        batch = [await asyncio.wait_for(ready.get(), seconds)]
    except TimeoutError:
        return []
    while not ready.empty():
        batch.append(ready.get_nowait())
    return batch


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _frame(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
