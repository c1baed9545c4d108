"""The web connector's own texts, in Chinese and English, from its gettext catalogues."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.funnel import STEPS, FunnelStep

LANGUAGES = ("zh", "en")
LOCALE = Path(__file__).parent / "locale"


class Texts:
    """Every text by language and key. A key that is missing is an error, never an empty place on the page."""

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self._by_language = by_language

    def text(self, lang: str, key: str, **values: object) -> str:
        """The text with its `{places}` filled in."""
        return self._by_language[lang][key].format(**values)

    def has(self, lang: str, key: str) -> bool:
        """Whether there is a text under this key."""
        return key in self._by_language[lang]

    def all(self, lang: str) -> Mapping[str, str]:
        """Everything the page may show in one language: also each metric's title and definition, declared elsewhere."""
        metrics: tuple[Metric | FunnelStep, ...] = (*CATALOGUE.values(), *STEPS)
        titles = {f"metric.{metric.slug}": getattr(metric, f"title_{lang}") for metric in metrics}
        definitions = {f"definition.{metric.slug}": getattr(metric, f"definition_{lang}") for metric in metrics}
        return {**titles, **definitions, **self._by_language[lang]}


@cache
def open_texts(domain: str = "web", folder: Path = LOCALE) -> Texts:
    """Read the catalogues of one domain (`web`: chat page and API; `console`) and compile them in memory."""
    return Texts({lang: _compiled(folder / lang / "LC_MESSAGES" / f"{domain}.po", lang) for lang in LANGUAGES})


def language_asked_for(header: str) -> str:
    """The language of an Accept-Language header's first choice: zh for any Chinese, otherwise en."""
    return "zh" if header.strip().lower().startswith("zh") else "en"


def language_written(text: str) -> str:
    """The language of a question: zh as soon as it holds a Han character, otherwise en."""
    return "zh" if any("\u3400" <= character <= "\u9fff" for character in text) else "en"


def _compiled(path: Path, lang: str) -> dict[str, str]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    return {str(message.id): str(message.string) for message in catalogue if message.id}
