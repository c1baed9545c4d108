"""Hit testing: what a question finds, why, and how it would be answered; from there it becomes a golden question."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.concurrency import run_in_threadpool

from assistant.agent.oddities import LONGEST
from assistant.agent.understanding import Setting
from assistant.creators.tiers import TIERS
from assistant.errors import BadInput
from assistant.evaluation import Question
from assistant.golden import telling_figures
from assistant.identity import Caller
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME
from knowledge.documents import Audience
from knowledge.folding import fold
from knowledge.reading.markdown import language_of

PATH = f"{HOME}/testing"


def testing_pages(desk: Desk) -> APIRouter:
    """/console/testing."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    library, assistant = desk.services.library, desk.services.assistant

    @router.get("/testing")
    async def test(
        request: Request,
        person: viewer,
        question: str = "",
        day: str = "",
        tier: str = "",
        category: str = "",
        release: str = "",
    ) -> Response:
        """The form, and what the question in it finds."""
        asked = question.strip()[:LONGEST]
        number = int(release) if release.isdigit() else library.release
        as_of = day_of(day)
        turn, reply = None, None
        if asked and number is not None:
            shelf = await run_in_threadpool(library.shelf_of, number)
            setting = Setting(shelf, library.today(), Audience(tier, category.strip()))
            reply, turn = await assistant.rehearse(Caller("test"), asked, as_of, setting)
        candidates = [one for one in library.releases.all() if one.state in ("ready", "blocked", "served")]
        return desk.page(
            request,
            "testing.html",
            question=asked,
            chosen_day=day,
            tier=tier,
            category=category,
            release=number,
            releases=candidates[:8],
            tiers=[one.zh for one in TIERS],
            turn=turn,
            reply=reply,
            marked=_marked,
            cited={one.passage.id: one.n for one in reply.citations} if reply else {},
            suggested="\n".join(telling_figures(reply.text)) if reply else "",
        )

    @router.post("/testing/golden")
    def keep(
        request: Request,
        person: editor,
        question: Annotated[str, Form(max_length=LONGEST)],
        must_contain: Annotated[str, Form()] = "",
        must_not_contain: Annotated[str, Form()] = "",
        refused: Annotated[bool, Form()] = False,
        day: Annotated[str, Form()] = "",
    ) -> Response:
        """Ask it before every publish from now on."""
        groups, forbidden = alternatives(must_contain), tuple(lines_of(must_not_contain))
        asked = Question(
            "", question.strip(), language_of(question), "staff", not refused, groups, forbidden, as_of=day_of(day)
        )
        desk.services.golden.put([asked], person.name, "hit test")
        return desk.go(request, f"{HOME}/golden", "golden.added", question=asked.question)

    return router


def alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """What an answer must say: one thing a line, its alternatives apart by `|`."""
    groups = (tuple(part.strip() for part in line.split("|") if part.strip()) for line in lines_of(text))
    return tuple(group for group in groups if group)


def lines_of(text: str) -> list[str]:
    """The lines of a field that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def day_of(text: str) -> date | None:
    """The day in a field, None for an empty one. Raises BadInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("“{text}” is not a day; write one such as 2026-11-30.", text=text) from error


def _marked(text: str, terms: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in pieces, those marked that hold a term. Terms are folded; a text whose folding has another length is
    left unmarked."""
    folded = fold(text)
    if len(folded) != len(text):
        return [(text, False)]
    hit = [False] * len(text)
    for term in terms:
        at = folded.find(term)
        while at >= 0:
            hit[at : at + len(term)] = [True] * len(term)
            at = folded.find(term, at + 1)
    pieces: list[tuple[str, bool]] = []
    for character, is_hit in zip(text, hit, strict=True):
        if pieces and pieces[-1][1] == is_hit:
            pieces[-1] = (pieces[-1][0] + character, is_hit)
        else:
            pieces.append((character, is_hit))
    return pieces
