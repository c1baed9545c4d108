"""An answer under way ends with the right to hear it: an account that is deleted or unlinked, a key that is revoked."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TypeVar

from anyio.to_thread import run_sync

from assistant.errors import Problem, Unavailable

LOOK_SECONDS = 2.0  # a right that ended ends its open streams within five seconds
T = TypeVar("T")
log = logging.getLogger(__name__)
_END = object()


async def while_allowed(
    events: AsyncIterator[T], look: Callable[[], object], seconds: float = LOOK_SECONDS
) -> AsyncGenerator[T]:
    """`events` until they end, or until `look`, asked in a thread every so often, raises a Problem: then the work
    behind them is stopped at once and that is raised. Unavailable and errors are left to the next look: a database that
    is away takes nobody's right."""
    ready: asyncio.Queue[object] = asyncio.Queue()
    # One task for all of them: what an answer sets in its context lasts from one event to the next.
    work = asyncio.create_task(_collect(events, ready))
    due = time.monotonic() + seconds
    try:
        while True:
            if time.monotonic() >= due:
                await _looked(look)
                due = time.monotonic() + seconds
            try:  # what is ready together is given on together
                item = ready.get_nowait() if ready.qsize() else await asyncio.wait_for(ready.get(), seconds)
            except TimeoutError:
                continue
            if item is _END:
                return
            if isinstance(item, Exception):
                raise item
            yield item  # type: ignore[misc]  # what else is in the queue came from `events`
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _looked(look: Callable[[], object]) -> None:
    try:
        await run_sync(look)
    except Exception as error:
        if isinstance(error, Problem) and not isinstance(error, Unavailable):
            raise
        log.warning("Whether an answer under way may still be heard could not be looked up: %s", error)


async def _collect(events: AsyncIterator[T], ready: "asyncio.Queue[object]") -> None:
    try:
        async for event in events:
            ready.put_nowait(event)
    except Exception as error:
        ready.put_nowait(error)
    finally:
        ready.put_nowait(_END)
