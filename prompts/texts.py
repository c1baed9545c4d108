"""Loading and rendering of what the guide says. A missing variable, name or language is an error, never an empty
text."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

FOLDER = Path(__file__).parent
_environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Intent:
    """What a message may want. `examples` are messages that want it; `cues` are words that speak for it; a message
    that matches one of the regular expressions `signs` wants it whatever else it is like."""

    name: str
    examples: tuple[str, ...]
    cues: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    needs_creator: bool = False
    refuses: bool = False


@dataclass(frozen=True)
class Prompts:
    """All texts of one product: answers by language, the system prompt, intents, calibration."""

    answers: dict[str, dict[str, Template]]
    system: Template
    intents: tuple[Intent, ...]
    question_words: dict[str, Any]
    calibration: dict[str, float] = field(default_factory=dict)

    def say(self, name: str, lang: str, /, **values: Any) -> str:
        """The text `name` in `zh` or `en`, rendered with `values`."""
        return self.answers["en" if lang == "en" else "zh"][name].render(values).strip()


@cache
def load_prompts(folder: Path = FOLDER) -> Prompts:
    """Read every prompt file once."""
    answers = {
        lang: {name: _environment.from_string(text) for name, text in _yaml(folder / f"answers.{lang}.yaml").items()}
        for lang in ("zh", "en")
    }
    intents = tuple(
        Intent(
            name,
            tuple(entry["examples"]),
            tuple(entry.get("cues", ())),
            tuple(entry.get("signs", ())),
            bool(entry.get("needs_creator")),
            bool(entry.get("refuses")),
        )
        for name, entry in _yaml(folder / "intents.yaml").items()
    )
    system = _environment.from_string((folder / "system.md").read_text("utf-8"))
    return Prompts(answers, system, intents, _yaml(folder / "question_words.yaml"), _yaml(folder / "calibration.yaml"))


def _yaml(path: Path) -> dict[str, Any]:
    data = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} must be a mapping")
    return data
