"""Writing a program's rule, by form or as YAML, with what it would have come to beside it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from assistant.creators.catalogue import CATALOGUE
from assistant.errors import BadInput, Problem
from assistant.programs.audience import STAGE_NAMES, TIER_NAMES
from assistant.programs.rule_texts import read_yaml, rule_of, write_yaml
from assistant.programs.rules import MOST_STEPS, Kind, Rule, TaskRule
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME
from connectors.web.console.program_form import StepFields, TaskFields, fields_from, fields_of, rule_from
from connectors.web.console.showing import Showing

PATH = f"{HOME}/programs"


def program_editor_pages(desk: Desk) -> APIRouter:
    """/console/programs/new, /console/programs/NAME/edit and what it would have come to."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]

    def shown(
        request: Request,
        person: Person,
        slug: str,
        kind: Kind,
        way: str,
        fields: TaskFields | None,
        text: str,
        complaint: str = "",
    ) -> Response:
        known = fields or TaskFields()
        blank = (StepFields(),) if len(known.steps) < MOST_STEPS else ()
        return desk.page(
            request,
            "program_editor.html",
            422 if complaint else 200,
            slug=slug,
            kind=kind,
            way=way,
            fields=known,
            steps=(*known.steps, *blank) if known.steps else (StepFields(), StepFields()),
            text=text,
            complaint=complaint,
            tiers=TIER_NAMES,
            stages=STAGE_NAMES,
            metrics=_metrics(desk),
            show=Showing(desk.services, person.language),
        )

    @router.get("/programs/new")
    def begin(request: Request, person: editor, way: str = "form") -> Response:
        """An empty task."""
        return shown(request, person, "", "task", way, None, "" if way == "form" else write_yaml(_example(desk)))

    @router.get("/programs/{slug}/edit")
    def edit(slug: str, request: Request, person: editor, way: str = "") -> Response:
        """The draft, or else what is in force, to be written anew."""
        program = desk.services.programs.register.find(slug)
        rule = (program.draft or program.shown).rule
        by_form = isinstance(rule, TaskRule) and way != "yaml"
        fields = fields_of(rule) if isinstance(rule, TaskRule) else None
        return shown(request, person, slug, program.kind, "form" if by_form else "yaml", fields, write_yaml(rule))

    @router.post("/programs/save")
    async def save(request: Request, person: editor) -> Response:
        """Keep what was written as the draft; what cannot be a rule comes back with the reason."""
        form = _typed(await request.form())
        return await run_in_threadpool(_saved, request, person, form)

    def _saved(request: Request, person: Person, form: dict[str, list[str]]) -> Response:
        slug, way = form.get("slug", [""])[0].strip(), form.get("way", ["form"])[0]
        kind = _kind(desk, slug)
        text = form.get("text", [""])[0]
        fields = fields_from(form) if way == "form" else None
        try:
            kept = rule_from(fields) if fields is not None else read_yaml(text)
            kept.pop("kind", None)
            version = desk.services.programs.register.save(slug, kind, kept, person.name)
        except BadInput as problem:
            return shown(request, person, slug, kind, way, fields, text, desk.sentence(problem, person.language))
        return desk.go(request, f"{PATH}/{version.program}", "programs.saved", number=version.number)

    @router.post("/programs/preview")
    async def preview(request: Request, person: editor) -> Response:
        """What a rule that is being written would have come to."""
        form = _typed(await request.form())
        return await run_in_threadpool(_previewed, request, person, form)

    def _previewed(request: Request, person: Person, form: dict[str, list[str]]) -> Response:
        programs = desk.services.programs
        try:
            is_form = form.get("way", ["form"])[0] == "form"
            kept = rule_from(fields_from(form)) if is_form else read_yaml(form.get("text", [""])[0])
            kept.pop("kind", None)
            rule = programs.register.checked("task", kept)
            assert isinstance(rule, TaskRule)
            found = programs.simulator.simulate(rule, programs.today())
        except Problem as problem:
            sentence = desk.sentence(problem, person.language)
            return desk.part(request, "program_simulation.html", complaint=sentence, found=None)
        return desk.part(
            request,
            "program_simulation.html",
            complaint="",
            found=found,
            rule=rule,
            show=Showing(desk.services, person.language),
        )

    @router.get("/programs/{slug}/simulate")
    def simulate(slug: str, request: Request, person: viewer) -> Response:
        """What the draft, or the version in force, would have come to."""
        programs = desk.services.programs
        program = programs.register.task(slug)
        version = program.draft or program.shown
        found = programs.simulator.simulate(version.rule, programs.today())
        show = Showing(desk.services, person.language)
        values: dict[str, Any] = {"complaint": "", "found": found, "rule": version.rule, "show": show}
        return desk.part(request, "program_simulation.html", **values)

    return router


def _typed(form: FormData) -> dict[str, list[str]]:
    """The texts of a form by field; some fields come more than once."""
    typed: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            typed.setdefault(name, []).append(value)
    return typed


def _kind(desk: Desk, slug: str) -> Kind:
    known = desk.services.programs.register.kind_of(slug)
    return known or "task"


def _metrics(desk: Desk) -> list[tuple[str, str, str]]:
    """Slug and titles of every metric that a goal may name."""
    custom = [one.metric for one in desk.services.custom_metrics.visible_to(None)]
    return [(metric.slug, metric.title_zh, metric.title_en) for metric in (*CATALOGUE.values(), *custom)]


def _example(desk: Desk) -> Rule:
    """A rule to begin from where one is written as text: the newest task, or the smallest that can be."""
    found = desk.services.programs.register.all("task")
    if found:
        return found[0].shown.rule
    today = desk.services.programs.today().isoformat()
    goals = [{"metric": "works_published", "at_least": 3}]
    step = {"title": "1", "goals": goals, "rewards": [{"kind": "badge", "name": "1"}]}
    return rule_of("task", {"title": "1", "about": "1", "opens": today, "closes": today, "days": 14, "steps": [step]})
