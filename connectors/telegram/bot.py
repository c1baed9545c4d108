"""The Telegram bot in the event loop of the web app, from the inbox to the chats and back."""

import asyncio
import hashlib
import hmac
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from assistant.bootstrap import Services
from assistant.errors import Misconfigured
from connectors.telegram.asking import Asking
from connectors.telegram.buttons import Seal
from connectors.telegram.chats import Chats
from connectors.telegram.commands import MENU_LANGUAGES, Commands, menu
from connectors.telegram.delivery import Delivery, pause_after
from connectors.telegram.dialogue import Dialogue
from connectors.telegram.files import Files
from connectors.telegram.inbox import Inbox
from connectors.telegram.lanes import Lanes
from connectors.telegram.notices import NoticeSender, TelegramChannel
from connectors.telegram.outbox import Outbox
from connectors.telegram.pace import Pace
from connectors.telegram.presses import Presses
from connectors.telegram.secrecy import keep_out_of_logs
from connectors.telegram.texts import load_texts
from connectors.telegram.webhook import PATH, webhook_routes
from connectors.telegram.wire import watch
from connectors.telegram.works import Works

LOG = logging.getLogger(__name__)

TELEGRAM = "https://api.telegram.org"
WANTED = ("message", "callback_query", "my_chat_member")
POLL_SECONDS = 30
DRAIN_SECONDS = 10.0
# An answer during which the process ended so often is given up.
MOST_TRIES = 5
HOLD_SECONDS = 30.0


