"""`knowledge search`: what chat would find, through the very code that chat uses."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import BadInput
from connectors.cli import session
from connectors.cli.arguments import AsOf, Json
from knowledge.folding import clean

if TYPE_CHECKING:
    from knowledge.index.ranking import Hit
    from knowledge.library import Library

QUOTE = 120  # characters of a passage shown as text
EMPTY = "The question is empty; write what you want to know."
PARALLEL = 4  # searches at once; one waits for its vector while another ranks


def search(
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="What to search for.")] = None,
    queries: Annotated[
        Path | None,
        typer.Option("--queries", metavar="FILE", help='Lines of {"question": …}; one list a line is printed.'),
    ] = None,
    count: Annotated[int, typer.Option("-k", metavar="N", min=1, max=100, help="How many passages.")] = 10,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Find passages, best first.

    The code is the same as behind every answer.
    """
    if (query is None) == (queries is None):
        raise typer.BadParameter("give either QUERY or --queries FILE.")
    console = session.console()
    asked = [(1, query)] if query is not None else list(_questions(console.path(queries or "")))
    library = session.services().library
    with ThreadPoolExecutor(PARALLEL, "search") as pool:
        answers = pool.map(partial(_hits, library, count, as_of), (question for _, question in asked))
        for (line, _), hits in zip(asked, answers, strict=True):
            if hits is None and queries is None:
                raise BadInput(EMPTY)
            if hits is None:
                console.note(f"{queries}, line {line}: {EMPTY}")
            if as_json or queries is not None:
                console.data(hits or [])
                continue
            for hit in hits or []:
                console.say(_line(hit))
            if not hits:
                console.say("Nothing is found.")


def _hits(library: "Library", count: int, day: date | None, question: str) -> list[dict[str, Any]] | None:
    """What is found, best first; None for a question with nothing in it, which must not stop those around it."""
    if not clean(question).strip():
        return None
    return [_as_dict(rank, hit) for rank, hit in enumerate(library.search(question, count, day).hits, 1)]


def _as_dict(rank: int, hit: "Hit") -> dict[str, Any]:
    passage = hit.passage
    return {
        "rank": rank,
        "score": round(hit.score, 4),
        "slug": passage.slug,
        "revision": passage.revision,
        "passage": passage.text_hash,
        "heading": passage.heading,
        "text": passage.text,
        "matched": list(hit.matched),
    }


def _line(hit: dict[str, Any]) -> str:
    text = " ".join(hit["text"].split())
    quote = text if len(text) <= QUOTE else text[:QUOTE] + "…"
    return f"{hit['rank']:>2}. {hit['score']:.3f}  {hit['slug']} · {hit['heading']}\n    {quote}"


def _questions(file: Path) -> Iterator[tuple[int, str]]:
    """Line numbers and questions of a file of JSON lines. Raises BadInput that names the line."""
    try:
        lines = file.read_text("utf-8-sig").split("\n")  # not splitlines: JSON texts may hold its other separators
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f'{file}, line {number}: each line must be {{"question": "…"}}.') from error
        if not isinstance(question, str):
            raise BadInput(f"{file}, line {number}: the question must be text.")
        yield number, question
