"""`knowledge gaps`: what is asked and the texts do not answer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from assistant.learning.gaps import Gap

MOST = 1000


def gaps(
    every: Annotated[bool, typer.Option("--all", help="Closed and dismissed ones, too.")] = False,
    as_json: Json = False,
) -> None:
    """List what is asked and not answered, the 1,000 asked most first.

    New questions are grouped before, and asked again if another release is served by now.
    """
    from assistant.learning.gaps import STATES

    learning = session.services().learning
    while learning.intake.refresh():
        pass
    session.wait_for(learning.recheck.run())
    found = learning.gaps.all(STATES if every else ("open", "drafted"), size=MOST)
    console = session.console()
    if as_json:
        console.data([_gap(gap) for gap in found])
        return
    rows = [(gap.id, gap.state, f"{gap.questions} asked", gap.question.replace("\n", " ")) for gap in found]
    for line in aligned(rows) if rows else ["Nothing was asked in vain."]:
        console.say(line)


def _gap(gap: "Gap") -> dict[str, Any]:
    """A gap as JSON; times are UTC."""
    return {
        "id": gap.id,
        "state": gap.state,
        "question": gap.question,
        "examples": [example.text for example in gap.examples],
        "questions": gap.questions,
        "counts": gap.counts,
        "document": gap.document,
        "closed_by": gap.closed_by,
        "created_at": gap.created_at.isoformat(),
        "last_asked_at": gap.last_asked_at.isoformat(),
    }
