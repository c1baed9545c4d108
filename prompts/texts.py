"""Loading and rendering of what the guide says. A missing variable, name or language is an error, never an empty
text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

FOLDER = Path(__file__).parent
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C, where PyYAML was built with it: ten times as fast
_environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Intent:
    """What a message may want. `examples` are messages that want it; `cues` are words that speak for it; a message
    that matches one of the regular expressions `signs` wants it whatever else it is like; `signs_unless_creating` count
    where nothing is said of creating. `unlike` are messages that are near the examples of what is declined and want
    something else. An `outright` intent is declined by the guide itself, no model is asked."""

    name: str
    examples: tuple[str, ...]
    cues: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    signs_unless_creating: tuple[str, ...] = ()
    needs_creator: bool = False
    refuses: bool = False
    outright: bool = False
    unlike: tuple[str, ...] = ()

    @property
    def other(self) -> str:
        """Whose the messages `unlike` are: in the place of an intent, what is near this one and is not it."""
        return f"not {self.name}"


class Templates(Mapping[str, Template]):
    """Texts by their name, each compiled when it is said first: all of them take a third of a second of a start."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._compiled: dict[str, Template] = {}

    def __getitem__(self, name: str) -> Template:
        if name not in self._compiled:
            self._compiled[name] = _environment.from_string(self._texts[name])
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@dataclass(frozen=True)
class Prompts:
    """All texts of one product: answers by language, the system prompt, intents, calibration."""

    answers: dict[str, Templates]
    system: Template
    intents: tuple[Intent, ...]
    question_words: dict[str, Any]
    calibration: dict[str, float] = field(default_factory=dict)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """Every message that others are compared with, intent by intent: its name, or `other`, and the message."""
        return [
            *((intent.name, text) for intent in self.intents for text in intent.examples),
            *((intent.other, text) for intent in self.intents for text in intent.unlike),
        ]

    def say(self, name: str, lang: str, /, **values: Any) -> str:
        """The text `name` in `zh` or `en`, rendered with `values`."""
        return self.answers["en" if lang == "en" else "zh"][name].render(values).strip()


@cache
def load_prompts(folder: Path = FOLDER) -> Prompts:
    """Read every prompt file once."""
    answers = {lang: Templates(_yaml(folder / f"answers.{lang}.yaml")) for lang in ("zh", "en")}
    intents = tuple(
        Intent(
            name,
            tuple(entry["examples"]),
            tuple(entry.get("cues", ())),
            tuple(entry.get("signs", ())),
            tuple(entry.get("signs_unless_creating", ())),
            bool(entry.get("needs_creator")),
            bool(entry.get("refuses")),
            bool(entry.get("outright")),
            tuple(entry.get("unlike", ())),
        )
        for name, entry in _yaml(folder / "intents.yaml").items()
    )
    system = _environment.from_string((folder / "system.md").read_text("utf-8"))
    return Prompts(answers, system, intents, _yaml(folder / "question_words.yaml"), _yaml(folder / "calibration.yaml"))


def _yaml(path: Path) -> dict[str, Any]:
    data = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} must be a mapping")
    return data
