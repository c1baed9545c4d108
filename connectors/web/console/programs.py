"""Programs: incentive tasks with who takes part, Star's criteria and the checklists; publishing, closing, appeals."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import NotFound
from assistant.programs.enrolment import State
from assistant.programs.rules import TaskRule
from assistant.programs.simulation import BARS
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, Number, PageNumber
from connectors.web.console.navigation import HOME
from connectors.web.console.showing import Showing

PATH = f"{HOME}/programs"
STATES: tuple[State, ...] = ("joined", "completed", "missed", "withdrawn", "disqualified")
PAGE = 30
LONGEST = 400  # characters of a reason


def program_pages(desk: Desk) -> APIRouter:
    """/console/programs."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    reason = Annotated[str, Form(max_length=LONGEST)]

    @router.get("/programs")
    def listed(request: Request, person: viewer) -> Response:
        """Every program, and the appeals that wait."""
        programs = desk.services.programs
        counts = programs.tasks.counts()
        return desk.page(
            request,
            "programs.html",
            tasks=programs.register.all("task"),
            lists=[*programs.register.all("star"), *programs.register.all("checklist")],
            counts=counts,
            purses=programs.register.all_purses(),
            appeals=programs.tasks.appeals(),
            show=Showing(desk.services, person.language),
            today=programs.today(),
        )

    @router.get("/programs/{slug}")
    def one(slug: str, request: Request, person: viewer, state: str = "", page: PageNumber = 1) -> Response:
        """A program: its rule in words, what it costs and brings, who takes part."""
        programs = desk.services.programs
        program = programs.register.find(slug)
        chosen = [known for known in STATES if known == state]
        number = max(page, 1)
        is_task = isinstance(program.shown.rule, TaskRule)
        return desk.page(
            request,
            "program.html",
            program=program,
            rule=program.shown.rule,
            show=Showing(desk.services, person.language),
            counts=programs.tasks.counts().get(slug, {}),
            purses=programs.register.purses(slug) if is_task else [],
            enrolments=programs.tasks.of_program(slug, chosen, PAGE, number) if is_task else [],
            states=STATES,
            state=state if chosen else "",
            number=number,
            size=PAGE,
            entries=desk.services.library.trail.entries(area="program", subject=slug),
            today=programs.today(),
        )

    @router.get("/programs/{slug}/standing")
    def standing(slug: str, request: Request, person: viewer) -> Response:
        """How many the task fits now, and how far those are who take part: computed when the page asks for it."""
        programs = desk.services.programs
        today = programs.today()
        programs.register.task(slug)
        spans = programs.settling.open_spans(today, program=slug)
        tenths = [0] * BARS
        with desk.services.warehouse.workbench() as bench:
            for told in programs.settling.standing(bench, spans, today):
                for row in bench.rows(told.select("share")):
                    tenths[min(int(row["share"] * BARS), BARS - 1)] += 1
        fits = programs.matcher.counts(today).get(slug)
        return desk.part(request, "program_standing.html", fits=fits, tenths=tenths, taking_part=spans.num_rows)

    @router.post("/programs/{slug}/publish")
    def publish(slug: str, request: Request, person: publisher) -> Response:
        """Put the draft in force."""
        version = desk.services.programs.register.publish(slug, person.name)
        return desk.go(request, f"{PATH}/{slug}", "programs.published", number=version.number)

    @router.post("/programs/{slug}/discard")
    def discard(slug: str, request: Request, person: editor) -> Response:
        """Drop the draft."""
        desk.services.programs.register.discard(slug, person.name)
        return desk.go(request, f"{PATH}/{slug}", "programs.discarded")

    @router.post("/programs/{slug}/close")
    def close(slug: str, request: Request, person: publisher, reason: reason = "") -> Response:
        """Take nobody any more."""
        desk.services.programs.register.close(slug, person.name, reason.strip())
        return desk.go(request, f"{PATH}/{slug}", "programs.closed")

    @router.get("/enrolments/{enrolment}")
    def taking_part(enrolment: Number, request: Request, person: viewer) -> Response:
        """One creator in one task: the goals, the rewards, appeals and what happened."""
        programs = desk.services.programs
        found = programs.tasks.find(enrolment)
        subject = f"{found.program}/{found.creator_id}"
        awards = [one for one in programs.ledger.awards(creator=found.creator_id) if one.enrolment == enrolment]
        return desk.page(
            request,
            "enrolment.html",
            found=found,
            progress=programs.tasks.progress(found, programs.today()),
            awards=awards,
            appeals=programs.tasks.appeals(waiting=False, enrolment=enrolment),
            creator=desk.services.accounts.find(found.creator_id),
            entries=desk.services.library.trail.entries(area="task", subject=subject),
            show=Showing(desk.services, person.language),
        )

    @router.post("/enrolments/{enrolment}/disqualify")
    def disqualify(enrolment: Number, request: Request, person: publisher, reason: reason = "") -> Response:
        """Put somebody out, with a reason."""
        gone = desk.services.programs.tasks.disqualify(enrolment, person.name, reason.strip())
        key = "programs.disqualified_late" if gone else "programs.disqualified"
        return desk.go(request, f"{HOME}/enrolments/{enrolment}", key, count=gone)

    @router.post("/appeals/{appeal}")
    def decide(
        appeal: Number, request: Request, person: publisher, verdict: Annotated[str, Form()], answer: reason = ""
    ) -> Response:
        """Uphold or reject an appeal."""
        if verdict not in ("upheld", "rejected"):
            raise NotFound("There is no such verdict.")
        decided = desk.services.programs.tasks.decide_appeal(appeal, person.name, verdict == "upheld", answer)
        return desk.go(request, f"{HOME}/enrolments/{decided.enrolment.id}", f"programs.appeal_{verdict}")

    return router

