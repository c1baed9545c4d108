"""The editor: a document's fields and text, with its passages and what changes beside them while it is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from assistant.errors import Conflict, Problem, Said
from assistant.staff.people import Person
from connectors.web.console.access import MEGABYTE, needs
from connectors.web.console.desk import AskedNumber, Desk, number_of
from connectors.web.console.documents import as_new
from connectors.web.console.navigation import HOME
from knowledge.catalog import Added, Revision
from knowledge.differences import Change, FieldChange, differences, field_changes
from knowledge.documents import KINDS, LANGUAGES, TRUSTS, NewRevision, fields_of
from knowledge.errors import NotFound
from knowledge.reading.markdown import revision_of

PATH = f"{HOME}/documents"
FIELDS = (
    "slug", "kind", "lang", "title", "source", "source_url", "source_date", "trust", "tier", "category",
    "effective_from", "expires_on", "body",
)  # fmt: skip
LARGEST = 8 * MEGABYTE
EMPTY = {"kind": "policy", "lang": "zh", "trust": "official"}


@dataclass(frozen=True)
class Typed:
    """What is in the form: the fields, the revision it is based on, the reason for the change, and the gap that the
    text is to close."""

    fields: dict[str, Any]
    based_on: int
    reason: str
    gap: int | None


class Editor:
    """Shows the form with what was typed, never losing it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._catalog = desk.services.library.catalog

    def shown(
        self,
        request: Request,
        fields: Mapping[str, Any],
        based_on: int,
        status: int = 200,
        complaint: str = "",
        reason: str = "",
        other: Revision | None = None,
        gap: int | None = None,
    ) -> Response:
        """The editor's page. `other` is a revision that somebody wrote meanwhile; `gap` is what the text is to close:
        while that is only begun, nobody is told that its answer is missing."""
        is_begun = gap is not None and status == 200
        return self._desk.page(
            request,
            "editor.html",
            status,
            fields={name: fields.get(name) or "" for name in FIELDS},
            attributes=json.dumps({name: fields[name] for name in fields if name not in FIELDS}, ensure_ascii=False),
            based_on=based_on,
            complaint=complaint,
            reason=reason,
            other=other,
            gap=gap,
            kinds=KINDS,
            languages=LANGUAGES,
            trusts=TRUSTS,
            preview=self.preview({} if is_begun else fields, based_on, self._desk.language(request)),
        )

    def preview(self, fields: Mapping[str, Any], based_on: int, lang: str) -> dict[str, Any]:
        """The passages, the differences from the revision it is based on, and the complaint about what cannot be
        read, in the language `lang`."""
        nothing: dict[str, Any] = {"sections": (), "changes": (), "fields": (), "complaint": "", "base": based_on}
        if not fields.get("body"):
            return nothing
        try:
            new = revision_of(fields, Said("The text"))
        except Problem as problem:
            return {**nothing, "complaint": self._desk.sentence(problem, lang)}
        changed, texts = self._against(new, based_on)
        return {**nothing, "sections": new.sections, "fields": changed, "changes": texts}

    def newest(self, slug: str) -> Revision | None:
        """The revision of a document that was written last."""
        try:
            return self._catalog.document(slug).newest
        except NotFound:
            return None

    def _against(self, new: NewRevision, based_on: int) -> tuple[list[FieldChange], list[Change]]:
        if not based_on:
            return [], []
        try:
            base = self._catalog.revision(new.slug, based_on)
        except NotFound:
            return [], []
        return field_changes(as_new(base), new), differences(base.body, new.body)


def editor_pages(desk: Desk) -> APIRouter:
    """/console/documents/new, …/edit, …/preview and …/save."""
    router = desk.router()
    editing = Annotated[Person, Depends(needs("editor", body_bytes=LARGEST))]
    editor = Editor(desk)
    catalog = desk.services.library.catalog

    @router.get("/documents/new")
    def new(request: Request, person: editing, slug: str = "", title: str = "", body: str = "") -> Response:
        """An empty form, or one begun elsewhere."""
        return editor.shown(request, {**EMPTY, "slug": slug, "title": title, "body": body}, 0)

    @router.get("/documents/{slug}/edit")
    def edit(slug: str, request: Request, person: editing, revision: AskedNumber | None = None) -> Response:
        """The text of a revision, the newest by default, to make the next one of it."""
        newest = catalog.document(slug).newest
        chosen = newest if revision is None else catalog.revision(slug, revision)
        return editor.shown(request, fields_of(chosen), newest.number)

    @router.post("/documents/preview")
    async def preview(request: Request, person: editing) -> Response:
        """The passages and differences of what is in the form now."""
        typed = await _typed(request)
        shown = editor.preview(typed.fields, typed.based_on, person.language)
        return desk.part(request, "editor_preview.html", preview=shown)

    @router.post("/documents/save")
    async def save(request: Request, person: editing) -> Response:
        """Keep it as a draft; what cannot be kept stays in the form with the reason."""
        typed = await _typed(request)
        try:
            added = await run_in_threadpool(_keep, desk, typed, person.name)
        except Conflict as problem:
            newest = editor.newest(str(typed.fields["slug"]))
            other = newest if newest and newest.number != typed.based_on else None
            return again(request, typed, problem, person, newest.number if newest else 0, other)
        except Problem as problem:
            return again(request, typed, problem, person, typed.based_on)
        if typed.gap is not None:
            return desk.go(request, f"{PATH}/{added.slug}", "gaps.drafted", revision=added.revision)
        key = "documents.unchanged" if added.unchanged else "documents.saved"
        return desk.go(request, f"{PATH}/{added.slug}", key, revision=added.revision, passages=added.passages)

    def again(
        request: Request, typed: Typed, problem: Problem, person: Person, base: int, other: Revision | None = None
    ) -> Response:
        complaint = desk.sentence(problem, person.language)
        return editor.shown(request, typed.fields, base, problem.status, complaint, typed.reason, other, typed.gap)

    return router


def _keep(desk: Desk, typed: Typed, author: str) -> Added:
    new = revision_of(typed.fields, Said("The text"))
    if typed.gap is not None:
        return desk.services.learning.closing.keep(typed.gap, new, author, typed.based_on, typed.reason)
    return desk.services.library.catalog.save(new, author, typed.based_on, typed.reason)


async def _typed(request: Request) -> Typed:
    form = await request.form()
    try:
        kept = json.loads(str(form.get("attributes") or "{}"))
    except ValueError:
        kept = {}
    fields = {**(kept if isinstance(kept, dict) else {}), **{name: str(form.get(name) or "") for name in FIELDS}}
    based_on, gap = str(form.get("based_on") or "0"), str(form.get("gap") or "")
    return Typed(
        fields,
        number_of(based_on) or 0,
        str(form.get("reason") or "")[:400],
        number_of(gap),
    )
