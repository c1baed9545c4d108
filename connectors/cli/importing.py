"""`metrics import`, `imports`, `undo`, `sweep`, `export`: files of numbers in, and out again."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import BadInput, Problem
from connectors.cli import session
from connectors.cli.arguments import CreatorNeeded, Files, Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from connectors.feeds import ImportReport

SKIPPED_SHOWN = 20
ACTOR = "operator"


class DateOrder(StrEnum):
    """How dates such as 05-08-2020 are meant."""

    day_first = "day-first"
    month_first = "month-first"


class RateUnit(StrEnum):
    """How rates without a percent sign are meant."""

    percent = "percent"
    fraction = "fraction"


def import_files(
    files: Files,
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="Whose numbers, where the file does not say.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="The layout; default: recognised by the header.")
    ] = None,
    dates: Annotated[
        DateOrder | None, typer.Option("--dates", metavar="ORDER", help="day-first or month-first, for 05-08-2020.")
    ] = None,
    rates: Annotated[
        RateUnit | None, typer.Option("--rates", metavar="UNIT", help="percent (22.1) or fraction (0.221).")
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column of an unknown header is; may be repeated."),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Read an unknown header as proposed, from now on.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would happen.")] = False,
    as_json: Json = False,
) -> None:
    """Read metric files. The same file twice changes nothing.

    A file that cannot be read is named and left out whole; the others are read, and the exit code is 1. Each file is
    one import, which `metrics undo` takes back.
    """
    console = session.console()
    services = session.services()
    from connectors.feeds import Request, import_file
    from connectors.feeds.deciding import Choices
    from connectors.feeds.remembered import ColumnMappings

    choices = Choices(dates.value if dates else None, rates.value if rates else None)
    request = Request(creator, preset, dry_run, choices, _pairs(maps or []), confirm, ACTOR)
    imported = 0
    for file in files:
        path = console.path(file)
        try:
            report = import_file(services.warehouse, path, request, ColumnMappings(services.engine))
        except Problem as problem:
            console.note(str(problem) if path.name in str(problem) else f"{path}: {problem}")
            continue
        except OSError as error:
            console.note(f"{path}: {error.strerror or error}.")
            continue
        imported += 1
        if as_json:
            console.data(report.as_dict())
        else:
            _tell(report, dry_run)
    if imported and creator is not None and services.accounts.find(creator) is None:
        console.note(
            f"{creator} has no account yet; `heliotrope creators add {creator}` makes one, for tokens and chats."
        )
    if imported < len(files):
        raise typer.Exit(1)


def list_imports(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List the imports, newest first."""
    console = session.console()
    found = session.services().warehouse.imports(limit)
    if as_json:
        console.data([{**one.__dict__} for one in found])
        return
    if not found:
        console.say("Nothing has been imported yet.")
    for line in aligned(
        (
            str(one.id),
            f"{one.imported_at:%Y-%m-%d %H:%M}",
            f"{one.new:,} new",
            f"{one.changed:,} changed",
            one.preset or "built in",
            one.file or "-",
            f"undone {one.undone_at:%Y-%m-%d %H:%M} by {one.undone_by}" if one.undone_at else "",
        )
        for one in found
    ):
        console.say(line.rstrip())


def undo(
    number: Annotated[int, typer.Argument(metavar="N", help="The import's number; `metrics imports` lists them.")],
) -> None:
    """Take an import back: what it brought goes, what it replaced is there again."""
    from datetime import UTC, datetime

    console = session.console()
    undone = session.services().warehouse.undo(number, datetime.now(UTC).replace(tzinfo=None), ACTOR)
    console.say(
        f"Import {undone.id} ({undone.file or 'built in'}) is undone: {undone.new:,} rows are gone, "
        f"{undone.changed:,} are as before."
    )


def sweep_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where files are put to be imported.")],
    as_json: Json = False,
) -> None:
    """Import the files in a folder and move them to its `done` or `failed`, with a report beside each.

    A file in a folder of its own belongs to the creator whose id that folder's name is.
    """
    console = session.console()
    services = session.services()
    from connectors.feeds.folder import sweep
    from connectors.feeds.remembered import ColumnMappings

    outcomes = sweep(console.path(folder), services.warehouse, ColumnMappings(services.engine))
    if as_json:
        console.data([outcome.__dict__ for outcome in outcomes])
    for outcome in () if as_json else outcomes:
        told = f"{outcome.report.get('new')} new, {outcome.report.get('changed')} changed"
        console.say(f"{outcome.file}: {told if outcome.imported else outcome.report.get('problem')}")
    if not all(outcome.imported for outcome in outcomes):
        raise typer.Exit(1)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write.")],
    creator: CreatorNeeded,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Of which source, where there are several.")
    ] = None,
) -> None:
    """Write a creator's numbers to a file that `metrics import` reads back."""
    console = session.console()
    services = session.services()
    from connectors.feeds.exporting import export_file

    rows = export_file(services.warehouse, creator, console.path(file), source)
    console.say(f"{file}: {rows} rows of {creator}.")


def rebuild() -> None:
    """Make what is derived from the numbers anew, and lay them in the order in which they are read.

    Nothing is lost by it. After many nightly files it makes figures faster.
    """
    session.services().warehouse.rebuild()
    session.console().say("The derived numbers are made anew.")


def _pairs(maps: list[str]) -> dict[str, str]:
    pairs = {}
    for written in maps:
        column, equals, field = written.rpartition("=")
        if not equals or not column.strip() or not field.strip():
            raise BadInput(f"--map {written!r} is not COLUMN=FIELD, such as 播放=plays.")
        pairs[column.strip()] = field.strip()
    return pairs


def _tell(report: "ImportReport", dry_run: bool) -> None:
    console = session.console()
    would = " (dry run: nothing was kept)" if dry_run else f", import {report.import_id}"
    console.say(
        f"{report.file}: {report.preset}, {report.read} rows read, {report.new} new, {report.changed} changed{would}"
    )
    console.say(f"  {report.works} works, {report.days} days")
    totals = ", ".join(f"{name} {_number(value)}" for name, value in report.totals.items())
    if totals:
        console.say(f"  totals: {totals}")
    for warning in report.warnings:
        console.say(f"  note: {warning}")
    for skipped in report.skipped[:SKIPPED_SHOWN]:
        console.say(f"  line {skipped.line} skipped: {skipped.reason}")
    if len(report.skipped) > SKIPPED_SHOWN:
        console.say(f"  … and {len(report.skipped) - SKIPPED_SHOWN} more lines skipped; --json names them all.")


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
