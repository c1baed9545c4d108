"""Synonyms: groups of words that mean the same to a search."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, SentNumber
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/synonyms"


def synonym_pages(desk: Desk) -> APIRouter:
    """/console/synonyms."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    library = desk.services.library

    @router.get("/synonyms")
    def everything(request: Request, person: viewer) -> Response:
        """Every group."""
        return desk.page(request, "synonyms.html", groups=library.synonyms.groups())

    @router.post("/synonyms")
    def add(request: Request, person: editor, words: Annotated[str, Form(max_length=1000)]) -> Response:
        """Keep a group; searches know it at once."""
        library.add_synonyms(words.replace("，", ",").replace("、", ",").split(","), person.name)
        return desk.go(request, PATH, "synonyms.added")

    @router.post("/synonyms/remove")
    def remove(request: Request, person: editor, group: SentNumber) -> Response:
        """Forget a group; searches forget it at once."""
        library.remove_synonyms(group, person.name)
        return desk.go(request, PATH, "synonyms.removed")

    return router
