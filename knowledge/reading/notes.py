"""YAML as authors write it in front matter and notes: plain values only, whatever a file tries."""

import json
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.events import AliasEvent

from knowledge.errors import Said, Spoken
from knowledge.folding import clean

LONGEST = 20_000  # characters: what takes a third of a second at worst


class UnreadableNotes(Spoken):
    """The text is no plain YAML. The message completes a sentence; `line` counts from 0, None when it is not known."""

    def __init__(self, reason: str | Said, /, line: int | None = None, **values: object) -> None:
        super().__init__(reason, **values)
        self.line = line


class _PlainLoader(yaml.SafeLoader):
    """Without aliases: a few lines of them can stand for gigabytes, or for a list that holds itself."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(AliasEvent):
            raise ComposerError(None, None, "", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def read_notes(text: str) -> Any:
    """The value that YAML text stands for, its texts cleaned. Raises UnreadableNotes."""
    if len(text) > LONGEST:
        raise UnreadableNotes("is longer than {most:,} characters", most=LONGEST)
    try:
        return cleaned(yaml.load(text, _PlainLoader))
    except yaml.YAMLError as error:
        is_alias = isinstance(error, ComposerError)
        reason = Said("uses YAML aliases (*name), which are not read,") if is_alias else Said("is not valid YAML")
        raise UnreadableNotes(reason, getattr(getattr(error, "problem_mark", None), "line", None)) from error
    except (ValueError, LookupError, AttributeError, RecursionError) as error:
        # A day such as 2024-02-31, a thousand brackets, and tags that do not fit their values (`!!int ""`).
        raise UnreadableNotes("is not valid YAML") from error


def plain(value: Any) -> Any:
    """The value as JSON keeps it: days become text, texts are cleaned.

    Raises ValueError, TypeError or RecursionError for what JSON does not hold.
    """
    return cleaned(json.loads(json.dumps(value, default=str, allow_nan=False)))


def cleaned(value: Any) -> Any:
    """The value with every text in it cleaned: an escape in YAML or JSON can stand for a surrogate or a control."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value
