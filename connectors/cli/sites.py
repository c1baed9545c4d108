"""`sites …`: who may embed the widget, and the keys they sign identities with."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import BadInput
from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned
from connectors.cli.knowledge import author

commands = typer.Typer(help="Sites that embed the chat widget.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="SITE", help="The site's id.")]
Origins = Annotated[
    list[str], typer.Option("--origin", metavar="URL", help="A page's origin, as https://www.example.com; repeatable.")
]
Languages = Annotated[str, typer.Option("--languages", metavar="LIST", help="zh, en, or both with a comma.")]
Accent = Annotated[str, typer.Option("--accent", metavar="COLOUR", help="The leading colour, as #2f6fde.")]
Daily = Annotated[int, typer.Option("--daily", metavar="N", help="Questions a day on the site; 0 is no limit.")]
PerVisitor = Annotated[int, typer.Option("--per-visitor", metavar="N", help="Questions a day of one visitor.")]


@commands.command()
def add(
    site_id: Id,
    origin: Origins,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What staff call it.")] = "",
    languages: Languages = "zh,en",
    accent: Accent = "",
    daily: Daily = 5000,
    per_visitor: PerVisitor = 50,
) -> None:
    """Register a site and print the line that embeds the widget."""
    from assistant.sites.registry import Site, Theme, origin_of

    session.services().sites.add(
        Site(
            site_id,
            name or site_id,
            tuple(origin_of(one) for one in origin),
            tuple(languages.split(",")),
            Theme(accent),
            daily,
            per_visitor,
        ),
        author(),
    )
    console = session.console()
    console.say(f"The site {site_id} is registered. Put this line on its pages, with Heliotrope's address for HOST:")
    console.say(f'<script async src="https://HOST/widget.js" data-site="{site_id}"></script>')


@commands.command("list")
def list_sites(as_json: Json = False) -> None:
    """List the sites with their keys in force."""
    console, registry = session.console(), session.services().sites
    found = registry.all()
    keys = {site.id: [key for key in registry.keys(site.id) if key.revoked_at is None] for site in found}
    if as_json:
        console.data([{**asdict(site), "keys": [asdict(key) for key in keys[site.id]]} for site in found])
        return
    rows = [
        (
            site.id,
            "closed" if site.closed else "open",
            " ".join(site.origins),
            ", ".join(f"{key.id} ({key.kind})" for key in keys[site.id]) or "no keys",
        )
        for site in found
    ]
    for line in aligned(rows) or ["There are no sites yet; `heliotrope sites add SITE --origin URL` adds the first."]:
        console.say(line)


@commands.command()
def origins(site_id: Id, origin: Origins) -> None:
    """Replace the origins whose pages may embed the widget."""
    from assistant.sites.registry import origin_of

    registry = session.services().sites
    registry.change(replace(registry.get(site_id), origins=tuple(origin_of(one) for one in origin)), author())
    session.console().say(f"The site {site_id} may embed the widget on {', '.join(origin)}.")


@commands.command()
def key(
    site_id: Id,
    public: Annotated[
        Path | None, typer.Option("--public", metavar="FILE", help="A public key in PEM, of a pair the site made.")
    ] = None,
) -> None:
    """Make a key for signing identities, or take a public one.

    A made secret is printed, this once. Two keys may be in force, so that one takes the other's place.
    """
    console, registry = session.console(), session.services().sites
    if public is None:
        key_id, secret = registry.new_secret(site_id, author())
        console.say(f"Key id: {key_id}")
        console.say(f"Secret: {secret}")
        return
    try:
        pem = console.path(public).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{public} cannot be read as a key in PEM.") from error
    console.say(f"Key id: {registry.add_public_key(site_id, pem, author())}")


@commands.command("api-key")
def api_key(site_id: Id) -> None:
    """Make a key by which the site's server calls the API, and print it, this once."""
    session.console().say(session.services().sites.new_api_key(site_id, author()))


@commands.command("revoke-key")
def revoke_key(site_id: Id, key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id.")]) -> None:
    """Let a key sign nothing any more; sessions that came from it end."""
    session.services().sites.revoke_key(site_id, key_id, author())
    session.console().say(f"The key {key_id} holds no longer.")


@commands.command()
def close(site_id: Id) -> None:
    """Take the widget off a site at once; `sites reopen` brings it back."""
    session.services().sites.close(site_id, author())
    session.console().say(f"The site {site_id} is closed.")


@commands.command()
def reopen(site_id: Id) -> None:
    """Let the widget stand on a closed site again."""
    session.services().sites.reopen(site_id, author())
    session.console().say(f"The site {site_id} is open.")
