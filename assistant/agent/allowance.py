"""What one turn of a configured model may take, and what stands for names in it."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from langchain_core.messages import BaseMessage

from assistant.agent.usage import Usage


@dataclass(frozen=True)
class Veil:
    """Names and what stands for them; empty when names may leave."""

    names: dict[str, str] = field(default_factory=dict)

    def drawn(self, text: str) -> str:
        """The text with placeholders."""
        return _replaced(text, self.names)

    def lifted(self, text: str) -> str:
        """The text with the names again."""
        return _replaced(text, {placeholder: name for name, placeholder in self.names.items()})

    def over(self, message: BaseMessage) -> BaseMessage:
        """The message with placeholders."""
        if not self.names or not isinstance(message.content, str):
            return message
        copied: BaseMessage = message.model_copy(update={"content": self.drawn(message.content)})
        return copied


@dataclass
class Allowance:
    """The time and tokens of one turn, and what stands for names in it. Times are of `time.monotonic`.

    `first_by` is when its first sentence must be there, `until` when the whole answer must.
    """

    first_by: float
    until: float
    usage: Usage
    veil: Veil = field(default_factory=Veil)
    allows_figures: bool = True


def _replaced(text: str, pairs: dict[str, str]) -> str:
    """The text with every key replaced in one go, the longest first: a title may hold another."""
    if not pairs:
        return text
    return _pattern(tuple(sorted(pairs, key=lambda key: (-len(key), key)))).sub(lambda found: pairs[found[0]], text)


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))
