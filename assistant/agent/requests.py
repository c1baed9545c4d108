"""Messages that are about the conversation itself: what is kept about the person, and an answer that missed.

Like wishes for metrics they are read by their form, because deleting must have been asked for in so many words.
"""

import re
from typing import Literal

from prompts.texts import Prompts

Request = Literal["shows", "exports", "deletes", "confirms", "missed"]
REQUESTS: tuple[Request, ...] = ("confirms", "deletes", "exports", "shows", "missed")
LONGEST = 60  # characters; a longer message tells more than such a request


class Requests:
    """Reads them by the patterns `request_…` in `prompts/question_words.yaml`."""

    def __init__(self, prompts: Prompts) -> None:
        words = prompts.question_words
        self._patterns = {name: re.compile(words[f"request_{name}"], re.IGNORECASE) for name in REQUESTS}

    def read(self, message: str) -> Request | None:
        """What the whole message asks for; None for every other message."""
        text = message.strip(" \t\n。.!！~～，,")
        if len(text) > LONGEST:
            return None
        return next((name for name in REQUESTS if self._patterns[name].fullmatch(text)), None)
