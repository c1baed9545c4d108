"""`knowledge …`: texts in, releases out, and the way back."""

import getpass
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import BadInput, Problem
from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge.catalog import Added
    from knowledge.documents import NewRevision
    from knowledge.releases import Release

commands = typer.Typer(help="Texts, releases and search.", no_args_is_help=True, rich_markup_mode=None)


@commands.command()
def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders with files, or addresses of public web pages.")
    ],
    as_json: Json = False,
) -> None:
    """Read files, or pages of the web, and keep their texts as drafts.

    They are served after the next publish. What cannot be read is named and left out; the others are kept, and the
    exit code is 1.
    """
    library = session.services().library
    failed = 0
    for source in sources:
        for name, read in _readings(source):
            added, complaint = [], None
            try:
                added = library.add(read(), author())
            except Problem as problem:
                failed, complaint = failed + 1, str(problem)
            except OSError as error:
                failed, complaint = failed + 1, f"{error.strerror or error}."
            _tell_added(name, added, complaint, as_json)
    if failed:
        raise typer.Exit(1)


@commands.command()
def publish(
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What this release is about.")] = "",
    waive: Annotated[
        str,
        typer.Option("--waive", metavar="REASON", help="Publish although the gate finds faults; the reason is kept."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Serve a new release: what is served now, and all drafts.

    The release is checked in the shadow; the old one serves until the switch.
    """
    console = session.console()
    releasing = session.services().releasing
    checked = session.wait_for(releasing.check_and_publish(note, author(), waive, console.progress))
    report = checked.report
    if as_json:
        console.data(
            {
                "release": checked.release,
                "revisions": checked.revisions,
                "passages": checked.passages,
                "embedded": report.embedded,
                "findings": [finding.as_dict() for finding in report.findings],
                "waived": not checked.is_green,
            }
        )
        return
    console.say(
        f"Release {checked.release} is served: {checked.revisions} texts, {checked.passages} passages, "
        f"{report.embedded} embedded anew."
    )
    for finding in report.findings:
        console.say(f"{'Waived' if finding.blocking else 'Remark'}: {finding.message}")


@commands.command()
def releases(as_json: Json = False) -> None:
    """List all releases, newest first."""
    console = session.console()
    found = session.services().library.releases.all()
    if as_json:
        console.data([_release(release) for release in found])
        return
    rows = [
        (
            release.number,
            release.state,
            f"{release.created_at:%Y-%m-%d %H:%M}",
            f"{release.revisions} texts",
            release.note,
        )
        for release in found
    ]
    for line in aligned(rows) or ["Nothing has been published yet."]:
        console.say(line)


@commands.command()
def rollback(
    number: Annotated[int, typer.Argument(metavar="N", help="The number of a release that was served.")],
) -> None:
    """Serve an earlier release again."""
    session.wait_for(session.services().releasing.rollback(number, author()))
    session.console().say(f"Release {number} is served again.")


@commands.command()
def export(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder; it is made when missing.")]) -> None:
    """Write the served release as Markdown files.

    `knowledge add` reads them back.
    """
    console = session.console()
    target = console.path(folder)
    if target.exists() and not target.is_dir():
        raise BadInput(f"{target} is not a folder.")
    count = session.services().library.export(target)
    console.say(f"{count} texts written to {target}.")


@commands.command()
def verify(as_json: Json = False) -> None:
    """Check that the release finds its own passages.

    The exit code is 1 when it does not.
    """
    console = session.console()
    complaints = session.services().library.verify()
    if as_json:
        console.data({"sound": not complaints, "complaints": complaints})
    else:
        for line in complaints or ["The served release is sound."]:
            console.say(line)
    if complaints:
        raise typer.Exit(1)


@commands.command()
def rebuild() -> None:
    """Make the index anew from the database."""
    console = session.console()
    count = session.services().library.rebuild(console.progress)
    console.say(f"The index holds {count} passages.")


def author() -> str:
    """Whose name stands beside what a command writes."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user here, as in a container with a bare number
        return "operator"


def _readings(source: str) -> "list[tuple[str, Callable[[], list[NewRevision]]]]":
    """What there is to read at a path or address, each with its name."""
    from knowledge.reading.files import SUFFIXES, read_path, read_url

    if source.startswith(("http://", "https://")):
        return [(source, partial(read_url, source))]
    path = session.console().path(Path(source))
    below = sorted(path.rglob("*")) if path.is_dir() else []
    files = [file for file in below if file.is_file() and file.suffix.lower() in SUFFIXES]
    return [(str(file), partial(read_path, file)) for file in files or [path]]


def _tell_added(name: str, added: "list[Added]", complaint: str | None, as_json: bool) -> None:
    console = session.console()
    if as_json:
        console.data({"file": name, "added": [asdict(one) for one in added], "error": complaint})
    elif complaint is None:
        fresh = [one for one in added if not one.unchanged]
        passages = sum(one.passages for one in fresh)
        console.say(f"{name}: {len(fresh)} added ({passages} passages), {len(added) - len(fresh)} unchanged")
    if complaint is not None:
        console.note(complaint if Path(name).name in complaint else f"{name}: {complaint}")


def _release(release: "Release") -> dict[str, Any]:
    served_at = release.served_at.isoformat() if release.served_at else None
    kept = asdict(release)
    del kept["report"]  # long; the console shows it
    return {**kept, "created_at": release.created_at.isoformat(), "served_at": served_at}
