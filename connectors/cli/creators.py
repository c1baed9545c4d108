"""`creators …`: accounts, and the ways to speak for one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from connectors.cli import session
from connectors.cli.arguments import CreatorArgument, Json
from connectors.cli.columns import aligned

commands = typer.Typer(help="Creators' accounts.", no_args_is_help=True)


@commands.command()
def add(
    creator: CreatorArgument,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="How the creator is called; default the id.")
    ] = "",
    platform: Annotated[
        str, typer.Option("--platform", metavar="NAME", help="Where the works are published.")
    ] = "kuaishou",
    category: Annotated[str, typer.Option("--category", metavar="NAME", help="What the works are about.")] = "",
    region: Annotated[str, typer.Option("--region", metavar="NAME", help="Where the creator is at home.")] = "",
) -> None:
    """Add a creator."""
    accounts = session.services().accounts
    from assistant.creators.accounts import Creator

    accounts.add(Creator(creator, name or creator, platform, category, region=region))
    session.console().say(f"Creator {creator} is added.")


@commands.command("list")
def list_creators(as_json: Json = False) -> None:
    """List all creators."""
    console = session.console()
    found = session.services().accounts.all()
    if as_json:
        console.data([asdict(creator) for creator in found])
        return
    rows = [
        (
            creator.id,
            creator.name,
            creator.platform,
            creator.category,
            "demonstration (synthetic)" if creator.synthetic else "",
        )
        for creator in found
    ]
    for line in aligned(rows) or ["There are no creators yet."]:
        console.say(line)


@commands.command("link-code")
def link_code(creator: CreatorArgument, as_json: Json = False) -> None:
    """Print a code that links a chat to a creator.

    It is sent to the bot as `/start CODE`, within ten minutes, and works once.
    """
    code = session.services().accounts.issue_link_code(creator)
    console = session.console()
    console.data({"creator": creator, "code": code}) if as_json else console.say(code)


@commands.command()
def token(creator: CreatorArgument, as_json: Json = False) -> None:
    """Print a Bearer token for the HTTP API.

    It speaks for the creator for fifteen minutes.
    """
    from assistant.identity import TOKEN_SECONDS

    services = session.services()
    bearer = services.tokens.issue(services.accounts.get(creator).id)
    console = session.console()
    console.data({"creator": creator, "token": bearer, "expires_in": TOKEN_SECONDS}) if as_json else console.say(bearer)


@commands.command()
def export(
    creator: CreatorArgument,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Where to write; default the terminal.")] = None,
) -> None:
    """Give out everything that is kept about a creator, as JSON.

    Conversations, numbers, links and what the programs keep; no hashes of codes and keys.
    """
    from assistant.identity import Caller

    services = session.services()
    kept = services.privacy.export(Caller("cli", services.accounts.get(creator).id))
    console = session.console()
    if file is None:
        console.data(kept)
        return
    path = console.path(file)
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")
    console.say(f"{sum(map(len, kept['kept'].values()))} rows about {creator} are in {path}.")


@commands.command()
def forget(
    creator: CreatorArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be deleted.")] = False,
    as_json: Json = False,
) -> None:
    """Delete everything that is kept about a creator, for good.

    The account, its links and numbers too. Nobody else's data is touched; the audit trail keeps that it was done.
    """
    from assistant.identity import Caller

    services, console = session.services(), session.console()
    caller = Caller("cli", services.accounts.get(creator).id)
    rows = services.privacy.forget(caller, "operator") if yes else services.privacy.summary(caller)
    if as_json:
        console.data({"creator": creator, "deleted": yes, "rows": rows})
        return
    for line in aligned((name, str(count)) for name, count in sorted(rows.items())):
        console.say(line)
    console.say(f"Everything about {creator} is deleted." if yes else "Nothing is deleted yet; add --yes to do it.")
