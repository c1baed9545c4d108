"""The bot's own texts: gettext catalogues, compiled in memory from the .po files that stand beside this file."""

import gettext
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from assistant.agent.reading import in_traditional

Language = Literal["zh", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "zh-Hant", "en")
LOCALE = Path(__file__).parent / "locale"
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


class Texts:
    """The texts of one language, looked up by name and filled strictly: a missing name or value is an error."""

    def __init__(
        self, language: Language, catalogue: gettext.GNUTranslations, wording: Callable[[str], str] = str
    ) -> None:
        self.language = language
        self._catalogue = catalogue
        self._wording = wording

    def __call__(self, name: str, /, **values: object) -> str:
        """The text called `name` with its {placeholders} filled."""
        text = self._catalogue.gettext(name)
        if text == name:
            raise KeyError(f"There is no text {name!r} in the {self.language} catalogue.")
        return self._wording(text).format(**values)


def load_texts() -> dict[Language, Texts]:
    """The texts of every language, read from disk once at the start of a bot. Traditional Chinese is made from zh."""
    zh, en = _compiled("zh"), _compiled("en")
    return {"zh": Texts("zh", zh), "zh-Hant": Texts("zh-Hant", zh, in_traditional), "en": Texts("en", en)}


def language_of(code: str | None) -> Language:
    """The language for somebody whose client reports `code`, such as zh-hans or pt-br; Chinese when it reports none."""
    if code is None or not code.strip():
        return "zh"
    folded = code.lower().replace("_", "-")
    if folded.startswith(_TRADITIONAL):
        return "zh-Hant"
    return "zh" if folded.startswith("zh") else "en"


def _compiled(language: str) -> gettext.GNUTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "telegram.po").open("rb") as source:
        catalogue = read_po(source, locale=language, domain="telegram", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
