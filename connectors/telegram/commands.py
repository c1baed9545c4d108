"""The bot's commands. Some are done here; the others are a short way to say something to the assistant."""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from telegram import BotCommand, BotCommandScopeChat
from telegram.error import TelegramError
from telegram.ext import ExtBot

from assistant.creators.accounts import Accounts
from assistant.errors import BadInput
from assistant.programs.notices.notice import MUTABLE
from assistant.programs.notices.service import Notices
from assistant.staff.patience import Patience
from connectors.telegram.buttons import CHOSEN, Button, question_rows
from connectors.telegram.chats import Chats
from connectors.telegram.markup import Run
from connectors.telegram.parts import Outgoing
from connectors.telegram.texts import LANGUAGES, Language, Texts
from connectors.telegram.visits import Visit
from connectors.telegram.works import Works

LOG = logging.getLogger(__name__)

MENU = (
    "me", "growth", "diagnose", "plan", "ideas", "templates", "tasks", "campaigns",
    "rank", "metric", "notify", "language", "privacy", "human", "unlink", "help",
)  # fmt: skip
# Commands that stand for a sentence: the name of the text that is asked in their place, without and with an argument.
SPOKEN: Mapping[str, tuple[str, str]] = {
    "me": ("question.me", "question.me_about"),
    "growth": ("question.growth", "question.growth_about"),
    "plan": ("question.plan", "question.plan_about"),
    "ideas": ("question.ideas", "question.ideas_about"),
    "templates": ("question.templates", "question.templates_about"),
    "tasks": ("question.tasks", "question.tasks_about"),
    "campaigns": ("question.campaigns", "question.campaigns_about"),
    "rank": ("question.rank", "question.rank_about"),
    "metric": ("question.metric", "question.metric_about"),
    "human": ("question.human", "question.human_about"),
}
# What touches a creator's account or numbers is never done where others read along.
PRIVATE = frozenset({"me", "growth", "diagnose", "plan", "rank", "metric", "notify", "human", "unlink"})
# Telegram asks for menus by the client's two-letter language; without one stands what everybody else sees.
MENU_LANGUAGES: Sequence[tuple[str | None, Language]] = ((None, "zh"), ("zh", "zh"), ("en", "en"))
FREE_TRIES = 5
LONGEST_ARGUMENT = 200


def menu(texts: Texts) -> list[BotCommand]:
    """The commands as Telegram's menu shows them."""
    return [BotCommand(name, texts(f"command.{name}")) for name in MENU]


def parse_command(said: str) -> tuple[str, str] | None:
    """The name, without a slash or @bot, and the argument of a command; None when the text is not one."""
    if not re.match(r"/\w", said):
        return None
    name, *argument = said[1:].split(maxsplit=1)
    return name.partition("@")[0].lower(), "".join(argument).strip()


def question_of(name: str, argument: str, texts: Texts) -> str | None:
    """What a command asks the assistant; None for one that is carried out here."""
    if name == "diagnose" and argument:
        return texts("question.work", title=argument[:LONGEST_ARGUMENT])
    if name not in SPOKEN:
        return None
    bare, about = SPOKEN[name]
    return texts(about, about=argument[:LONGEST_ARGUMENT]) if argument else texts(bare)


