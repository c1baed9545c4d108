"""Messages that cannot be a question as they are: nothing, only signs, a picture's place, a pasted table, a book."""

import re
from dataclasses import dataclass

from assistant.agent.reading import language_of_question
from knowledge.folding import fold
from prompts.texts import Prompts

LONGEST = 4000  # characters of a message that are read as one question
SALVAGED = 200  # characters of the one question that is taken out of a longer message
POINTED_AT = 30  # characters of it that are shown: enough to find it, too few to have the guide say what one likes
TABLE_LINES = 3
_CELLS = re.compile(r"\t|\||,|，|;| {2,}")
_SENTENCES = re.compile(r"[^。！？!?\n]+[。！？!?]?")
_MARK = re.compile(r"[?？]|吗$|呢$|[吗呢][。！!]?$")


@dataclass(frozen=True)
class Odd:
    """What is said to such a message; with a `question`, the one that could be taken out of it is answered as well."""

    text: str
    question: str = ""


class Oddities:
    """Tells such messages from questions."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        words = prompts.question_words
        self._attachment = re.compile(words["attachment"])
        self._kind = re.compile(words["emoji_kind"])

    def read(self, message: str) -> Odd | None:
        """None for a message that can be a question."""
        lang = "en" if message and language_of_question(message[:LONGEST]) == "en" else "zh"
        say = self._prompts.say
        if not message:
            return Odd(say("empty", "zh"))
        if len(message) > LONGEST:
            question = _last_question(message)
            if question:
                return Odd(say("too_long_but", lang, length=len(message), question=_begun(question)), question)
            return Odd(say("too_long", lang, length=len(message), limit=LONGEST))
        if self._attachment.fullmatch(fold(message)):
            return Odd(say("attachment", lang))
        if not any(character.isalnum() for character in message):
            return Odd(say("emoji", "zh") if self._kind.search(message) else say("unreadable", "zh"))
        if _is_table(message):
            question = _last_question(message)
            return Odd(say("table", lang), question)
        return None


def _is_table(message: str) -> bool:
    """Whether most lines are rows of several cells with numbers in them."""
    lines = [line for line in message.split("\n") if line.strip()]
    rows = [line for line in lines if len(_CELLS.split(line.strip())) >= 3]
    numbers = sum(any(character.isdigit() for character in line) for line in rows)
    return len(rows) >= TABLE_LINES and numbers >= TABLE_LINES - 1 and len(rows) >= 0.6 * len(lines)


def _begun(question: str) -> str:
    return question if len(question) <= POINTED_AT else f"{question[:POINTED_AT].rstrip()}…"


def _last_question(message: str) -> str:
    """The last sentence of a message that asks something, when it is short enough to be one."""
    asking = [
        sentence.strip()
        for line in message.split("\n")
        if len(_CELLS.split(line.strip())) < 3 or _MARK.search(line)
        for sentence in _SENTENCES.findall(line)
        if _MARK.search(sentence.strip())
    ]
    return asking[-1] if asking and len(asking[-1]) <= SALVAGED else ""
