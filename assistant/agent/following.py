"""Messages that go on from the last one: “那第二条呢”, “换成英文”, “为什么”, “2023 年呢”, “不是，我问的是……”.

Each is made into the question it stands for, which is then answered like any other; a message that says something by
itself is left as it is. Patterns stand in `prompts/question_words.yaml`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.agent.reading import Lang
from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.funnel import STEPS
from knowledge.folding import fold, simplify
from prompts.texts import Prompts

NAMES = ("correct", "language", "why", "how", "more", "nth", "swap")
LONGEST = 40  # characters; a longer message says something by itself
# The topic of the guidance that addresses a rate.
_TOPICS = {step.slug: step.topic for step in STEPS if step.slug in CATALOGUE}
_ASIDE = ("", "thanks", "greeting")  # notes and pressed buttons have no intent
_LINK = re.compile(r"^(另外|还有|還有|顺便问一下|顺便|順便|再问一下|再问|以及|and |also,? )[，, ]*", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_NUMBERS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_ORDINALS = {word: number for number, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}


@dataclass(frozen=True)
class Asked:
    """An earlier question of the thread: how it was read, what its answer cited (headings and documents, in the order
    of the marks), and the items that it listed."""

    question: str
    intent: str
    headings: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meant:
    """The question a message stands for, the language it is to be answered in when that is not its own, and documents
    that have been shown and are not wanted again."""

    question: str
    lang: Lang | None = None
    shown: frozenset[str] = frozenset()


class Following:
    """Completes messages by the thread they stand in."""

    def __init__(self, prompts: Prompts) -> None:
        words = prompts.question_words
        self._prompts = prompts
        self._patterns = {name: re.compile(words[f"follow_{name}"]) for name in NAMES}
        self._predicate = re.compile(words["predicate"])
        self._metrics = re.compile("|".join(f"(?:{pattern})" for pattern in words["metric_words"].values()))
        self._question = re.compile(words["question"])

    def goes_on(self, message: str) -> bool:
        """Whether a message has the form of one that goes on from an earlier one."""
        return self._read(message) is not None

    def meant(self, message: str, earlier: Sequence[Asked]) -> Meant:
        """What the message stands for after the `earlier` ones, the oldest first."""
        before: Meant | None = None
        last: Asked | None = None
        shown: frozenset[str] = frozenset()
        for asked in earlier:
            if asked.intent in _ASIDE and before is not None:
                continue  # what was talked about is what it was
            before = self._meant(asked.question, before, last, shown)
            last, shown = asked, shown | frozenset(asked.documents)
        return self._meant(message, before, last, shown)

    def _meant(self, message: str, before: Meant | None, last: Asked | None, shown: frozenset[str]) -> Meant:
        if before is None or last is None:
            return Meant(message)
        read = self._read(message)
        return Meant(message) if read is None else self._completed(*read, message, before, last, shown)

    def _read(self, message: str) -> tuple[str, dict[str, str]] | None:
        """How a message goes on, by the name of its form, and what it says of it; None for one that does not."""
        text = simplify(fold(message)).strip(" \t\n。.!！?？~～，,")
        if len(text) > LONGEST:
            return None
        for name in NAMES:
            match = self._patterns[name].fullmatch(text)
            if match is not None:
                return name, {key: value for key, value in match.groupdict().items() if value}
        return None

    def _completed(
        self, name: str, told: dict[str, str], message: str, before: Meant, last: Asked, shown: frozenset[str]
    ) -> Meant:
        question = before.question
        if name == "correct":
            return Meant(next(iter(told.values())))
        if name == "language":
            langs: dict[str, Lang] = {"e": "en", "t": "zh-Hant", "s": "zh"}
            return Meant(question, langs[next(iter(told))[0]], before.shown)
        if name == "more":
            return Meant(question, before.lang, shown)
        if name == "nth":
            place = _ORDINALS.get(told.get("ordinal", ""), 0) or number_of(told.get("nth", "1"))
            return self._nth(place, message, before, last)
        if name in ("why", "how"):
            return self._about(name, message, before, last)
        return Meant(self._swapped(next(iter(told.values())).strip(), question), before.lang)

    def _nth(self, place: int, message: str, before: Meant, last: Asked) -> Meant:
        """The n-th work, or the n-th of what the last answer cited."""
        if last.intent == "my_work":
            english = message.isascii()
            return Meant(self._prompts.say("follow_work", "en" if english else "zh", place=place), before.lang)
        if 1 <= place <= len(last.headings):
            return Meant(last.headings[place - 1], before.lang)
        return Meant(message)

    def _about(self, name: str, message: str, before: Meant, last: Asked) -> Meant:
        """Why, and what to do: of own numbers about the metric that was named first, else about the question itself."""
        lang = "en" if message.isascii() else "zh"
        if last.intent == "my_overview" and name == "why":
            return Meant(self._prompts.say("follow_growth", lang), before.lang)
        metric = _metric_of(last.items)
        if last.intent in ("my_work", "my_growth") and metric is not None:
            title = metric.title_en if lang == "en" else metric.title_zh
            said = self._prompts.say("follow_why_metric", lang, title=title) if name == "why" else ""
            return Meant(said or self._prompts.say(f"topic_{_TOPICS[metric.slug]}", lang), before.lang)
        if last.intent.startswith("my_"):
            return Meant(self._prompts.say("follow_plan", lang) if name == "how" else before.question, before.lang)
        question = before.question.rstrip("?？。")
        said = self._prompts.say("follow_why", lang, question=question) if name == "why" else ""
        return Meant(said or self._prompts.say("follow_how", lang, question=question), before.lang)

    def _swapped(self, subject: str, question: str) -> str:
        """The question with another subject: a year for a year, a metric for a metric, else what stands before what is
        asked about it."""
        if _YEAR.search(subject) and _YEAR.search(question):
            return _YEAR.sub(_YEAR.findall(subject)[0], question, count=1)
        if self._metrics.search(fold(subject)) and (named := self._metrics.search(fold(question))):
            rest = fold(question)
            end = named.end() + (1 if rest[named.end() : named.end() + 1] == "率" else 0)
            return f"{rest[: named.start()]}{subject}{rest[end:]}"
        begun = self._predicate.search(question)
        if begun is None or self._question.search(subject):
            return f"{subject} {question}"
        year = _YEAR.search(question)
        kept = f"{year[0]}年" if year and year.start() < begun.start() and not _YEAR.search(subject) else ""
        return f"{kept}{subject}{question[begun.start() :]}"


def questions_in(message: str, parts: Sequence[str], question: re.Pattern[str], most: int) -> list[str]:
    """The questions of a message when it holds several, each a sentence that asks by itself; else the message alone."""
    asking = [_LINK.sub("", part) for part in parts if question.search(fold(part))]
    return asking[:most] if len(asking) > 1 else [message]


def _metric_of(items: Sequence[str]) -> Metric | None:
    """The first rate that guidance is about with which one of the listed items begins."""
    for item in items:
        for slug in _TOPICS:
            if item.startswith((CATALOGUE[slug].title_zh, CATALOGUE[slug].title_en)):
                return CATALOGUE[slug]
    return None


def number_of(word: str) -> int:
    """The number of a Chinese or Arabic numeral up to ten; 1 for anything else."""
    return int(word) if word.isdigit() else _NUMBERS.get(word, 1)


