"""Originality cases: reports of copied works and complaints, looked at, decided and handed on."""

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from assistant.bootstrap import CHART_FONTS
from assistant.creators.accounts import Creator
from assistant.errors import BadInput
from assistant.programs.campaigns.images import MOST_BYTES
from assistant.programs.cases.desk import LONGEST, ROLES, Report
from assistant.programs.cases.package import letter, package
from assistant.programs.cases.states import Act, acts_for
from assistant.staff.people import Person
from connectors.web.console.access import MEGABYTE, needs
from connectors.web.console.desk import Desk, Number, PageNumber
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/cases"
PAGE = 30
STATISTICS_DAYS = 90


def case_pages(desk: Desk) -> APIRouter:
    """/console/cases."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    line = Annotated[str, Form(max_length=500)]

    @router.get("/cases")
    def listed(request: Request, person: viewer, over: bool = False, page: PageNumber = 1) -> Response:
        """Cases under way, those due first, or those that are over."""
        cases, number = desk.services.cases, max(page, 1)
        return desk.page(
            request,
            "cases.html",
            cases=cases.queue(not over, number, PAGE),
            statistics=cases.statistics(STATISTICS_DAYS),
            days=STATISTICS_DAYS,
            over=over,
            number=number,
            size=PAGE,
            now=_now(),
        )

    @router.get("/cases/new")
    def new(request: Request, person: editor) -> Response:
        """A complaint against a creator, as it came in."""
        return desk.page(request, "case_new.html", complaint="", values={})

    @router.post("/cases/new")
    def serve(
        request: Request,
        person: editor,
        creator: line,
        own_title: line,
        other_url: line,
        statement: Annotated[str, Form(max_length=LONGEST * 2)],
        other_title: line = "",
        other_name: line = "",
        contact: line = "",
    ) -> Response:
        """Serve a complaint on a creator."""
        report = Report(
            own_title, other_url, statement, other_title=other_title, other_name=other_name, contact=contact
        )
        try:
            found = desk.services.accounts.get(creator.strip())
            case = desk.services.cases.file(found.id, report, "complaint", author=person.name)
        except BadInput as problem:
            values = {**vars(report), "creator": creator}
            complaint = desk.sentence(problem, person.language)
            return desk.page(request, "case_new.html", 422, complaint=complaint, values=values)
        return desk.go(request, f"{PATH}/{case.id}", "cases.served")

    @router.get("/cases/{case}")
    def one(case: Number, request: Request, person: viewer) -> Response:
        """A case with its history, its evidence and what may be done now."""
        cases = desk.services.cases
        found = cases.find(case)
        return desk.page(
            request,
            "case.html",
            case=found,
            entries=cases.entries(case),
            files=cases.files(case),
            creator=desk.services.accounts.find(found.creator_id),
            acts=acts_for(found.side, found.state, "staff", found.is_appealed),
            roles=ROLES,
            longest=LONGEST,
            now=_now(),
        )

    @router.post("/cases/{case}/step")
    def step(
        case: Number,
        request: Request,
        person: editor,
        act: Annotated[str, Form(pattern="^(want|uphold|reject|confirm|overturn|note)$")],
        text: Annotated[str, Form(max_length=LONGEST * 2)] = "",
    ) -> Response:
        """Decide, ask for more, or keep a note."""
        if act == "note":
            desk.services.cases.note(case, person.name, text)
        else:
            desk.services.cases.move(case, cast(Act, act), "staff", person.name, text)
        return desk.go(request, f"{PATH}/{case}", "cases.done")

    @router.post("/cases/{case}/files")
    def add_file(
        case: Number,
        request: Request,
        person: Annotated[Person, Depends(needs("editor", body_bytes=6 * MEGABYTE))],
        role: Annotated[str, Form()],
        file: Annotated[UploadFile, File()],
    ) -> Response:
        """Put a picture to the case."""
        data = file.file.read(MOST_BYTES + 1)
        desk.services.cases.add_file(case, role, file.filename or role, data, person.name)
        return desk.go(request, f"{PATH}/{case}", "cases.file_kept")

    @router.get("/cases/{case}/files/{file}")
    def shown(case: Number, file: Number, person: viewer) -> Response:
        """A file of the case."""
        data, paper = desk.services.cases.content(case, file)
        return Response(data, media_type=paper.media_type, headers={"Cache-Control": "private, max-age=3600"})

    @router.get("/cases/{case}/letter.pdf")
    def as_letter(case: Number, person: viewer) -> Response:
        """The letter."""
        found = desk.services.cases.find(case)
        made = letter(found, _creator(found.creator_id), desk.services.cases.files(case), CHART_FONTS)
        return _download(made, "application/pdf", f"case-{case}.pdf")

    @router.get("/cases/{case}/package.zip")
    def as_package(case: Number, person: viewer) -> Response:
        """The letter with all evidence."""
        cases = desk.services.cases
        found = cases.find(case)
        files = [(paper, cases.content(case, paper.id)[0]) for paper in cases.files(case)]
        entries = cases.entries(case, with_notes=False)
        made = package(found, _creator(found.creator_id), entries, files, CHART_FONTS)
        return _download(made, "application/zip", f"case-{case}.zip")

    def _creator(creator_id: str) -> Creator:
        return desk.services.accounts.get(creator_id)

    return router


def _download(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
