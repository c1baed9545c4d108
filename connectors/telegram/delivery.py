"""Getting messages to a chat: in order, through flood limits and broken networks, or quietly not at all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from connectors.telegram.markup import Run, as_html, as_plain

LOG = logging.getLogger(__name__)

# Telegram shows "typing" for five seconds.
TYPING_SECONDS = 4.5
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Place:
    """Where an answer goes: a chat, within it perhaps a topic, and perhaps the message that it replies to."""

    chat: int
    topic: int | None = None
    reply_to: int | None = None


class Delivery:
    """Sends messages until Telegram took them or said that this chat cannot be reached.

    A flood limit is waited out for as long as Telegram says. A broken network is tried again without end, with growing
    pauses: the update stays unfinished meanwhile, so a stop loses nothing. A message whose acceptance got lost on the
    way is sent again; twice is better than never.
    """

    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot

    async def send(
        self, place: Place, messages: Sequence[Sequence[Run]], keyboard: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Send all of them in order, the keyboard under the last; False when the chat cannot be reached any more."""
        try:
            for number, message in enumerate(messages, 1):
                place = await self._one(place, message, keyboard if number == len(messages) else None)
        except (Forbidden, BadRequest) as refusal:
            LOG.info("Chat %s cannot be reached: %s", place.chat, refusal.message)
            return False
        return True

    async def acknowledge(self, query: str, text: str | None = None) -> None:
        """End the waiting sign on a pressed button, with a short note if given. Too late for that is no matter."""
        with suppress(BadRequest, Forbidden):
            await persistently(lambda: self._bot.answer_callback_query(query, text))

    @asynccontextmanager
    async def typing(self, place: Place) -> AsyncIterator[None]:
        """Show “typing…” in the chat for as long as the body works."""
        finished = asyncio.Event()
        shown = asyncio.create_task(self._type(place, finished))
        try:
            yield
        finally:
            finished.set()
            # A "typing" that reaches Telegram after the answer would stand there for five seconds: wait for it to pass.
            await asyncio.wait([shown], timeout=1)
            shown.cancel()

    async def _one(self, place: Place, message: Sequence[Run], keyboard: InlineKeyboardMarkup | None) -> Place:
        """Send one message: with markup, else as plain text, else without buttons. Returns the place it went to."""
        attempts = [(as_html(message), ParseMode.HTML, keyboard), (as_plain(message), None, keyboard)]
        if keyboard:
            attempts.append((as_plain(message), None, None))
        for number, (text, mode, buttons) in enumerate(attempts, 1):
            try:
                await persistently(lambda t=text, m=mode, b=buttons: self._send(place, t, m, b))  # type: ignore[misc]
                break
            except ChatMigrated as moved:
                return await self._one(replace(place, chat=moved.new_chat_id, reply_to=None), message, keyboard)
            except BadRequest as refusal:
                if number == len(attempts):
                    raise
                LOG.warning("Telegram refused a message to %s (%s); sending it plainer.", place.chat, refusal.message)
        return place

    async def _send(
        self, place: Place, text: str, mode: ParseMode | None, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        reply = ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to else None
        await self._bot.send_message(
            place.chat,
            text,
            parse_mode=mode,
            reply_markup=keyboard,
            reply_parameters=reply,
            message_thread_id=place.topic,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    async def _type(self, place: Place, finished: asyncio.Event) -> None:
        with suppress(TelegramError):  # an ornament: nothing depends on it
            while not finished.is_set():
                await self._bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.topic)
                with suppress(TimeoutError):
                    await asyncio.wait_for(finished.wait(), TYPING_SECONDS)


async def persistently(call: Callable[[], Awaitable[object]]) -> None:
    """Make the call until it succeeds, through flood limits and network errors; what Telegram refuses is raised."""
    tries = 0
    while True:
        try:
            await call()
            return
        except (Forbidden, BadRequest, ChatMigrated, InvalidToken):
            raise
        except TelegramError as error:
            pause = pause_after(error, tries)
            LOG.warning("Telegram: %s; trying again in %.1f s.", error.message, pause)
            await asyncio.sleep(pause)
            tries += 1


def pause_after(error: Exception, tries: int) -> float:
    """Seconds to wait: what Telegram asks for, else half a second doubled with every try, up to LONGEST_PAUSE."""
    if isinstance(error, RetryAfter):
        asked = error.retry_after
        return (asked.total_seconds() if isinstance(asked, timedelta) else asked) + 0.1
    return min(LONGEST_PAUSE, 0.5 * 2 ** min(tries, 10))
