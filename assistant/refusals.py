"""Refusals in the reader's language. The code says them in English (see `knowledge.errors`); the catalogue in `locale`
has the Chinese, and a test that nothing is missing in it."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from assistant.errors import Said, Spoken

LOCALE = Path(__file__).parent / "locale"


def refusal(told: Spoken | Said, lang: str) -> str:
    """What a problem says, in Chinese for any language but English; what is `Said` within it too."""
    said = told.said if isinstance(told, Spoken) else told
    return str(said) if lang.startswith("en") else _in_chinese(said)


def _in_chinese(said: Said) -> str:
    sentence = sentences().get(said.sentence, said.sentence)
    values = {name: _in_chinese(one) if isinstance(one, Said) else one for name, one in said.values.items()}
    return sentence.format(**values) if values else sentence


@cache
def sentences() -> dict[str, str]:
    """The Chinese of every sentence."""
    with (LOCALE / "zh" / "LC_MESSAGES" / "refusals.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale="zh") if one.id and one.string}
