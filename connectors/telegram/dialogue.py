"""One update in, the answer to it out: what is meant, and what the creator sees when something fails."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Mapping

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus

from assistant.errors import Problem, Unavailable
from connectors.telegram.addressing import text_for
from connectors.telegram.asking import Asking
from connectors.telegram.buttons import Seal
from connectors.telegram.chats import Chats
from connectors.telegram.commands import PRIVATE, Commands, parse_command, question_of
from connectors.telegram.delivery import Delivery
from connectors.telegram.files import Files
from connectors.telegram.parts import Outgoing, parts_of
from connectors.telegram.phrases import Phrases
from connectors.telegram.presses import Presses
from connectors.telegram.texts import Language, Texts, language_of
from connectors.telegram.visits import Place, Visit

LOG = logging.getLogger(__name__)

_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)


class Dialogue:
    """Answers updates. Returns only when the answer was sent or none is due; a failure to send is raised."""

    def __init__(
        self,
        me: User,
        delivery: Delivery,
        seal: Seal,
        chats: Chats,
        texts: Mapping[Language, Texts],
        asking: Asking,
        commands: Commands,
        presses: Presses,
        files: Files,
    ) -> None:
        self._me = me
        self._delivery = delivery
        self._seal = seal
        self._chats = chats
        self._texts = texts
        self._phrases = Phrases(texts)
        self._asking = asking
        self._commands = commands
        self._presses = presses
        self._files = files

    async def handle(self, update: Update) -> None:
        """Answer one update; one that was answered in part before the process stopped gets the rest."""
        name = f"update:{update.update_id}"
        if update.my_chat_member:
            await self._standing(update.my_chat_member)
        elif update.callback_query:
            await self._pressed(name, update.callback_query)
        elif update.message:
            await self._said(name, update.message)

    async def apologise(self, update: Update) -> None:
        """Say that this update cannot be answered, because answering it ended the process again and again."""
        message = update.effective_message
        if isinstance(message, Message) and update.effective_user is not None:
            name = f"update:{update.update_id}"
            place = Place(message.chat.id, _topic(message))
            visit = await self._visit(name, place, update.effective_user)
            cause = RuntimeError(f"Update {update.update_id} is given up: the process ended during it again and again.")
            await self._send(visit, _failed(visit, "problem.other", cause))

    async def _said(self, name: str, message: Message) -> None:
        said = text_for(message, self._me)
        if said is None or message.from_user is None or (message.text is None and message.effective_attachment is None):
            return
        place = Place(message.chat.id, _topic(message), None if message.chat.id > 0 else message.message_id)
        visit = await self._visit(name, place, message.from_user)
        if await self._delivery.resume(name, place) is None:
            await self._send(visit, await self._spared(visit, self._answer(visit, message, said)))

    async def _pressed(self, name: str, query: CallbackQuery) -> None:
        message = query.message
        place = Place(message.chat.id if message else query.from_user.id, _topic(message))
        visit = await self._visit(name, place, query.from_user)
        if await self._delivery.resume(name, place) is None:
            await self._send(visit, await self._spared(visit, self._presses.pressed(visit, query)))

    async def _answer(self, visit: Visit, message: Message, said: str) -> Outgoing:
        if message.text is None:
            return await self._attached(visit, message)
        name, argument = parse_command(said or "/help") or self._phrases.command_in(said) or ("", "")
        if not name:
            await self._presses.explained(visit, message, said)
            return await self._asking.ask(visit, said)
        question = question_of(name, argument, visit.texts)
        if question is not None and (visit.private or name not in PRIVATE):
            return await self._asking.ask(visit, question)
        return await self._commands.run(visit, name, argument)

    async def _attached(self, visit: Visit, message: Message) -> Outgoing:
        if message.voice or message.audio or message.video_note:
            return Outgoing.of(visit.texts("unread.voice"))
        if message.photo or message.video or message.animation or message.sticker:
            return Outgoing.of(visit.texts("unread.picture"))
        if not message.document:
            return Outgoing.of(visit.texts("unread.other"))
        if not visit.private:
            return Outgoing.of(visit.texts("private_only"))
        creator = (await self._asking.caller(visit)).creator
        if creator is None:
            return Outgoing.of(visit.texts("file.link_first"))
        async with self._delivery.typing(visit.place):
            return await self._files.received(visit, creator, message.document)

    async def _standing(self, change: ChatMemberUpdated) -> None:
        """Somebody blocked the bot or threw it out of a group, or let it in again."""
        note = self._chats.block if change.new_chat_member.status in _GONE else self._chats.unblock
        await asyncio.to_thread(note, change.chat.id)

    async def _visit(self, name: str, place: Place, user: User) -> Visit:
        chat = await asyncio.to_thread(self._chats.find, place.chat)
        if chat.is_blocked:
            await asyncio.to_thread(self._chats.unblock, place.chat)
        return Visit(name, place, user.id, self._texts[chat.language or language_of(user.language_code)])

    async def _spared(self, visit: Visit, work: Awaitable[Outgoing | None]) -> Outgoing | None:
        """The answer, or one friendly sentence with a reference under which the log has the cause."""
        try:
            return await work
        except Exception as error:
            return _failed(visit, "problem.later" if isinstance(error, Unavailable) else "problem.other", error)

    async def _send(self, visit: Visit, outgoing: Outgoing | None) -> None:
        if outgoing is not None:
            parts = parts_of(outgoing, self._seal, visit.place.chat)
            await self._delivery.send(visit.name, visit.place, parts)


def _failed(visit: Visit, name: str, error: Exception) -> Outgoing:
    reference = secrets.token_hex(3)
    trace = None if isinstance(error, Problem) else error
    LOG.error("Reference %s: %s", reference, error, exc_info=trace, extra={"fields": {"reference": reference}})
    return Outgoing.of(visit.texts(name, reference=reference))


def _topic(message: object) -> int | None:
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