class Commands:
    """Carries out the commands that the bot itself answers."""

    def __init__(
        self,
        bot: ExtBot[int],
        accounts: Accounts,
        chats: Chats,
        works: Works,
        notices: Notices,
        texts: Mapping[Language, Texts],
    ) -> None:
        self._bot = bot
        self._accounts = accounts
        self._chats = chats
        self._works = works
        self._notices = notices
        self._texts = texts
        self._patience = Patience(FREE_TRIES)

    async def run(self, visit: Visit, name: str, argument: str) -> Outgoing:
        """The answer to a command; one that does not exist gets a sentence, too."""
        texts = visit.texts
        if not visit.private and (name in PRIVATE or (name == "start" and argument)):
            open_chat = Button(texts("private_only.open"), url=f"https://t.me/{self._bot.username}")
            return Outgoing.of(texts("private_only"), [[open_chat]])
        match name:
            case "start" if argument:
                return await asyncio.to_thread(self._link, visit, argument)
            case "start":
                return self._welcome(texts)
            case "help":
                return Outgoing.of(texts("help", commands=self._listed(texts)))
            case "diagnose":
                return await asyncio.to_thread(self._choose_work, visit)
            case "notify":
                return await asyncio.to_thread(self.notices, visit)
            case "language":
                return await self._language(visit, argument)
            case "privacy":
                return Outgoing.of(texts("privacy"), self._own_data(texts) if visit.private else ())
            case "unlink":
                unlinked = await asyncio.to_thread(self._accounts.unlink, "telegram", visit.account)
                return Outgoing.of(texts("unlink.done" if unlinked else "unlink.nothing"))
            case _:
                return Outgoing.of(texts("command.unknown"))

    def notices(self, visit: Visit) -> Outgoing:
        """Which notices the creator gets and when not, each kind with a button to turn it on or off."""
        texts = visit.texts
        creator = self._accounts.linked_creator("telegram", visit.account)
        if creator is None:
            return Outgoing.of(texts("notify.link_first"))
        wishes = self._notices.wishes.of(creator)
        names = {kind: texts(f"kind.{kind}") for kind in MUTABLE}
        rows = [
            [Button(texts("notify.off" if kind in wishes.muted else "notify.on", kind=name), f"notify:{kind}")]
            for kind, name in names.items()
        ]
        quiet = texts("notify.quiet", first=wishes.quiet_from, last=wishes.quiet_until)
        return Outgoing.of(texts("notify", quiet="" if wishes.quiet_from == wishes.quiet_until else quiet), rows)

    async def speak(self, visit: Visit, language: Language) -> Outgoing:
        """From now on this language in the chat, in its menu of commands and in the creator's notices."""
        await asyncio.to_thread(self._keep_language, visit, language)
        texts = self._texts[language]
        with suppress(TelegramError):  # the menu is a convenience
            await self._bot.set_my_commands(menu(texts), BotCommandScopeChat(visit.place.chat))
        return Outgoing.of(texts("language.done"))

    def _keep_language(self, visit: Visit, language: Language) -> None:
        self._chats.choose_language(visit.place.chat, language)
        creator = self._accounts.linked_creator("telegram", visit.account) if visit.private else None
        if creator is not None:
            self._notices.wishes.change(creator, {"language": "en" if language == "en" else "zh"})

    def _welcome(self, texts: Texts) -> Outgoing:
        questions = question_rows([texts("question.first"), texts("question.second")])
        more = [Button(texts("start.numbers"), "command:me"), Button(texts("start.help"), "command:help")]
        return Outgoing.of(texts("start"), [*questions, more])

    def _own_data(self, texts: Texts) -> list[list[Button]]:
        return [
            *question_rows([texts("question.kept")]),
            [Button(texts("privacy.export"), "export:")],
            [Button(texts("question.delete"), "ask:1")],
        ]

    def _listed(self, texts: Texts) -> str:
        return "\n".join(f"/{name} — {texts(f'command.{name}')}" for name in MENU)

    def _choose_work(self, visit: Visit) -> Outgoing:
        creator = self._accounts.linked_creator("telegram", visit.account)
        return Outgoing.of(visit.texts("link.first")) if creator is None else self._works.page(creator, 0, visit.texts)

    async def _language(self, visit: Visit, wanted: str) -> Outgoing:
        for language in LANGUAGES:
            if wanted.lower() == language.lower():
                return await self.speak(visit, language)
        names: dict[Language, str] = {one: self._texts[one]("language.name") for one in LANGUAGES}
        names["zh-Hant"] = self._texts["zh-Hant"]("language.name_hant")
        names[visit.texts.language] += f" {CHOSEN}"
        row = [Button(name, f"language:{one}") for one, name in names.items()]
        return Outgoing.of(visit.texts("language.choose"), [row])

    def _link(self, visit: Visit, code: str) -> Outgoing:
        texts = visit.texts
        wait = self._patience.seconds_to_wait(visit.account)
        if wait:
            return Outgoing.of(texts("link.wait", minutes=-(-wait // 60)))
        try:
            creator = self._accounts.redeem_link_code(code, "telegram", visit.account)
        except BadInput:
            LOG.info("Telegram user %s sent a link code that is not valid.", visit.account)
            linked = self._accounts.linked_creator("telegram", visit.account)
            present = self._accounts.find(linked) if linked else None
            still = [Run("\n"), Run(texts("link.still", name=present.name))] if present else []
            return Outgoing([Run(texts("link.refused")), *still])
        self._patience.forgive(visit.account)
        synthetic = [Run("\n"), Run(texts("link.synthetic"))] if creator.synthetic else []
        done = Run(texts("link.done", name=creator.name))
        questions = question_rows([texts("question.me"), texts("question.growth")])
        return Outgoing([done, *synthetic, Run("\n"), Run(texts("link.next"))], (), questions)
