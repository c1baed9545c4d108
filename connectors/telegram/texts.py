"""The bot's own texts: gettext catalogues, compiled in memory from the .po files that stand beside this file."""

import gettext
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
LOCALE = Path(__file__).parent / "locale"


class Texts:
    """The texts of one language, looked up by name and filled strictly: a missing name or value is an error."""

    def __init__(self, language: Language, catalogue: gettext.GNUTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, name: str, /, **values: object) -> str:
        """The text called `name` with its {placeholders} filled."""
        text = self._catalogue.gettext(name)
        if text == name:
            raise KeyError(f"There is no text {name!r} in the {self.language} catalogue.")
        return text.format(**values)


def load_texts() -> dict[Language, Texts]:
    """Both catalogues, read from disk once at the start of a bot."""
    return {language: Texts(language, _compiled(language)) for language in LANGUAGES}


def _compiled(language: Language) -> gettext.GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "telegram.po").open("rb") as source:
        catalogue = read_po(source, locale=language, domain="telegram", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Choices:
    """Which language the bot's own texts have in a chat: the one chosen with /language, else the client's.

    Answers follow the language of the question, which is the assistant's affair. A choice holds until the bot stops.
    """

    def __init__(self, texts: Mapping[Language, Texts]) -> None:
        self._texts = texts
        self._chosen: dict[int, Language] = {}

    def choose(self, chat: int, language: Language) -> None:
        """From now on `language` in this chat."""
        self._chosen[chat] = language

    def texts(self, chat: int, client: str | None) -> Texts:
        """The texts for a chat; `client` is the code that the person's client reports, such as zh-hans, or None."""
        usual: Language = "zh" if client is None or client.lower().startswith("zh") else "en"
        return self._texts[self._chosen.get(chat, usual)]

    def of_answer(self, lang: str) -> Texts:
        """The texts that go around an answer in `lang` (zh, zh-Hant or en)."""
        return self._texts["zh" if lang.startswith("zh") else "en"]
