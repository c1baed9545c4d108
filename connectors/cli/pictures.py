"""Charts as files: `--picture FILE.png` and `FILE.svg`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import BadInput
from connectors.cli.console import Console

if TYPE_CHECKING:  # drawing takes a second to import, which other commands need not wait for
    from assistant.creators.charts.chart import Chart
    from assistant.creators.charts.painting import Painter
    from assistant.creators.figures import Language

KINDS = (".png", ".svg")


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"{text!r} must end in .png or .svg.")
    return path


def _language(text: str) -> str:
    if text not in ("zh", "en"):
        raise typer.BadParameter(f"{text!r} is not zh or en.")
    return text


PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", parser=_picture, help="Draw it to a .png or .svg file.")
]
LanguageOption = Annotated[
    str, typer.Option("--lang", metavar="LANG", parser=_language, help="The picture's language: zh or en.")
]


def draw(
    console: Console, painter: "Painter", picture: Path | None, lang: str, chart_in: "Callable[[Language], Chart]"
) -> None:
    """Write the chart to `picture`, if one was asked for, and say so. Raises BadInput when it cannot be written."""
    if picture is None:
        return
    chart = chart_in("zh" if lang == "zh" else "en")
    is_svg = picture.suffix.lower() == ".svg"
    drawn = painter.svg(chart).encode() if is_svg else painter.png(chart)
    try:
        console.path(picture).write_bytes(drawn)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise BadInput(f"The picture {picture} could not be written ({reason}); name another file.") from error
    console.note(f"Drawn to {picture}.")
