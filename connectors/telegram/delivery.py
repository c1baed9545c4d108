"""Getting messages to a chat: in order, through flood limits and broken networks, or quietly not at all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from assistant.creators.charts.painting import Painter
from assistant.programs.campaigns.images import Pictures
from connectors.telegram.chats import Chats
from connectors.telegram.outbox import Outbox
from connectors.telegram.pace import PATIENT, Pace, seconds_asked
from connectors.telegram.parts import Part
from connectors.telegram.visits import Place
from connectors.telegram.wire import just_before

LOG = logging.getLogger(__name__)

# Telegram shows "typing" for five seconds.
TYPING_SECONDS = 4.5
LONGEST_PAUSE = 30.0
# How long a stop waits for requests that are on their way.
CLOSING_SECONDS = 2.0
# How often and how far apart a note is tried on the event loop itself while somebody else writes to the database.
HASTY_TRIES, HASTY_SECONDS = 200, 0.002
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
T = TypeVar("T")


class Delivery:
    """Sends messages until Telegram took them or said that this chat cannot be reached.

    A flood limit is waited out for as long as Telegram says. A broken network is tried again without end, with growing
    pauses: the message stays in the outbox meanwhile, so a stop loses nothing. While the process lives, a message whose
    acceptance got lost on the way is sent again, for twice is better than never; what was on its way when the process
    was killed is taken to have arrived (see `outbox`).
    """

    def __init__(
        self, bot: ExtBot[int], pace: Pace, outbox: Outbox, chats: Chats, painter: Painter, pictures: Pictures
    ) -> None:
        self._bot = bot
        self._pace = pace
        self._outbox = outbox
        self._chats = chats
        self._painter = painter
        self._pictures = pictures
        self._uploaded: dict[str, str] = {}  # Telegram's id of each kept picture: one upload serves a whole campaign
        self._under_way: set[asyncio.Task[Any]] = set()

    async def send(self, name: str, place: Place, parts: Sequence[Part]) -> bool:
        """Keep the parts under a name and send them in order; False when the chat cannot be reached any more."""
        await asyncio.to_thread(self._outbox.put, name, place.chat, parts)
        return await self.resume(name, place) is not False

    async def resume(self, name: str, place: Place) -> bool | None:
        """Send what is left of the parts under a name; None when there are none, so that an answer is still due."""
        kept = await asyncio.to_thread(self._outbox.find, name)
        if kept is None or (kept.parts is None and not kept.is_done):
            return None
        reached = True
        if kept.parts is not None:
            reached = await self._all(name, replace(place, chat=kept.chat), kept.parts, kept.begun, kept.grows)
            await asyncio.to_thread(self._outbox.finish, name)
        return reached

    async def acknowledge(self, query: str, text: str | None = None) -> None:
        """End the waiting sign on a pressed button, with a short note if given. Too late for that is no matter."""
        with suppress(BadRequest, Forbidden):
            await persistently(lambda: self._bot.answer_callback_query(query, text))

    async def change(self, place: Place, message: int, part: Part) -> None:
        """Put other text and buttons in place of a message; one that is gone, or says so already, is left alone."""

        async def edit() -> object:
            return await self._bot.edit_message_text(
                part.html,
                place.chat,
                message,
                parse_mode=ParseMode.HTML,
                reply_markup=part.keyboard,
                link_preview_options=NO_PREVIEW,
            )

        with suppress(BadRequest, Forbidden):
            await persistently(edit)

    async def change_buttons(self, place: Place, message: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put other buttons under a message; one that is gone, or has these already, is left alone."""
        with suppress(BadRequest, Forbidden):
            await persistently(lambda: self._bot.edit_message_reply_markup(place.chat, message, reply_markup=keyboard))

    async def document(self, place: Place, name: str, content: bytes) -> None:
        """Send a file; to a chat that cannot be reached, nothing."""
        with suppress(BadRequest, Forbidden):
            await persistently(lambda: self._bot.send_document(place.chat, content, filename=name))

    async def draft(self, place: Place, number: int, part: Part) -> None:
        """Show a private chat what is being written, if that makes nobody wait. Raises TelegramError."""
        if self._pace.is_free(place.chat):
            await self._bot.send_message_draft(place.chat, number, part.html, place.topic, parse_mode=ParseMode.HTML)

    async def grow(self, name: str, place: Place, message: int | None, part: Part) -> int | None:
        """Show a group what is being written: a message that is edited until its answer is whole. Returns its id.

        Raises TelegramError.
        """
        if not self._pace.is_free(place.chat):
            return message
        if message is not None:
            with suppress(BadRequest):
                await self._bot.edit_message_text(part.html, place.chat, message, parse_mode=ParseMode.HTML)
            return message
        shown = await self._text(place, part.html, ParseMode.HTML, None)
        await asyncio.to_thread(self._outbox.grow, name, place.chat, shown.message_id)
        return shown.message_id

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

    async def close(self) -> None:
        """Let the requests that are on their way come back, for a moment; then break them off."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSING_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._outbox.close()

    async def _all(self, name: str, place: Place, parts: Sequence[Part], begun: int, grows: int | None) -> bool:
        for number, part in enumerate(parts):
            if number < begun:
                continue
            try:
                place = await self._one(name, number, place, part, grows if number == 0 else None)
            except Forbidden as refusal:
                LOG.info("Chat %s refuses messages: %s", place.chat, refusal.message)
                await asyncio.to_thread(self._chats.block, place.chat)
                return False
            except BadRequest as refusal:
                LOG.warning("Chat %s cannot be reached: %s", place.chat, refusal.message)
                return False
        return True

    async def _one(self, name: str, number: int, place: Place, part: Part, grows: int | None) -> Place:
        """Send one part: as it is, else as plain text, else without buttons. Returns the place it went to."""
        attempts: list[Callable[[], Awaitable[object]]] = []
        if grows is not None:
            attempts.append(lambda: self._replace(place, grows, part))
        if part.chart is not None or part.picture:
            photo = await asyncio.to_thread(self._photo_of, part)
            if photo:
                attempts.append(lambda: self._photo(place, photo, part))
        attempts.append(lambda: self._text(place, part.html, ParseMode.HTML, part.keyboard))
        attempts.append(lambda: self._text(place, part.plain, None, part.keyboard))
        if part.buttons:
            attempts.append(lambda: self._text(place, part.plain, None, None))
        for attempt, send in enumerate(attempts, 1):
            try:
                await self._until_taken(name, number, send)
                break
            except ChatMigrated as moved:
                place = replace(place, chat=moved.new_chat_id, reply_to=None)
                return await self._one(name, number, place, part, None)
            except BadRequest as refusal:
                if attempt == len(attempts):
                    raise
                LOG.warning("Telegram refused a message to %s (%s); sending it plainer.", place.chat, refusal.message)
        return place

    async def _until_taken(self, name: str, number: int, send: Callable[[], Awaitable[object]]) -> None:
        """Make the call persistently, its part noted as begun while it is on its way. A stop leaves that to the end."""

        async def leave() -> None:
            for _ in range(HASTY_TRIES):
                if self._outbox.begin_at_once(name, number):
                    return  # straight to the request: between the two nothing else runs
                await asyncio.sleep(HASTY_SECONDS)
            await asyncio.to_thread(self._outbox.begin, name, number)

        async def once() -> None:
            try:
                with just_before(leave):
                    await send()
            except Exception:
                await asyncio.to_thread(self._outbox.withdraw, name, number)
                raise
            await asyncio.to_thread(self._outbox.confirm, name, number)

        async def whole() -> None:
            task = asyncio.ensure_future(once())
            self._under_way.add(task)
            task.add_done_callback(self._landed)
            await asyncio.shield(task)

        await persistently(whole)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited for it may be gone; then nobody else asks

    def _photo_of(self, part: Part) -> bytes | str:
        """The chart drawn, or the kept picture, by Telegram's id of it if it has one; empty when it cannot be had, for
        then the words stand alone."""
        try:
            if part.chart is not None:
                return self._painter.png(part.chart)
            return self._uploaded.get(part.picture) or self._pictures.read(part.picture)[0]
        except Exception:  # whatever is odd in a specification, or a file that is gone
            LOG.exception("The picture %s could not be had.", part.chart.id if part.chart else part.picture)
            return b""

    async def _replace(self, place: Place, message: int, part: Part) -> None:
        """The first part in place of the message that grew."""
        try:
            await self._bot.edit_message_text(
                part.html,
                place.chat,
                message,
                parse_mode=ParseMode.HTML,
                reply_markup=part.keyboard,
                link_preview_options=NO_PREVIEW,
            )
        except BadRequest as refusal:
            # What grew may have reached its end already; only the wording of the refusal tells.
            if "not modified" not in refusal.message.lower():
                raise

    async def _text(
        self, place: Place, text: str, mode: ParseMode | None, keyboard: InlineKeyboardMarkup | None
    ) -> Message:
        return await self._bot.send_message(
            place.chat,
            text,
            parse_mode=mode,
            reply_markup=keyboard,
            reply_parameters=_reply(place),
            message_thread_id=place.topic,
            link_preview_options=NO_PREVIEW,
            rate_limit_args=PATIENT if place.is_patient else None,
        )

    async def _photo(self, place: Place, photo: bytes | str, part: Part) -> None:
        sent = await self._bot.send_photo(
            place.chat,
            photo,
            caption=part.html,
            parse_mode=ParseMode.HTML,
            reply_markup=part.keyboard,
            reply_parameters=_reply(place),
            message_thread_id=place.topic,
            filename="chart.png" if part.chart else "picture",
            rate_limit_args=PATIENT if place.is_patient else None,
        )
        if part.picture and sent.photo:
            self._uploaded[part.picture] = sent.photo[-1].file_id

    async def _type(self, place: Place, finished: asyncio.Event) -> None:
        with suppress(TelegramError):  # an ornament: nothing depends on it
            while not (finished.is_set() or self._pace.is_crowded):
                await self._bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.topic)
                with suppress(TimeoutError):
                    await asyncio.wait_for(finished.wait(), TYPING_SECONDS)


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """Make the call until it succeeds, through flood limits and network errors; what Telegram refuses is raised."""
    tries = 0
    while True:
        try:
            return await call()
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
        return seconds_asked(error) + 0.1
    return min(LONGEST_PAUSE, 0.5 * 2 ** min(tries, 10))


def _reply(place: Place) -> ReplyParameters | None:
    return ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to else None
