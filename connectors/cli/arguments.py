"""Arguments and options that several commands share."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a day such as 2026-11-30.") from error


Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AsOf = Annotated[
    date | None, typer.Option("--as-of", metavar="DATE", parser=_day, help="The day to answer for; default today.")
]
CreatorOption = Annotated[str | None, typer.Option("--creator", metavar="ID", help="Whose own numbers may be read.")]
CreatorNeeded = Annotated[str, typer.Option("--creator", metavar="ID", help="Whose numbers.")]
CreatorArgument = Annotated[str, typer.Argument(metavar="CREATOR", help="The creator's id.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="The files to read.")]
