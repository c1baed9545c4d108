"""How many answers are in the making at once: whoever comes when all places are taken is told so, soon and plainly."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from assistant.agent.answers import Event
from connectors.web.problems import Refusal

# A place is waited for that long: less than a stream's grace, so that the refusal is still the answer's status.
PATIENCE_SECONDS = 0.4
COME_BACK_SECONDS = 5  # several answers have gone out by then


class Crowd:
    """`places` answers at once in this process; 0 means no limit. Beyond them answers only take longer for everybody,
    until browsers and proxies give up."""

    def __init__(self, places: int) -> None:
        self._places = asyncio.Semaphore(places) if places else None
        self._most_waiting = max(1, places // 4)  # about as many places as become free while one waits
        self._waiting = 0

    def turn_away(self, lang: str) -> None:
        """Raise Refusal 429 at once when more wait for a place already than will find one: what costs next to nothing
        is what can be done for a thousand at a time."""
        if self._waiting >= self._most_waiting:
            raise _busy(lang)

    async def among(self, events: AsyncIterator[Event], lang: str) -> AsyncGenerator[Event]:
        """`events` as soon as there is a place. Raises Refusal 429 with Retry-After, in `lang`, when there is none."""
        if self._places is not None:
            self._waiting += 1
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._places.acquire()
            except TimeoutError:
                raise _busy(lang) from None
            finally:
                self._waiting -= 1
        try:
            async for event in events:
                yield event
        finally:
            if self._places is not None:
                self._places.release()


def _busy(lang: str) -> Refusal:
    return Refusal(429, "problem.busy", lang=lang, headers={"Retry-After": str(COME_BACK_SECONDS)})
