"""Showing an answer while it is written: drafts in a private chat, one message that is edited in a group."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram.error import TelegramError

from connectors.telegram.delivery import Delivery
from connectors.telegram.markup import ELLIPSIS, Run, as_html, as_plain, runs_of, split
from connectors.telegram.parts import Part
from connectors.telegram.visits import Visit

# An answer that is whole within this time is simply sent.
FIRST_SECONDS = 0.4
# How often what has come meanwhile is shown. Telegram's own limits are the pace's affair.
STEP_SECONDS = 0.5
# How long a finished answer waits for a draft that is on its way.
LONGEST_WAIT_SECONDS = 1.0
_LARGEST_DRAFT_NUMBER = 2**31 - 1


class Growing:
    """What has been written of one answer, and where it is shown. An ornament: should it fail, the answer comes."""

    def __init__(self, delivery: Delivery, visit: Visit, heading: str = "") -> None:
        self._delivery = delivery
        self._visit = visit
        self._heading = heading
        self._status = ""
        self._written = ""
        self._finished = asyncio.Event()

    def tell(self, status: str) -> None:
        """What is being done, as long as nothing is written."""
        self._status = status

    def add(self, text: str) -> None:
        """A sentence more."""
        self._written += text

    def restart(self) -> None:
        """What was written is void."""
        self._written = ""

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Show it for as long as the body works."""
        showing = asyncio.create_task(self._show())
        try:
            yield
        finally:
            self._finished.set()
            # A draft passes by itself; a message whose number nobody has noted would stand there for ever.
            await asyncio.wait([showing], timeout=LONGEST_WAIT_SECONDS if self._visit.private else None)
            showing.cancel()

    async def _show(self) -> None:
        seen, message, pause = "", None, FIRST_SECONDS
        with suppress(TelegramError):
            while not await self._is_finished_within(pause):
                pause = STEP_SECONDS
                now = self._written or self._status
                if not now.strip() or now == seen:
                    continue
                seen = now
                if self._visit.private:
                    await self._delivery.draft(self._visit.place, self._number(), self._part(now))
                else:
                    message = await self._delivery.grow(self._visit.name, self._visit.place, message, self._part(now))

    async def _is_finished_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), seconds)
        return self._finished.is_set()

    def _part(self, text: str) -> Part:
        """The latest message of what is written, should it be more than one."""
        last = split([Run(self._heading, bold=True), *runs_of(text), Run(f" {ELLIPSIS}")])[-1]
        return Part(as_html(last), as_plain(last))

    def _number(self) -> int:
        """The same for one answer, another for the next, and never 0."""
        return zlib.crc32(self._visit.name.encode()) % _LARGEST_DRAFT_NUMBER + 1
