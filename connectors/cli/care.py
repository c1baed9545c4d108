"""`init`, `backup`, `restore`: a home made, kept in a file, and put back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import Conflict
from connectors.cli import session

if TYPE_CHECKING:
    from assistant.bootstrap import Services


def init(
    empty: Annotated[
        bool, typer.Option("--empty", help="Without the starter knowledge and the demonstration creators.")
    ] = False,
) -> None:
    """Make the home folder ready.

    Every other command does so, too, when it finds none: with the starter knowledge and the demonstration creators.
    """
    from assistant.home import Home

    settings, _ = session.own_home()
    home = Home(settings.home)
    was_bare, home.is_bare = home.is_bare, empty
    services = session.services()
    if empty and services.library.release is not None:
        home.is_bare = was_bare
        raise Conflict(
            f"{home.folder} holds knowledge already; set HELIOTROPE_HOME to another folder for an empty start."
        )
    session.console().say(f"{home.folder} is ready: {_holdings(services)}.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tar file to write; it must not be there yet.")],
) -> None:
    """Write everything that the home holds to one file, while it is served.

    Texts and their originals, numbers, conversations, programs and the secret key: keep the file as safe as the home.
    Databases on a server are backed up with their own tools.
    """
    from assistant.backups import back_up

    services = session.services()
    target = session.console().path(file)
    size = back_up(services.settings, services.engine, services.warehouse, target)
    session.console().say(f"{target} holds the home ({size / 2**20:.1f} MB); `heliotrope restore` puts it back.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `heliotrope backup` wrote.")],
) -> None:
    """Put a backup back into an empty home.

    The first start after it makes the index anew from the database.
    """
    from assistant import backups

    settings, _ = session.own_home()
    source = session.console().path(file)
    backups.restore(settings, source)
    session.console().say(f"{settings.home} is restored from {source}; `heliotrope serve` makes its index anew.")


def _holdings(services: "Services") -> str:
    release = services.library.release
    knowledge = "no release yet"
    if release:
        knowledge = f"release {release} with {len(services.library.shelf.passages)} passages"
    return f"{knowledge}, {len(services.accounts.all())} creators"
