"""`rewards …`: the ledger, large awards that two people approve, and what goes to the payer."""

from typing import Annotated

import typer

from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned
from connectors.cli.knowledge import author
from connectors.cli.programs import programs

commands = typer.Typer(help="Rewards: the ledger, approvals and payouts.", no_args_is_help=True)

AwardName = Annotated[str, typer.Argument(metavar="AWARD", help="The award, as `rewards list` names it.")]
Number = Annotated[int, typer.Argument(metavar="PAYOUT", help="The payout's number.")]


@commands.command("list")
def list_awards(
    state: Annotated[
        list[str] | None, typer.Option("--state", metavar="STATE", help="held, payable, sent, paid or void.")
    ] = None,
    program: Annotated[str, typer.Option("--program", metavar="NAME", help="Of this program only.")] = "",
    creator: Annotated[str, typer.Option("--creator", metavar="ID", help="Of this creator only.")] = "",
    as_json: Json = False,
) -> None:
    """List awards, the newest first, 200 at most."""
    from assistant.errors import BadInput
    from assistant.programs.awards import STATES

    ledger, console = programs().ledger, session.console()
    unknown = sorted(set(state or ()) - set(STATES))
    if unknown:
        raise BadInput(f"There is no state {unknown[0]!r}; there are {', '.join(STATES)}.")
    found = ledger.awards([one for one in STATES if not state or one in state], program, creator)
    if as_json:
        console.data([one.as_dict() for one in found])
        return
    rows = [
        (told["award"], told["state"], told["creator"], told["program"], told["kind"], told["amount"], told["label"])
        for told in (one.as_dict() for one in found)
    ]
    for line in aligned(rows) or ["Nothing was awarded yet."]:
        console.say(line)


@commands.command()
def approve(award: AwardName) -> None:
    """Say yes to a held award; the second person's yes makes it payable."""
    found = programs().ledger.approve(award, author())
    session.console().say(f"Award {award} is {found.state}; {found.approvals} of 2 people have approved it.")


@commands.command()
def refuse(
    award: AwardName,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the creator reads it.")] = "",
) -> None:
    """Refuse a held award; its money goes back to the budget."""
    programs().ledger.refuse(award, author(), reason)
    session.console().say(f"Award {award} is refused.")


@commands.command()
def pay(as_json: Json = False) -> None:
    """Put everything payable into a payout for the payer.

    With HELIOTROPE_PAYER_WEBHOOK it is sent at once, signed, and tried again by the server until it arrives.
    """
    payouts, console = programs().payouts, session.console()
    made = payouts.make(author())
    payouts.deliver_due()
    made = payouts.find(made.id)
    if as_json:
        told = {"payout": made.id, "awards": made.awards, "cash": made.cash / 100}
        console.data(told | {"delivered_at": made.delivered_at and made.delivered_at.isoformat() + "Z"})
        return
    console.say(f"Payout {made.id}: {made.awards} awards, {made.cash / 100:,.2f} yuan in cash.")
    if made.fault:
        console.note(f"The payer's webhook did not take it: {made.fault}; the server tries again.")


@commands.command()
def sheet(number: Number) -> None:
    """Print a payout as CSV for a spreadsheet."""
    session.console().say(programs().payouts.sheet(number).rstrip())


@commands.command()
def confirm(number: Number) -> None:
    """Write down that the payer has paid a payout."""
    count = programs().payouts.confirm(number, author())
    session.console().say(f"{count} awards of payout {number} are paid.")


@commands.command()
def verify() -> None:
    """Hold the budgets against the ledger; fails when they differ."""
    from assistant.errors import Conflict

    differences = programs().ledger.differences()
    if differences:
        raise Conflict(" ".join(differences))
    session.console().say("Budgets and ledger agree.")
