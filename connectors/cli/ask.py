"""`ask`: one question through the one door that every connector uses."""

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.identity import Caller
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import AsOf, CreatorOption, Json

if TYPE_CHECKING:
    from assistant.agent.answers import Citation, Reply

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="The question; - reads it from standard input.")]


def ask(question: Question, creator: CreatorOption = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Ask a question and print the answer with its sources.

    A refusal is an answer, too: the exit code is 0.
    """
    console = session.console()
    text = console.stdin() if question == "-" else question
    services = session.services()
    if creator is not None:
        known_creator(services, creator)
    reply = session.wait_for(services.assistant.answer(Caller("cli", creator), None, text, as_of))
    if as_json:
        console.data(reply.as_dict())
        return
    for line in shown(reply):
        console.say(line)


def shown(reply: "Reply") -> list[str]:
    """The answer as lines: the text, its sources, and what to ask next; figures stand in the text."""
    lines = [reply.text.strip()]
    for block in (
        [_citation_line(citation) for citation in reply.citations],
        [f"→ {suggestion}" for suggestion in reply.suggestions],
    ):
        if block:
            lines += ["", *block]
    return lines


def _citation_line(citation: "Citation") -> str:
    passage = citation.passage
    origin = passage.provenance
    parts = [passage.heading or passage.title, origin.source, origin.date, origin.url]
    if not citation.in_force:
        parts.append(f"{passage.effective_from or ''}..{passage.expires_on or ''}")
    return f"[{citation.n}] " + " · ".join(part for part in parts if part)