class TelegramBot:
    """Receives questions and answers them, one lane a chat; by long polling, or by webhook when one is set.

    Every update is in SQL before Telegram is told that it arrived, and done only after its answer was sent: a restart
    loses no question, and a redelivered update is answered once.
    """

    def __init__(self, services: Services, pace: Pace | None = None) -> None:
        settings = services.settings
        token = settings.telegram_bot_token.get_secret_value()
        number = re.fullmatch(r"(\d+):[\w-]+", token, re.ASCII)
        if not number:
            raise Misconfigured("TELEGRAM_BOT_TOKEN is not a bot token; copy the one that @BotFather gave you.")
        keep_out_of_logs(token)
        address = settings.telegram_api_base_url.rstrip("/") or TELEGRAM
        self._pace = pace or Pace()
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{address}/bot",
            base_file_url=f"{address}/file/bot",
            request=HTTPXRequest(
                connection_pool_size=64,
                read_timeout=20,
                pool_timeout=20,
                httpx_kwargs={"event_hooks": {"request": [watch]}},
            ),
            get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=10),
            rate_limiter=self._pace,
        )
        self._services = services
        self._number = int(number[1])
        self._webhook = settings.telegram_webhook_url.rstrip("/")
        self._secret = hmac.digest(token.encode(), b"heliotrope: webhook of Telegram", hashlib.sha256).hex()
        self._seal = Seal(token)
        self._texts = load_texts()
        self._inbox = Inbox(services.engine, self._number)
        self._outbox = Outbox(services.engine, self._number)
        self._chats = Chats(services.engine, self._number)
        self._delivery = Delivery(
            self._bot, self._pace, self._outbox, self._chats, services.painter, services.pictures
        )
        self._lanes = Lanes(self._handle)
        self._notices = NoticeSender(self._outbox, self._delivery)
        self._dialogue: Dialogue | None = None
        self._is_ready = False
        self._left: dict[int, int] = {}  # what an earlier process did not finish, and how often it was taken up
        self._offset: int | None = None
        self._running: asyncio.Task[None] | None = None
        self._holding: asyncio.Task[None] | None = None

    def routes(self) -> APIRouter | None:
        """What the web app serves for the bot; None when it polls."""
        return webhook_routes(self._secret, self._take) if self._webhook else None

    async def start(self) -> None:
        """Begin to work in the background. A Telegram that does not answer yet is waited for there."""
        channel = TelegramChannel(self._outbox, self._chats, self._seal, self._texts, self._notices.waker())
        self._services.notices.deliverer.add_channel(channel)
        self._running = asyncio.create_task(self._run(), name="telegram bot")

    async def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Ask for nothing more, finish what was received for at most so long, and close the connections."""
        self._is_ready = False
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        if not await self._lanes.drain(drain_seconds):
            LOG.warning("Some questions are left; they are answered after the next start.")
        if self._holding:
            self._holding.cancel()
        await self._lanes.close()
        await self._notices.stop()
        await self._delivery.close()
        await self._bot.shutdown()

    async def _run(self) -> None:
        try:
            await _until_done(self._connect)
            await _until_done(self._recover)
            self._notices.start()
            self._holding = asyncio.create_task(self._hold(), name="telegram leases")
            if self._webhook:
                self._is_ready = True
                await _until_done(self._register)
                return
            await _until_done(self._bot.delete_webhook)  # updates do not come by polling while one is set
            while True:
                await _until_done(self._poll)
        except InvalidToken:
            # Not the exception itself: its message holds the token.
            LOG.error("Telegram refuses the bot token; put the present one of @BotFather into TELEGRAM_BOT_TOKEN.")

    async def _connect(self) -> None:
        await self._bot.initialize()
        self._dialogue = self._new_dialogue()
        for code, language in MENU_LANGUAGES:
            with suppress(TelegramError):  # the menu is a convenience
                await self._bot.set_my_commands(menu(self._texts[language]), language_code=code)
        LOG.info("Telegram: @%s answers.", self._bot.username)

    def _new_dialogue(self) -> Dialogue:
        services = self._services
        works = Works(services.warehouse, ZoneInfo(services.settings.timezone))
        files = Files(
            self._bot, self._number, services.engine, services.warehouse, services.settings.files / "telegram"
        )
        asking = Asking(self._number, services.assistant, services.accounts, self._delivery, self._texts)
        commands = Commands(self._bot, services.accounts, self._chats, works, services.notices, self._texts)
        presses = Presses(
            self._seal, self._delivery, asking, commands, works, files, services.learning.feedback, services.privacy,
            services.notices,
        )  # fmt: skip
        return Dialogue(
            self._bot.bot, self._delivery, self._seal, self._chats, self._texts, asking, commands, presses, files
        )

    async def _register(self) -> None:
        await self._bot.set_webhook(
            self._webhook + PATH, allowed_updates=WANTED, secret_token=self._secret, max_connections=40
        )
        LOG.info("Telegram brings updates to %s.", self._webhook + PATH)

    async def _recover(self) -> None:
        await asyncio.to_thread(self._inbox.forget_old)
        await asyncio.to_thread(self._outbox.forget_old)
        if not self._services.settings.is_shared:
            await asyncio.to_thread(self._outbox.release_all)
        await self._take_over()

    async def _take_over(self) -> None:
        """Line up what nobody answers for: left by an earlier process, or by another one that is dead."""
        is_alone = not self._services.settings.is_shared
        for update, tries in await asyncio.to_thread(self._inbox.unfinished, is_alone):
            self._left[update.update_id] = tries
            self._enqueue(update)

    async def _hold(self) -> None:
        """Say again and again that this process lives; where there are others, take over from the dead."""
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            try:
                await asyncio.to_thread(self._inbox.hold, self._lanes.pending)
                if self._services.settings.is_shared:
                    await self._take_over()
            except Exception:  # the database has its troubles elsewhere; the lease outlives a few of these rounds
                LOG.exception("The updates under way could not be held.")

    async def _poll(self) -> None:
        """One round: fetch, write down, line up. The next round's offset is what acknowledges this one's updates."""
        await self._lanes.room()
        updates = await self._bot.get_updates(self._offset, timeout=POLL_SECONDS, allowed_updates=WANTED)
        if not updates:
            return
        for update in await asyncio.to_thread(self._inbox.keep, updates):
            self._enqueue(update)
        self._offset = updates[-1].update_id + 1

    async def _take(self, update: Update) -> bool:
        """Write down and line up an update that came by webhook; False when there is no room, or the bot is not up."""
        if not (self._is_ready and self._lanes.has_room):
            return False
        for new in await asyncio.to_thread(self._inbox.keep, [update]):
            self._enqueue(new)
        return True

    def _enqueue(self, update: Update) -> None:
        self._lanes.add(update.effective_chat.id if update.effective_chat else 0, update)

    async def _handle(self, update: Update) -> None:
        if self._dialogue is None:
            return
        tries = self._left.pop(update.update_id, None)
        if tries is not None:
            await asyncio.to_thread(self._inbox.take_up, update.update_id)
        if tries is not None and tries >= MOST_TRIES:
            await self._dialogue.apologise(update)
        else:
            await self._dialogue.handle(update)
        await asyncio.to_thread(self._inbox.finish, update.update_id)


async def _until_done(step: Callable[[], Awaitable[object]]) -> None:
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
