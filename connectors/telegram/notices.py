"""Notices in Telegram: the channel that takes them into the outbox, and the sender that brings them to the chats."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from assistant.programs.notices.channel import Handed, Later, Outcome, Refused
from assistant.programs.notices.notice import MUTABLE, Parcel
from connectors.telegram.buttons import Button, Seal
from connectors.telegram.chats import Chats
from connectors.telegram.delivery import Delivery
from connectors.telegram.markup import Run, link
from connectors.telegram.outbox import Outbox
from connectors.telegram.parts import Outgoing, Part, parts_of
from connectors.telegram.texts import Language, Texts
from connectors.telegram.visits import Place

LOG = logging.getLogger(__name__)

# What the keys of parcels begin with (see `assistant.programs.notices`).
PREFIX = "notice:"
# More than this wait with whoever hands over: there they can still be muted, or read elsewhere.
MOST_WAITING = 500
FULL_SECONDS = 20.0
AT_ONCE = 8
LOOK_SECONDS = 30.0


class TelegramChannel:
    """Takes parcels into the bot's outbox, where a key counts once and no stop loses one; `wake` calls the sender."""

    name = "telegram"
    knows_keys = True

    def __init__(
        self, outbox: Outbox, chats: Chats, seal: Seal, texts: Mapping[Language, Texts], wake: Callable[[], None]
    ) -> None:
        self._outbox = outbox
        self._chats = chats
        self._seal = seal
        self._texts = texts
        self._wake = wake

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Keep them to be sent. A chat that refuses the bot gets none; when too many wait, they come again later."""
        room = MOST_WAITING - self._outbox.waiting(PREFIX)
        outcomes: list[Outcome] = []
        kept: list[tuple[str, int, Sequence[Part]]] = []
        for parcel in parcels:
            if not parcel.account.isdigit() or self._chats.find(int(parcel.account)).is_blocked:
                outcomes.append(Refused("the chat does not take messages of the bot"))
            elif len(kept) >= room:
                outcomes.append(Later(FULL_SECONDS, "many notices wait for Telegram's limits"))
            else:
                kept.append((parcel.key, int(parcel.account), self._parts(parcel)))
                outcomes.append(Handed())
        self._outbox.offer(kept)
        self._wake()
        return outcomes

    def _parts(self, parcel: Parcel) -> Sequence[Part]:
        """The message with what stops its kind under it; under a digest of several, all the settings."""
        chat, message = int(parcel.account), parcel.message
        texts = self._texts[self._chats.find(chat).language or ("en" if parcel.language == "en" else "zh")]
        runs = [Run(message.title, bold=True), Run(f"\n\n{message.body}" if message.body else "")]
        if message.link:
            runs += [Run("\n\n"), link(texts("notify.open"), message.link)]
        settings = Button(texts("notify.settings"), "command:notify")
        row = [settings]
        if parcel.kind in MUTABLE and len(parcel.notices) == 1:
            row = [Button(texts("notify.mute", kind=texts(f"kind.{parcel.kind}")), f"mute:{parcel.kind}")]
        return parts_of(Outgoing(runs, (), [row], message.image), self._seal, chat)


class NoticeSender:
    """Brings what waits in the outbox to the chats, a few chats at once, behind the answers to questions."""

    def __init__(self, outbox: Outbox, delivery: Delivery) -> None:
        self._outbox = outbox
        self._delivery = delivery
        self._news = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None

    def waker(self) -> Callable[[], None]:
        """What makes the sender look at once; may be called from any thread."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop is closed: the next start finds what waits
                loop.call_soon_threadsafe(self._news.set)

        return wake

    def start(self) -> None:
        """Begin to work in the background."""
        self._running = asyncio.create_task(self._run(), name="telegram notices")

    async def stop(self) -> None:
        """Send nothing more; what is on its way is `delivery`'s to close."""
        tasks = [*self._under_way, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            try:
                found = await asyncio.to_thread(self._outbox.lease, PREFIX, AT_ONCE - len(self._under_way))
            except Exception:  # the database has its troubles elsewhere; notices can wait
                LOG.exception("Notices could not be looked up.")
                found = []
            for name, chat in found:
                task = asyncio.create_task(self._send(name, chat))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if len(self._under_way) >= AT_ONCE:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            elif not found:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    async def _send(self, name: str, chat: int) -> None:
        try:
            await self._delivery.resume(name, Place(chat, is_patient=True))
        except asyncio.CancelledError:
            await asyncio.to_thread(self._outbox.release, name)
            raise
        except Exception:
            LOG.exception("A notice to chat %s was not sent; it is tried again.", chat)
