"""The pages about commands and settings say what the program says.

`python -m tests.connectors.cli.test_docs` writes the parts of both pages that are made from the program.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import SecretStr

from assistant.settings import PREFIX, Settings
from connectors.cli.main import command_line

DOCS = Path(__file__).parents[3] / "docs"
MADE = "<!-- made from the program; see tests/connectors/cli/test_docs.py -->\n"


def settings_table() -> str:
    """Every setting with its variable, default and description."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = str(alias.choices[0]) if alias else PREFIX + name.upper()  # type: ignore[union-attr]
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{default}`" if str(default or "") or default == 0 else ""
        rows.append(f"| `{variable}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"


def command_sections() -> str:
    """Every command with its usage, its help and its parameters."""
    return "\n".join(_sections(command_line(), "heliotrope"))


def _sections(command: Any, path: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for name, below in command.commands.items():
            yield from _sections(below, f"{path} {name}")
        return
    context = command.make_context(path, [], resilient_parsing=True)
    arguments = [piece.strip("{}") for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    usage = " ".join([path, *(piece.replace("}", "") for piece in arguments)])
    yield f"## `{usage}`\n\n{inspect.cleandoc(command.help)}\n"
    options = [_option(parameter, context) for parameter in command.params if parameter.name != "help"]
    if options:
        yield "\n".join(options) + "\n"


def _option(parameter: Any, context: typer.Context) -> str:
    names, text = parameter.get_help_record(context)
    name, meaning = re.sub(r" <[^>]+>$", "", names), re.sub(r"  \[.*\]$", "", text)
    needed = " (needed)" if parameter.required and name.startswith("-") else ""
    return f"- `{name}`{needed}: {meaning}{_default(parameter)}"


def _default(parameter: Any) -> str:
    is_shown = parameter.default not in (None, "", False)
    return f" Default: {parameter.default}." if is_shown else ""


PAGES = {"settings.md": settings_table, "commands.md": command_sections}


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_the_program_says(name: str):
    _, made = (DOCS / name).read_text("utf-8").split(MADE)
    assert made == PAGES[name]()


def write() -> None:
    """Renew the made part of both pages; what stands before it is kept."""
    for name, render in PAGES.items():
        page = DOCS / name
        kept = page.read_text("utf-8").split(MADE)[0]
        page.write_text(kept + MADE + render(), "utf-8")


if __name__ == "__main__":
    write()
