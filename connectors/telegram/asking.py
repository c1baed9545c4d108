"""A question to the assistant, and its reply as what is said in a chat."""

import asyncio
import hashlib
from functools import partial

from assistant.agent.answers import Reply
from assistant.conversation import Assistant
from assistant.creators.accounts import Accounts
from assistant.errors import NotAllowed
from assistant.holding import while_allowed
from assistant.identity import DEMONSTRATION, Caller
from connectors.telegram.buttons import Button, action_rows, opinion_row, question_rows
from connectors.telegram.delivery import Delivery
from connectors.telegram.growing import Growing
from connectors.telegram.markup import Run, runs_of
from connectors.telegram.parts import Outgoing
from connectors.telegram.sources import source_runs
from connectors.telegram.texts import Language, Texts
from connectors.telegram.visits import Visit
from connectors.telegram.works import shows_work

ANSWERS_AT_ONCE = 32


class Asking:
    """Asks for whoever visits. In a private chat that is the creator linked to the Telegram user; in a group everybody
    is unknown, for personal numbers are never shown where others read along."""

    def __init__(
        self, bot: int, assistant: Assistant, accounts: Accounts, delivery: Delivery, texts: dict[Language, Texts]
    ) -> None:
        self._bot = bot
        self._assistant = assistant
        self._accounts = accounts
        self._delivery = delivery
        self._texts = texts
        self._at_once = asyncio.Semaphore(ANSWERS_AT_ONCE)

    async def ask(self, visit: Visit, question: str, heading: str = "") -> Outgoing:
        """The answer, which the chat sees growing meanwhile. `heading` stands above it."""
        caller = await self.caller(visit)
        growing = Growing(self._delivery, visit, heading)
        reply: Reply | None = None
        async with self._delivery.typing(visit.place), self._at_once, growing.shown():
            events = self._assistant.reply(caller, self._thread(visit, caller), question)
            async for event in while_allowed(events, partial(self._look_again, visit, caller)):
                match event.kind:
                    case "status":
                        growing.tell(event.data["text"])
                    case "sentence":
                        growing.add(event.data["text"])
                    case "restart":
                        growing.restart()
                    case "done":
                        reply = event.reply
        assert reply is not None, "an answer ends with its reply"
        return self._told(visit, reply, heading)

    async def act(self, visit: Visit, action: str, heading: str) -> Outgoing:
        """What came of pressing a button that an answer offered. Raises NotFound when it is not this person's."""
        caller = await self.caller(visit)
        async with self._delivery.typing(visit.place):
            reply = await self._assistant.act(caller, action)
        return Outgoing([Run(heading, bold=True), *runs_of(reply.text)], (), question_rows(reply.suggestions))

    async def caller(self, visit: Visit) -> Caller:
        """Who asks."""
        if not visit.private:
            return Caller("telegram", address=str(visit.place.chat))
        return await asyncio.to_thread(self._linked, visit.account)

    def _look_again(self, visit: Visit, caller: Caller) -> None:
        """While an answer is under way. Raises NotAllowed when the account speaks for this creator no longer."""
        if caller.creator is not None and self._linked(visit.account).creator != caller.creator:
            raise NotAllowed("The account was unlinked while the answer was made.")

    def _linked(self, account: str) -> Caller:
        linked = self._accounts.linked_creator("telegram", account)
        creator = self._accounts.find(linked) if linked else None
        if creator is None:
            return Caller("telegram", None, account)
        return Caller("telegram", creator.id, account, frozenset({DEMONSTRATION} if creator.synthetic else ()))

    def _told(self, visit: Visit, reply: Reply, heading: str) -> Outgoing:
        texts = self._texts.get(reply.lang, visit.texts)  # type: ignore[call-overload]  # a reply's language is any str
        above = [Run(heading, bold=True)] if heading else []
        runs = [*above, *runs_of(reply.text), *source_runs(reply.citations, texts)]
        rows = [*action_rows(reply.actions), *question_rows(reply.suggestions)]
        if any(shows_work(chart) for chart in reply.charts):
            rows.append([Button(texts("works.other"), "choose:")])
        if reply.citations or reply.figures or reply.refused:
            rows.append(opinion_row(reply.answer_id))
        return Outgoing(runs, reply.charts, rows)

    def _thread(self, visit: Visit, caller: Caller) -> str:
        """One thread a chat and owner: after /start CODE or /unlink the owner is another, and so is the thread."""
        chat = f"tg-{self._bot}-{visit.place.chat}"
        return f"{chat}-{hashlib.sha256(caller.creator.encode()).hexdigest()[:12]}" if caller.creator else chat
