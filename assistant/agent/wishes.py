"""Messages with a metric that the creator defines: to try it, or to keep it.

They are read by their form, not by likeness: a formula is no sentence, and what is kept must have been asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.creators.language.words import function_word
from prompts.texts import Prompts

_NAMED = re.compile(r"(?P<name>[^=＝()（）\"“”]*?)\s*[=＝](?![=＝])\s*(?P<rest>.*)", re.DOTALL)
_CALLED = re.compile(r"([^\W\d]\w*)\s*[(（]")
_WORD = re.compile(r"[^\W\d]\w*")
LONGEST_NAME = 60  # characters before = that may be a metric's name


@dataclass(frozen=True)
class Wish:
    """What is to be done, and with which formula; empty where the message has none."""

    kind: Literal["try", "keep"]
    formula: str = ""


class Wishes:
    """Reads such messages by the patterns in `prompts/question_words.yaml`."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._try, self._keep, self._agree = (
            re.compile(prompts.question_words[f"metric_{name}"], re.IGNORECASE) for name in ("try", "keep", "agree")
        )

    def read(self, message: str) -> Wish | None:
        """The wish of a message; None for one that is about something else."""
        text = message.strip()
        for kind, pattern in (("keep", self._keep), ("try", self._try)):
            if found := pattern.match(text):
                return Wish(kind, _quoted(text[found.end() :].strip()))  # type: ignore[arg-type]
        if _is_formula(text):
            return Wish("try", _quoted(text))
        return None

    def is_agreement(self, message: str) -> bool:
        """Whether the message says yes and nothing else."""
        return self._agree.fullmatch(message.strip()) is not None

    def completed(self, message: str, earlier: Sequence[str]) -> str:
        """The message, or, where it only says yes, what it says yes to: the formula tried in the `earlier` questions.

        A yes that names keeping finds the last formula of the conversation; a bare one answers the last question.
        """
        text = message.strip()
        wish = self.read(text)
        is_named = wish is not None and wish.kind == "keep" and not wish.formula
        if not is_named and not self.is_agreement(text):
            return message
        for question in reversed(earlier if is_named else earlier[-1:]):
            tried = self.read(question)
            if tried is not None and tried.kind == "try" and tried.formula:
                return self._prompts.say("metric_keeping", "en" if text.isascii() else "zh", formula=tried.formula)
        return message


def without_formula(message: str) -> str:
    """The message up to the first function of a formula; the whole message where nothing stands before it."""
    first = next((call for call in _CALLED.finditer(message) if function_word(call[1]) is not None), None)
    return message[: first.start()].strip() or message if first else message


def _is_formula(text: str) -> bool:
    """Whether the message is `function(…)` or `name = …function(…)…` with a function of the language."""
    named = _NAMED.fullmatch(text)
    if named is None:
        call = _CALLED.match(text)
        return call is not None and text.endswith((")", "）")) and function_word(call[1]) is not None
    is_short = len(named["name"]) <= LONGEST_NAME
    return is_short and any(function_word(name) is not None for name in _CALLED.findall(named["rest"]))


def _quoted(formula: str) -> str:
    """The formula with its name in quotation marks where it has spaces or signs, as people write in a chat."""
    named = _NAMED.fullmatch(formula)
    if named is None or not named["name"].strip() or _WORD.fullmatch(named["name"].strip()):
        return formula
    return f'"{named["name"].strip()}" = {named["rest"]}'
