"""One lane a chat: its updates are handled in order, and no chat waits for another."""

import asyncio
import logging
from bisect import insort
from collections.abc import Awaitable, Callable

from telegram import Update

LOG = logging.getLogger(__name__)


class Lanes:
    """Updates that wait to be handled, held in memory only: the inbox is what survives a stop.

    Within a chat the order is that of the updates' numbers, in whatever order they came. An update whose handling fails
    is logged and left behind, unfinished, and the lane goes on with the next.
    """

    def __init__(self, handle: Callable[[Update], Awaitable[None]], room: int = 1000) -> None:
        self._handle = handle
        self._room = room
        self._waiting: dict[int, list[Update]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._pending: set[int] = set()
        self._moved = asyncio.Condition()

    @property
    def has_room(self) -> bool:
        """Whether more may be added now."""
        return len(self._pending) < self._room

    @property
    def pending(self) -> list[int]:
        """The numbers of the updates that are waiting or being handled."""
        return list(self._pending)

    def add(self, chat: int, update: Update) -> None:
        """Put an update into its chat's lane."""
        self._pending.add(update.update_id)
        if chat in self._waiting:
            insort(self._waiting[chat], update, key=lambda one: one.update_id)
            return
        self._waiting[chat] = [update]
        worker = asyncio.create_task(self._work(chat), name=f"telegram chat {chat}")
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def room(self) -> None:
        """Return when there is room for more; until then whoever asks for updates should not ask."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.has_room)

    async def drain(self, seconds: float) -> bool:
        """Let everything be finished, for at most so long; whether all of it was."""
        if self._workers and seconds > 0:
            await asyncio.wait(self._workers, timeout=seconds)
        return not self._workers

    async def close(self) -> None:
        """Break off what is still being handled."""
        for worker in (workers := list(self._workers)):
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, chat: int) -> None:
        lane = self._waiting[chat]
        try:
            while lane:
                await self._one(lane.pop(0))
        finally:
            del self._waiting[chat]

    async def _one(self, update: Update) -> None:
        try:
            await self._handle(update)
        except Exception:
            LOG.exception("Update %s was not finished; it is taken up again at the next start.", update.update_id)
        finally:
            self._pending.discard(update.update_id)
            async with self._moved:
                self._moved.notify_all()
