"""Golden questions: what every release must answer rightly before it is served."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import PlainTextResponse

from assistant.agent.oddities import LONGEST
from assistant.agent.understanding import Setting
from assistant.errors import BadInput
from assistant.evaluation import Question, evaluate, read_questions
from assistant.releasing import Rehearsal
from assistant.staff.people import Person
from connectors.web.console.access import MEGABYTE, needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME
from connectors.web.console.testing import alternatives, day_of, lines_of
from knowledge.reading.markdown import language_of

PATH = f"{HOME}/golden"


def golden_pages(desk: Desk) -> APIRouter:
    """/console/golden."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    uploader = Annotated[Person, Depends(needs("editor", body_bytes=5 * MEGABYTE))]
    text = Annotated[str, Form(max_length=LONGEST)]
    golden = desk.services.golden

    @router.get("/golden")
    def everything(request: Request, person: viewer) -> Response:
        """Every golden question."""
        return desk.page(request, "golden.html", questions=golden.all(), outcomes={})

    @router.get("/golden/export.jsonl")
    def export(person: viewer) -> Response:
        """Every question as `heliotrope evaluate` reads them."""
        lines = [json.dumps(one.question.as_dict(), ensure_ascii=False) + "\n" for one in golden.all()]
        headers = {"Content-Disposition": 'attachment; filename="golden.jsonl"'}
        return PlainTextResponse("".join(lines), headers=headers, media_type="application/jsonl; charset=utf-8")

    @router.post("/golden/run")
    async def run(request: Request, person: viewer) -> Response:
        """Ask them all of the served release."""
        library = desk.services.library
        rehearsal = Rehearsal(desk.services.assistant, Setting(library.shelf, library.today()))
        kept = golden.all()
        outcomes = (await evaluate(rehearsal, [one.question for one in kept])).outcomes
        by_id = {one.question.id: one for one in outcomes}
        return desk.page(request, "golden.html", questions=kept, outcomes=by_id)

    @router.post("/golden")
    def put(
        request: Request,
        person: editor,
        question: text,
        id: Annotated[str, Form()] = "",  # noqa: A002 - the name of the field
        must_contain: text = "",
        must_not_contain: text = "",
        refused: Annotated[bool, Form()] = False,
        day: Annotated[str, Form()] = "",
    ) -> Response:
        """Add a question, or change the one with this id."""
        if not question.strip():
            raise BadInput("The question is empty; write what creators would ask.")
        asked = Question(
            id=id,
            question=question.strip(),
            lang=language_of(question),
            kind=golden.find(id).question.kind if id else "staff",
            answerable=not refused,
            must_contain=alternatives(must_contain),
            must_not_contain=tuple(lines_of(must_not_contain)),
            as_of=day_of(day),
        )
        golden.put([asked], person.name, "console")
        return desk.go(request, PATH, "golden.kept", question=asked.question)

    @router.post("/golden/upload")
    def upload(request: Request, person: uploader, file: UploadFile) -> Response:
        """Keep the questions of a JSONL file, replacing those with the same id."""
        name = file.filename or "golden.jsonl"
        try:
            questions = read_questions(file.file.read().decode("utf-8-sig"), name)
        except UnicodeDecodeError as error:
            raise BadInput("{name} is not text in UTF-8.", name=name) from error
        kept = golden.put(questions, person.name, name)
        return desk.go(request, PATH, "golden.uploaded", count=len(kept))

    @router.post("/golden/remove")
    def remove(request: Request, person: editor, id: Annotated[str, Form()], reason: text = "") -> Response:  # noqa: A002
        """Ask it no more."""
        golden.remove(id, person.name, reason)
        return desk.go(request, PATH, "golden.removed")

    return router
