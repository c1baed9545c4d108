"""The Telegram bot: long polling in the event loop of the web app, from the inbox to the chats and back."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from assistant.bootstrap import Services
from assistant.errors import Misconfigured
from connectors.telegram.commands import menu
from connectors.telegram.delivery import Delivery, pause_after
from connectors.telegram.dialogue import Dialogue
from connectors.telegram.inbox import Inbox
from connectors.telegram.lanes import Lanes
from connectors.telegram.pace import Pace
from connectors.telegram.secrecy import keep_out_of_logs
from connectors.telegram.texts import Choices, Language, load_texts

LOG = logging.getLogger(__name__)

TELEGRAM = "https://api.telegram.org"
WANTED = ("message", "callback_query")
POLL_SECONDS = 30
DRAIN_SECONDS = 10.0
# Without a language code stands what everybody else sees: Chinese first.
MENU_LANGUAGES: Sequence[tuple[str | None, Language]] = ((None, "zh"), ("zh", "zh"), ("en", "en"))


class TelegramBot:
    """Receives questions and answers them, one lane a chat.

    Every update is in SQL before the next request tells Telegram that it arrived, and done only after its answer was
    sent: a restart loses no question, and a redelivered update is answered once.
    """

    def __init__(self, services: Services, pace: Pace | None = None) -> None:
        token = services.settings.telegram_bot_token.get_secret_value()
        number = re.fullmatch(r"(\d+):[\w-]+", token, re.ASCII)
        if not number:
            raise Misconfigured("TELEGRAM_BOT_TOKEN is not a bot token; copy the one that @BotFather gave you.")
        keep_out_of_logs(token)
        address = services.settings.telegram_api_base_url.rstrip("/") or TELEGRAM
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{address}/bot",
            base_file_url=f"{address}/file/bot",
            request=HTTPXRequest(connection_pool_size=64, read_timeout=20, pool_timeout=20),
            get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=10),
            rate_limiter=pace or Pace(),
        )
        self._services = services
        self._texts = load_texts()
        self._inbox = Inbox(services.engine, int(number[1]))
        self._lanes = Lanes(self._handle)
        self._dialogue: Dialogue | None = None
        self._offset: int | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to work in the background. A Telegram that does not answer yet is waited for there."""
        self._running = asyncio.create_task(self._run(), name="telegram bot")

    async def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Ask for nothing more, finish what was received for at most so long, and close the connections."""
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        if not await self._lanes.drain(drain_seconds):
            LOG.warning("Some questions are left; they are answered after the next start.")
        await self._lanes.close()
        await self._bot.shutdown()

    async def _run(self) -> None:
        try:
            await _until_done(self._connect)
            await _until_done(self._recover)
            while True:
                await _until_done(self._poll)
        except InvalidToken:
            # Not the exception itself: its message holds the token.
            LOG.error("Telegram refuses the bot token; put the present one of @BotFather into TELEGRAM_BOT_TOKEN.")

    async def _connect(self) -> None:
        await self._bot.initialize()
        # Updates do not come by polling while a webhook is set.
        await self._bot.delete_webhook()
        delivery = Delivery(self._bot)
        self._dialogue = Dialogue(
            self._bot.bot, self._services.assistant, self._services.accounts, delivery, Choices(self._texts)
        )
        for code, language in MENU_LANGUAGES:
            with suppress(TelegramError):  # the menu is a convenience
                await self._bot.set_my_commands(menu(self._texts[language]), language_code=code)
        LOG.info("Telegram: @%s answers.", self._bot.username)

    async def _recover(self) -> None:
        await asyncio.to_thread(self._inbox.forget_old)
        for update in await asyncio.to_thread(self._inbox.unfinished):
            self._enqueue(update)

    async def _poll(self) -> None:
        """One round: fetch, write down, line up. The next round's offset is what acknowledges this one's updates."""
        await self._lanes.room()
        updates = await self._bot.get_updates(self._offset, timeout=POLL_SECONDS, allowed_updates=WANTED)
        if not updates:
            return
        for update in await asyncio.to_thread(self._inbox.keep, updates):
            self._enqueue(update)
        self._offset = updates[-1].update_id + 1

    def _enqueue(self, update: Update) -> None:
        self._lanes.add(update.effective_chat.id if update.effective_chat else 0, update)

    async def _handle(self, update: Update) -> None:
        if self._dialogue is not None:
            await self._dialogue.handle(update)
            await asyncio.to_thread(self._inbox.finish, update.update_id)


async def _until_done(step: Callable[[], Awaitable[None]]) -> None:
    """Take a step, again and again with growing pauses until it succeeds; only a refused token ends it."""
    tries = 0
    while True:
        try:
            await step()
            return
        except InvalidToken:
            raise
        except Exception as error:
            # Telegram's errors are named by their message, which has no address in it; ours by their traceback.
            trace = None if isinstance(error, TelegramError) else error
            advice = " Another process polls with the same token." if isinstance(error, Conflict) else ""
            pause = pause_after(error, tries)
            LOG.warning("Telegram: %s.%s Trying again in %.1f s.", error, advice, pause, exc_info=trace)
            await asyncio.sleep(pause)
            tries += 1
