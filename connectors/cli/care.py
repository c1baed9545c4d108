"""`init`: a home made."""

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


def _holdings(services: "Services") -> str:
    release = services.library.release
    knowledge = "no release yet"
    if release:
        knowledge = f"release {release} with {len(services.library.shelf.passages)} passages"
    return f"{knowledge}, {len(services.accounts.all())} creators"
