"""YAML as authors write it in front matter and notes: plain values only, whatever a file tries."""

import json
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.events import AliasEvent


class UnreadableNotes(Exception):
    """The text is no plain YAML. `line` counts from 0; 0 when the place is not known."""

    def __init__(self, line: int = 0) -> None:
        super().__init__(line)
        self.line = line


class _PlainLoader(yaml.SafeLoader):
    """Without aliases: a few lines of them can stand for gigabytes, or for a list that holds itself."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(AliasEvent):
            raise ComposerError(None, None, "aliases are not read", self.peek_event().start_mark)
        return super().compose_node(parent, index)


def read_notes(text: str) -> Any:
    """The value that YAML text stands for. Raises UnreadableNotes."""
    try:
        return yaml.load(text, _PlainLoader)
    except yaml.YAMLError as error:
        raise UnreadableNotes(getattr(getattr(error, "problem_mark", None), "line", 0)) from error
    except (ValueError, RecursionError) as error:  # a day such as 2024-02-31; a thousand brackets
        raise UnreadableNotes from error


def plain(value: Any) -> Any:
    """The value as JSON keeps it: days become text. Raises ValueError for a number that is none."""
    return json.loads(json.dumps(value, default=str, allow_nan=False))
