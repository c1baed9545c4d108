"""How fast the bot may speak: Telegram's limits, kept before they are hit."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

# Telegram's documentation: one message a second in a chat, 20 a minute in a group, 30 a second over all chats.
PRIVATE_SECONDS = 1.0
GROUP_SECONDS = 3.0
OVERALL_SECONDS = 1 / 28
_CHATS_REMEMBERED = 1000
# Given with a call: it lets those without go first.
PATIENT = 1
_MESSAGES = ("send", "edit", "copy", "forward")


class _Turn:
    """The turn to send: whose lock it is may, once `free_at` (monotonic seconds) has come."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.free_at = 0.0

    @property
    def is_free(self) -> bool:
        """Whether nobody would have to wait."""
        return not self.lock.locked() and self.free_at <= time.monotonic()


class Pace(BaseRateLimiter[int]):
    """Spaces messages evenly, per chat and over all chats; what is not a message passes at once.

    The library's AIORateLimiter knows no limit for private chats, allows twice the rate after a pause, and halts every
    chat when one of them is told to wait; here a RetryAfter holds up only the chat that got it.
    """

    def __init__(
        self, private: float = PRIVATE_SECONDS, group: float = GROUP_SECONDS, overall: float = OVERALL_SECONDS
    ) -> None:
        self._private = private
        self._group = group
        self._overall = overall
        self._overall_turn = _Turn()
        self._waiting = 0  # for their turn among all chats, those who let others go first not counted
        self._turns: dict[int, _Turn] = {}

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def is_free(self, chat: int) -> bool:
        """Whether a message to this chat would not wait, nor make another wait: the time for ornaments."""
        return self._turn(chat).is_free and self._overall_turn.is_free

    @property
    def is_crowded(self) -> bool:
        """Whether messages wait for their turn among all chats."""
        return self._waiting > 0

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Make the request when it is its turn."""
        chat = data.get("chat_id")
        if chat is None or endpoint == "sendChatAction" or not endpoint.startswith(_MESSAGES):
            return await callback(*args, **kwargs)
        turn = self._turn(int(chat))
        pause = self._group if int(chat) < 0 else self._private
        async with turn.lock:
            await _sleep_until(turn.free_at)
            await self._gate(rate_limit_args == PATIENT)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as flood:
                pause = max(pause, seconds_asked(flood))
                raise
            finally:
                turn.free_at = time.monotonic() + pause

    async def _gate(self, is_patient: bool) -> None:
        """Pass one by one: times handed out in advance would come true all at once after the loop was held up."""
        while is_patient and self._waiting:
            await asyncio.sleep(self._overall)
        self._waiting += not is_patient
        try:
            async with self._overall_turn.lock:
                await _sleep_until(self._overall_turn.free_at)
                self._overall_turn.free_at = time.monotonic() + self._overall
        finally:
            self._waiting -= not is_patient

    def _turn(self, chat: int) -> _Turn:
        if len(self._turns) > _CHATS_REMEMBERED:
            now = time.monotonic()
            self._turns = {key: turn for key, turn in self._turns.items() if turn.lock.locked() or turn.free_at > now}
        return self._turns.setdefault(chat, _Turn())


def seconds_asked(flood: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = flood.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


async def _sleep_until(moment: float) -> None:
    if (seconds := moment - time.monotonic()) > 0:
        await asyncio.sleep(seconds)
