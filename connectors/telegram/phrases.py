"""Plain speech that means a command which the bot itself carries out. Everything else is the assistant's to read."""

import re
from collections.abc import Mapping

from connectors.telegram.texts import Language, Texts

# The name of the text that holds the pattern, the command, and its argument where the pattern has no group for it.
_MEANT = (
    ("said.help", "help", ""),
    ("said.link", "start", ""),
    ("said.unlink", "unlink", ""),
    ("said.diagnose", "diagnose", ""),
    ("said.notify", "notify", ""),
    ("said.privacy", "privacy", ""),
    ("said.language", "language", ""),
    ("said.language_zh", "language", "zh"),
    ("said.language_hant", "language", "zh-Hant"),
    ("said.language_en", "language", "en"),
)
_AROUND = " \t\n。，！？!?.,、；;：:~～…"
LONGEST = 40  # characters; what is longer is a question


class Phrases:
    """Reads phrases by the patterns of both catalogues, whatever language the chat is in. The whole text must match."""

    def __init__(self, texts: Mapping[Language, Texts]) -> None:
        self._patterns = [
            (re.compile(spoken(name), re.IGNORECASE), command, argument)
            for spoken in texts.values()
            for name, command, argument in _MEANT
        ]

    def command_in(self, said: str) -> tuple[str, str] | None:
        """The command and argument that a text means; None when it is none of these phrases."""
        text = said.strip(_AROUND)
        if not text or len(text) > LONGEST:
            return None
        for pattern, command, argument in self._patterns:
            if found := pattern.fullmatch(text):
                return command, argument or "".join(group for group in found.groups() if group)
        return None
