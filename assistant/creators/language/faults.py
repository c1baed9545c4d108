"""What is wrong with a formula, and where."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import BadInput

# How much of a long formula is shown on either side of the fault.
_SHOWN = 40


class FormulaFault(BadInput):
    """A formula that cannot be used. `at` is the place of the character it is about, from 0; `told` gives the sentence
    in Chinese or English with the line and a caret under that character."""

    def __init__(self, kind: str, text: str, at: int, **values: object) -> None:
        self.kind, self.text, self.at, self.values = kind, text, min(at, len(text)), values
        super().__init__(self.told("en"))

    def sentence(self, lang: str) -> str:
        """What is wrong and what to do, in one sentence with the place."""
        language = "zh" if lang.startswith("zh") else "en"
        values = {key: value(language) if callable(value) else value for key, value in self.values.items()}
        return sentences()["faults"][self.kind][language].format(**values) + sentences()["places"][language].format(
            place=self.at + 1
        )

    def told(self, lang: str) -> str:
        """The sentence, and below it the formula with a caret; three lines."""
        start = max(self.at - _SHOWN, 0)
        line = "".join(c if c.isprintable() else " " for c in self.text[start : self.at + _SHOWN])
        caret = sum(_columns(character) for character in line[: self.at - start])
        return f"{self.sentence(lang)}\n  {line}\n  {' ' * caret}^"


@cache
def sentences() -> dict[str, Any]:
    """The catalogue of sentences, by section, key and language."""
    return yaml.safe_load(Path(__file__).with_name("sentences.yaml").read_text("utf-8"))


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
