"""Understanding a message: the question it stands for, what was found for it, and how the two read together."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from assistant.agent.evidence import Evidence, Turn
from assistant.agent.following import Asked, Following, Meant, questions_in
from assistant.agent.reading import Lang, Reader, language_of_question, parts_of
from assistant.creators.accounts import Accounts, Creator
from assistant.identity import Caller
from knowledge.dates import day_named
from knowledge.documents import Audience
from knowledge.library import Library
from knowledge.shelf import EVERYBODY, Found, Shelf
from prompts.texts import Prompts

AT_ONCE = 3  # questions of one message that are answered
LONGEST_OF_SEVERAL = 300  # characters; a longer message is one matter, told at length
HITS = 8
CLEARER = 1.15  # how much better a part of a message must match than the whole to be taken for the question


@dataclass(frozen=True)
class Setting:
    """What a question is answered from: one release, from beginning to end, on the day that it is. Without an
    `audience` texts are for whom the caller is."""

    shelf: Shelf
    today: date
    audience: Audience | None = None


class Understanding:
    """Makes turns of messages. It reads and searches, and answers nothing."""

    def __init__(
        self,
        library: Library,
        accounts: Accounts,
        audience_of: Callable[[Creator, date], Audience],
        titles_of: Callable[[str], Sequence[str]],
        reader: Reader,
        prompts: Prompts,
    ) -> None:
        self._library = library
        self._accounts = accounts
        self._audience_of = audience_of
        self._titles_of = titles_of
        self._reader = reader
        self._following = Following(prompts)
        self._question = re.compile(prompts.question_words["question"])

    def live(self) -> Setting:
        """What is served, today."""
        return Setting(self._library.shelf, self._library.today())

    def goes_on(self, message: str) -> bool:
        """Whether a message may stand for something that only the earlier questions of its thread tell."""
        return self._following.goes_on(message)

    def meant(self, message: str, earlier: Sequence[Asked]) -> Meant:
        """What a message stands for after the `earlier` questions of its thread, oldest first."""
        return self._following.meant(message, earlier)

    def turn(self, caller: Caller, meant: Meant, as_of: date | None) -> Turn:
        """The turn of a message, with a part for each question when it asks several."""
        setting = self.live()
        turn = replace(self.question(caller, meant.question, as_of, setting, meant.lang), shown=meant.shown)
        if len(meant.question) > LONGEST_OF_SEVERAL or turn.reading.features["cue_injection"]:
            return turn
        asked = questions_in(meant.question, parts_of(meant.question), self._question, AT_ONCE)
        lang = meant.lang or turn.lang
        parts = [self.question(caller, part, as_of, setting, lang) for part in asked[1:] and asked]
        if len({_matter(part) for part in parts}) < 2:
            return turn
        return replace(turn, parts=tuple(replace(part, evidence=turn.evidence) for part in parts))

    def question(
        self, caller: Caller, question: str, as_of: date | None, setting: Setting, wanted: Lang | None = None
    ) -> Turn:
        """The turn of one question in a setting; `wanted` is the language of the answer where it is not its own."""
        shelf, today = setting.shelf, setting.today
        day = as_of or day_named(question, today) or today
        creator = self._accounts.find(caller.creator) if caller.creator else None
        audience = setting.audience or EVERYBODY
        if setting.audience is None and creator and shelf.addresses_some:
            audience = self._audience_of(creator, today)
        lang = "en" if language_of_question(question) == "en" else "zh"
        look = partial(shelf.search, k=HITS, day=day, audience=audience)
        found = look(question, lang=lang)
        if not found.hits:
            found = look(question)
        read = partial(self._reader.read, titles=self._titles_of(creator.id) if creator else ())
        understood = read(question, found, shelf, creator is not None)
        if understood.features["cue_injection"]:
            found = _real_question(question, found, partial(look, lang=lang))
            understood = read(question, found, shelf, creator is not None)
        if wanted is not None:  # understood in its own language, answered from the texts of the other
            understood = replace(understood, lang=wanted)
            told = "en" if wanted == "en" else "zh"
            found = found if told == lang else look(question, lang=told)
        return Turn(caller, creator, question, day, today, understood, found, shelf, audience, Evidence())


def _matter(turn: Turn) -> str:
    """What a question is about, to tell two questions from one asked twice."""
    is_quoted = turn.reading.intent == "guidance" and turn.found.hits
    return f"{turn.reading.intent} {turn.found.hits[0].passage.id if is_quoted else ''}"


def _real_question(message: str, whole: Found, look: Callable[[str], Found]) -> Found:
    """What is found for the part of a message that is a question by itself, when orders stand around it."""
    best = whole
    for part in parts_of(message):
        found = look(part)
        if found.hits and (not best.hits or found.hits[0].score > CLEARER * best.hits[0].score):
            best = found
    return best
