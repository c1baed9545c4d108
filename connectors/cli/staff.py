"""`staff …`: who may sign in to the console."""

from dataclasses import asdict
from typing import Annotated

import typer

from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned
from connectors.cli.knowledge import author

commands = typer.Typer(help="Who may sign in to the console, as what.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in with.")]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, editor, publisher or admin.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@commands.command()
def add(
    name: Name,
    role: Role,
    password_stdin: PasswordStdin = False,
    single_sign_on: Annotated[
        bool, typer.Option("--single-sign-on", help="Without a password: sign-in by the identity provider only.")
    ] = False,
) -> None:
    """Add somebody.

    Each role may also do what those before it may: viewer, editor, publisher, admin.

    The password is asked for twice at a terminal; elsewhere one is made and printed, this once.
    """
    password, is_made = (None, False) if single_sign_on else _password(password_stdin)
    session.services().staff.add(name, role, password, author())
    session.console().say(f"{name} is added as {role}.")
    if is_made:
        session.console().say(f"Password: {password}")


@commands.command("list")
def list_staff(as_json: Json = False) -> None:
    """List everybody who may sign in or might once."""
    console = session.console()
    found = session.services().staff.all()
    if as_json:
        console.data([asdict(member) for member in found])
        return
    rows = [
        (
            member.name,
            member.role,
            "active" if member.active else "disabled",
            f"signed in {member.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if member.last_sign_in_at else "never signed in",
        )
        for member in found
    ]
    for line in aligned(rows) or ["There is no staff yet; `heliotrope staff add NAME --role admin` adds the first."]:
        console.say(line)


@commands.command("role")
def change_role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, editor, publisher or admin.")],
) -> None:
    """Give another role; open sessions end."""
    member = session.services().staff.set_role(name, role, author())
    session.console().say(f"{member.name} is {member.role}.")


@commands.command()
def password(name: Name, password_stdin: PasswordStdin = False) -> None:
    """Set a new password; open sessions end.

    It is asked for twice at a terminal; elsewhere one is made and printed, this once.
    """
    chosen, is_made = _password(password_stdin)
    session.services().staff.set_password(name, chosen, author())
    session.console().say(f"The password of {name} is changed.")
    if is_made:
        session.console().say(f"Password: {chosen}")


@commands.command()
def disable(name: Name) -> None:
    """Let somebody in no more; open sessions end, the account and its history stay."""
    member = session.services().staff.disable(name, author())
    session.console().say(f"{member.name} is disabled.")


@commands.command()
def enable(name: Name) -> None:
    """Let somebody in again, with the password and role of before."""
    member = session.services().staff.enable(name, author())
    session.console().say(f"{member.name} is active.")


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The password to set, and whether it was made here; asked for before the command may go elsewhere."""
    from assistant.staff.passwords import generated

    console = session.console()
    if from_stdin:
        return console.stdin().rstrip("\r\n"), False
    typed = console.password()
    return (typed, False) if typed else (generated(), True)
