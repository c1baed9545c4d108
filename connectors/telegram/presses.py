"""What happens when an inline button is pressed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from telegram import CallbackQuery, InlineKeyboardMarkup, Message

from assistant.errors import NotAllowed, NotFound
from assistant.learning.feedback import LONGEST_COMMENT, Feedback, Verdict
from assistant.privacy import Privacy
from assistant.programs.notices.service import Notices
from connectors.telegram.asking import Asking
from connectors.telegram.buttons import (
    CHOSEN,
    OPINIONS,
    Seal,
    answer_of,
    disliked,
    keyboard_with,
    keyboard_without,
    label_of,
    opinion_row,
)
from connectors.telegram.commands import Commands, question_of
from connectors.telegram.delivery import Delivery
from connectors.telegram.files import Files
from connectors.telegram.parts import Outgoing, parts_of
from connectors.telegram.texts import LANGUAGES
from connectors.telegram.visits import Visit
from connectors.telegram.works import Works

EXPORT_NAME = "heliotrope-my-data.json"


class Presses:
    """Carries out presses. Each kind of button has its method; it returns what is said in the chat, if anything.

    Data that was not signed for this chat, or leads to nothing any more, gets a polite note.
    """

    def __init__(
        self,
        seal: Seal,
        delivery: Delivery,
        asking: Asking,
        commands: Commands,
        works: Works,
        files: Files,
        feedback: Feedback,
        privacy: Privacy,
        notices: Notices,
    ) -> None:
        self._seal = seal
        self._delivery = delivery
        self._asking = asking
        self._commands = commands
        self._works = works
        self._files = files
        self._feedback = feedback
        self._privacy = privacy
        self._notices = notices
        self._kinds: dict[str, Callable[[Visit, CallbackQuery, str], Awaitable[Outgoing | None]]] = {
            "ask": self._ask,
            "act": self._act,
            "command": self._command,
            "choose": self._choose,
            "works": self._turn_page,
            "work": self._diagnose,
            "up": self._opinion,
            "down": self._opinion,
            "keep": self._keep_file,
            "drop": self._drop_file,
            "language": self._language,
            "notify": self._notify,
            "mute": self._mute,
            "export": self._export,
        }

    async def pressed(self, visit: Visit, query: CallbackQuery) -> Outgoing | None:
        """Carry it out. What is done with the button's own message is done here."""
        kind, argument = self._seal.opened(visit.place.chat, query.data or "") or ("", "")
        try:
            if kind not in self._kinds or not isinstance(query.message, Message):
                raise NotFound("There is no such button.")
            return await self._kinds[kind](visit, query, argument)
        except NotFound:
            await self._delivery.acknowledge(query.id, visit.texts("stale"))
            return None

    async def _ask(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        question = label_of(query)
        if not question:
            raise NotFound("The message of the button is too old.")
        return await self._answer(visit, query, question)

    async def _act(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """Have done what an answer offered. The button goes, for it is good once."""
        outgoing = await self._asking.act(visit, argument, f"▸ {label_of(query)}\n\n")
        await self._delivery.acknowledge(query.id)
        assert isinstance(query.message, Message)
        left = keyboard_without(query.message.reply_markup, query.data or "")
        await self._change_buttons(visit, query, left)
        return outgoing

    async def _answer(self, visit: Visit, query: CallbackQuery, question: str) -> Outgoing:
        await self._delivery.acknowledge(query.id)
        # A press leaves no trace in the chat: the answer begins with the question that it belongs to.
        return await self._asking.ask(visit, question, f"▸ {question}\n\n")

    async def _command(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        question = question_of(argument, "", visit.texts)
        if question is not None:
            return await self._answer(visit, query, question)
        await self._delivery.acknowledge(query.id)
        return await self._commands.run(visit, argument, "")

    async def _choose(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """The works to choose from, as a message of their own below an answer."""
        creator = await self._creator(visit)
        await self._delivery.acknowledge(query.id)
        return await asyncio.to_thread(self._works.page, creator, 0, visit.texts)

    async def _turn_page(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """Another page in place of the one that is shown."""
        outgoing = await asyncio.to_thread(self._works.page, await self._creator(visit), int(argument), visit.texts)
        await self._delivery.acknowledge(query.id)
        await self._change(visit, query, outgoing)
        return None

    async def _diagnose(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        creator = await self._creator(visit)
        question = await asyncio.to_thread(self._works.question, creator, argument, visit.texts)
        if question is None:
            raise NotFound("There is no such work.")
        return await self._answer(visit, query, question)

    async def _opinion(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """Keep a verdict, or take it back when its button was marked already."""
        pressed: Verdict = "up" if label_of(query).startswith(OPINIONS["up"]) else "down"
        verdict = None if label_of(query).endswith(CHOSEN) else pressed
        caller = await self._asking.caller(visit)
        await asyncio.to_thread(self._feedback.give, caller, answer_of(argument), verdict)
        name = {"up": "opinion.up", "down": "opinion.down", None: "opinion.back"}[verdict]
        await self._delivery.acknowledge(query.id, visit.texts(name))
        assert isinstance(query.message, Message)
        row = opinion_row(answer_of(argument), verdict)
        buttons = keyboard_with(query.message.reply_markup, row, self._seal, visit.place.chat)
        await self._change_buttons(visit, query, buttons)
        return None

    async def explained(self, visit: Visit, message: Message, said: str) -> None:
        """Keep what a reply to an answer with a marked 👎 says as the word to it. It is answered all the same: most say
        in it what they had asked."""
        original = message.reply_to_message
        answer = disliked(original, self._seal) if original is not None else None
        if answer is not None:
            caller = await self._asking.caller(visit)
            with suppress(NotFound):  # somebody else's answer, in a group
                await asyncio.to_thread(self._feedback.give, caller, answer, "down", said[:LONGEST_COMMENT])

    async def _keep_file(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        return await self._decide(visit, query, self._files.keep, argument)

    async def _drop_file(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        return await self._decide(visit, query, self._files.drop, argument)

    async def _decide(
        self,
        visit: Visit,
        query: CallbackQuery,
        decide: Callable[[Visit, str | None, str], Awaitable[Outgoing]],
        argument: str,
    ) -> Outgoing | None:
        creator = await self._creator(visit)
        async with self._delivery.typing(visit.place):
            outgoing = await decide(visit, creator, argument)
        await self._delivery.acknowledge(query.id)
        await self._change_buttons(visit, query, None)
        return outgoing

    async def _language(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        await self._delivery.acknowledge(query.id)
        language = next((one for one in LANGUAGES if one == argument), None)
        return None if language is None else await self._commands.speak(visit, language)

    async def _notify(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """Turn a kind of notices on or off in the list of them."""
        creator = await self._creator(visit)
        await asyncio.to_thread(self._switch, creator, argument)
        await self._delivery.acknowledge(query.id)
        await self._change(visit, query, await asyncio.to_thread(self._commands.notices, visit))
        return None

    async def _mute(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """The button under a notice: no more of this kind."""
        creator = await self._creator(visit)
        await asyncio.to_thread(self._notices.inbox.mute, creator, argument)
        await self._delivery.acknowledge(query.id, visit.texts("notify.muted", kind=visit.texts(f"kind.{argument}")))
        await self._change_buttons(visit, query, None)
        return None

    def _switch(self, creator: str, kind: str) -> None:
        self._notices.inbox.mute(creator, kind, kind not in self._notices.wishes.of(creator).muted)

    async def _export(self, visit: Visit, query: CallbackQuery, argument: str) -> Outgoing | None:
        """Everything that is kept about whoever presses, as a file."""
        caller = await self._asking.caller(visit)
        await self._delivery.acknowledge(query.id)
        try:
            kept = await asyncio.to_thread(self._privacy.export, caller)
        except NotAllowed:
            return Outgoing.of(visit.texts("privacy.shared"))
        content = json.dumps(kept, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")
        await self._delivery.document(visit.place, EXPORT_NAME, content)
        return None

    async def _change(self, visit: Visit, query: CallbackQuery, outgoing: Outgoing) -> None:
        assert isinstance(query.message, Message)
        (part,) = parts_of(outgoing, self._seal, visit.place.chat)
        await self._delivery.change(visit.place, query.message.message_id, part)

    async def _change_buttons(self, visit: Visit, query: CallbackQuery, buttons: InlineKeyboardMarkup | None) -> None:
        assert isinstance(query.message, Message)
        await self._delivery.change_buttons(visit.place, query.message.message_id, buttons)

    async def _creator(self, visit: Visit) -> str:
        """The creator who presses. Raises NotFound for somebody unknown, as in a group."""
        creator = (await self._asking.caller(visit)).creator
        if creator is None:
            raise NotFound("Nobody is linked to this chat.")
        return creator
