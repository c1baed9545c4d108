"""`feeds …`: the keys by which platforms push metric files to POST /api/v1/metrics."""

from typing import Annotated

import typer

from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

commands = typer.Typer(help="Keys of platforms that push metric files.", no_args_is_help=True)
ACTOR = "operator"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The feed's name.")]


@commands.command("add")
def add(
    name: Name,
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="The only creator whose numbers it may bring.")
    ] = None,
) -> None:
    """Make a feed key and print it. It is shown this once."""
    from connectors.feeds.keys import FeedKeys

    session.console().say(FeedKeys(session.services().engine).issue(name, creator, ACTOR))


@commands.command("list")
def list_feeds(as_json: Json = False) -> None:
    """List the feeds and when they were last used."""
    from connectors.feeds.keys import FeedKeys

    console = session.console()
    feeds = FeedKeys(session.services().engine).all()
    if as_json:
        console.data([feed.__dict__ for feed in feeds])
        return
    for line in aligned(
        (
            feed.name,
            feed.creator_id or "any creator",
            f"used {feed.last_used_at:%Y-%m-%d %H:%M}" if feed.last_used_at else "never used",
            "revoked" if feed.revoked_at else "",
        )
        for feed in feeds
    ):
        console.say(line.rstrip())


@commands.command("revoke")
def revoke(name: Name) -> None:
    """Revoke a feed's key, at once and for good."""
    from connectors.feeds.keys import FeedKeys

    FeedKeys(session.services().engine).revoke(name, ACTOR)
    session.console().say(f"The key of feed {name} opens nothing any more.")
