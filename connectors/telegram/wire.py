"""The moment in which a request leaves this process: whoever must know it beforehand is called right then."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx

_LEAVES = "http11.send_request_body.started"
_before: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("before a request leaves", default=None)


@contextmanager
def just_before(step: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Take `step` between connecting and sending for every request that the body makes."""
    token = _before.set(step)
    try:
        yield
    finally:
        _before.reset(token)


async def watch(request: httpx.Request) -> None:
    """The hook of httpx that makes `just_before` come true; give it as `event_hooks={"request": [watch]}`."""
    step = _before.get()
    if step is None:
        return

    async def traced(event: str, _: dict[str, Any]) -> None:
        if event == _LEAVES:
            await step()

    request.extensions["trace"] = traced
