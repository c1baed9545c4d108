"""The one door for every connector: a caller, a thread and a text go in; events stream out and end in a cited Reply."""

from collections.abc import AsyncIterator
from datetime import date

from assistant.agent.answers import Event, Reply
from assistant.identity import Caller


class Assistant:
    async def reply(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> AsyncIterator[Event]:
        yield Event("done", {})

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply: ...
