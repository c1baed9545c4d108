"""The bot's commands. Some are done here; others are only a short way to say something to the assistant."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import BotCommand

from assistant.creators.accounts import Accounts
from assistant.errors import BadInput
from connectors.telegram.delivery import Place
from connectors.telegram.markup import Run, runs_of
from connectors.telegram.texts import LANGUAGES, Choices, Texts

MENU = ("start", "help", "me", "unlink", "language", "privacy")
# A command that stands for a sentence: the name of the text that is asked in its place.
SPOKEN = {"me": "question.numbers"}
# What touches a creator's account or numbers is never done where others read along.
PRIVATE = frozenset({"me", "unlink"})


@dataclass(frozen=True)
class Visit:
    """One person speaking in one chat: where the answer goes, whether others read along, and in which language."""

    place: Place
    user: int
    private: bool
    texts: Texts

    @property
    def account(self) -> str:
        """The name under which this Telegram user is linked to a creator."""
        return str(self.user)


@dataclass(frozen=True)
class Outgoing:
    """An answer ready to be cut and sent; `questions` are offered as buttons under it."""

    runs: Sequence[Run]
    questions: Sequence[str] = ()


def menu(texts: Texts) -> list[BotCommand]:
    """The commands as Telegram's menu shows them."""
    return [BotCommand(name, texts(f"command.{name}")) for name in MENU]


def parse_command(said: str) -> tuple[str, str] | None:
    """The name, without a slash or @bot, and the argument of a command; None when the text is not one."""
    if not re.match(r"/\w", said):
        return None
    name, *argument = said[1:].split(maxsplit=1)
    return name.partition("@")[0].lower(), "".join(argument).strip()


class Commands:
    """Carries out the commands that the bot itself answers."""

    def __init__(self, accounts: Accounts, choices: Choices) -> None:
        self._accounts = accounts
        self._choices = choices

    async def run(self, visit: Visit, name: str, argument: str) -> Outgoing:
        """The answer to a command; one that does not exist gets a sentence, too."""
        texts = visit.texts
        if not visit.private and (name in PRIVATE or (name == "start" and argument)):
            return _say(texts("private_only"))
        match name:
            case "start" if argument:
                return await asyncio.to_thread(self._link, visit, argument)
            case "start":
                return _say(texts("start"), texts("question.first"), texts("question.second"))
            case "help":
                return _say(texts("help", commands="\n".join(f"/{one} — {texts(f'command.{one}')}" for one in MENU)))
            case "privacy":
                return _say(texts("privacy"))
            case "language":
                return self._language(visit, argument.lower())
            case "unlink":
                unlinked = await asyncio.to_thread(self._accounts.unlink, "telegram", visit.account)
                return _say(texts("unlink.done" if unlinked else "unlink.nothing"))
            case _:
                return _say(texts("command.unknown"))

    def _link(self, visit: Visit, code: str) -> Outgoing:
        texts = visit.texts
        try:
            creator = self._accounts.redeem_link_code(code, "telegram", visit.account)
        except BadInput:
            linked = self._accounts.linked_creator("telegram", visit.account)
            present = self._accounts.find(linked) if linked else None
            still = [Run("\n"), Run(texts("link.still", name=present.name))] if present else []
            return Outgoing([Run(texts("link.refused")), *still])
        synthetic = [Run("\n"), Run(texts("link.synthetic"))] if creator.synthetic else []
        done = Run(texts("link.done", name=creator.name))
        return Outgoing([done, *synthetic, Run("\n"), Run(texts("link.next"))], [texts("question.numbers")])

    def _language(self, visit: Visit, wanted: str) -> Outgoing:
        for language in LANGUAGES:
            if wanted == language:
                self._choices.choose(visit.place.chat, language)
                return _say(self._choices.texts(visit.place.chat, None)("language.done"))
        return _say(visit.texts("language.usage"))


def _say(markdown: str, *questions: str) -> Outgoing:
    return Outgoing(runs_of(markdown), questions)
