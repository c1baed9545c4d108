"""One update in, the answer to it out: who asks, what is asked, and what the creator sees when something fails."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Awaitable

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatType

from assistant.conversation import Assistant
from assistant.creators.accounts import Accounts
from assistant.errors import Problem, Unavailable
from assistant.identity import Caller
from connectors.telegram.addressing import text_for
from connectors.telegram.commands import PRIVATE, SPOKEN, Commands, Outgoing, Visit, parse_command
from connectors.telegram.delivery import Delivery, Place
from connectors.telegram.markup import Run, runs_of, split
from connectors.telegram.sources import source_runs
from connectors.telegram.suggestions import keyboard, question_behind
from connectors.telegram.texts import Choices, Texts

LOG = logging.getLogger(__name__)

ANSWERS_AT_ONCE = 16


class Dialogue:
    """Answers updates. Returns only when the answer was sent or none is due; a failure to send is raised.

    In a private chat the creator is the one linked to the Telegram user. In a group everybody is unknown: personal
    numbers are never shown where others read along.
    """

    def __init__(
        self, me: User, assistant: Assistant, accounts: Accounts, delivery: Delivery, choices: Choices
    ) -> None:
        self._me = me
        self._assistant = assistant
        self._accounts = accounts
        self._delivery = delivery
        self._choices = choices
        self._commands = Commands(accounts, choices)
        self._at_once = asyncio.Semaphore(ANSWERS_AT_ONCE)

    async def handle(self, update: Update) -> None:
        """Answer one update."""
        if update.callback_query:
            await self._pressed(update.callback_query)
        elif update.message:
            await self._said(update.message)

    async def _said(self, message: Message) -> None:
        said = text_for(message, self._me)
        if said is None or message.from_user is None or (message.text is None and message.effective_attachment is None):
            return
        private = message.chat.type == ChatType.PRIVATE
        place = Place(message.chat.id, _topic(message), None if private else message.message_id)
        visit = Visit(place, message.from_user.id, private, self._texts(message.chat.id, message.from_user))
        if message.text is None:
            await self._send(visit, Outgoing([Run(visit.texts("unreadable"))]))
        elif command := parse_command(said or "/help"):
            await self._send(visit, await self._spared(visit, self._command(visit, *command)))
        else:
            await self._send(visit, await self._spared(visit, self._ask(visit, said)))

    async def _pressed(self, query: CallbackQuery) -> None:
        question = question_behind(query)
        message = query.message
        if question is None or not isinstance(message, Message):
            chat = message.chat.id if message else query.from_user.id
            await self._delivery.acknowledge(query.id, self._texts(chat, query.from_user)("stale"))
            return
        await self._delivery.acknowledge(query.id)
        private = message.chat.type == ChatType.PRIVATE
        texts = self._texts(message.chat.id, query.from_user)
        visit = Visit(Place(message.chat.id, _topic(message)), query.from_user.id, private, texts)
        answer = await self._spared(visit, self._ask(visit, question))
        # A press leaves no trace in the chat: the answer begins with the question that it belongs to.
        asked = [Run(f"▸ {question}", bold=True), Run("\n\n")]
        await self._send(visit, Outgoing([*asked, *answer.runs], answer.questions))

    async def _command(self, visit: Visit, name: str, argument: str) -> Outgoing:
        if name in SPOKEN and (visit.private or name not in PRIVATE):
            return await self._ask(visit, visit.texts(SPOKEN[name]))
        return await self._commands.run(visit, name, argument)

    async def _ask(self, visit: Visit, question: str) -> Outgoing:
        caller = await self._caller(visit)
        async with self._delivery.typing(visit.place), self._at_once:
            reply = await self._assistant.answer(caller, self._thread(visit, caller), question)
        sources = source_runs(reply.citations, self._choices.of_answer(reply.lang))
        return Outgoing([*runs_of(reply.text), *sources], reply.suggestions)

    async def _caller(self, visit: Visit) -> Caller:
        if not visit.private:
            return Caller("telegram", address=str(visit.place.chat))
        creator = await asyncio.to_thread(self._accounts.linked_creator, "telegram", visit.account)
        return Caller("telegram", creator, visit.account)

    def _thread(self, visit: Visit, caller: Caller) -> str:
        """One thread a chat and owner: after /start CODE or /unlink the owner is another, and so is the thread."""
        chat = f"tg-{self._me.id}-{visit.place.chat}"
        return f"{chat}-{hashlib.sha256(caller.creator.encode()).hexdigest()[:12]}" if caller.creator else chat

    async def _spared(self, visit: Visit, work: Awaitable[Outgoing]) -> Outgoing:
        """The answer, or one friendly sentence with a reference under which the log has the cause."""
        try:
            return await work
        except Exception as error:
            reference = secrets.token_hex(3)
            LOG.error("Reference %s: %s", reference, error, exc_info=None if isinstance(error, Problem) else error)
            name = "problem.later" if isinstance(error, Unavailable) else "problem.other"
            return Outgoing([Run(visit.texts(name, reference=reference))])

    async def _send(self, visit: Visit, outgoing: Outgoing) -> None:
        await self._delivery.send(visit.place, split(outgoing.runs), keyboard(outgoing.questions))

    def _texts(self, chat: int, user: User) -> Texts:
        return self._choices.texts(chat, user.language_code)


def _topic(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None
