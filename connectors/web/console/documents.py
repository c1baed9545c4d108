"""Documents: the list by state, one document with its history, and what two of its revisions differ in."""

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import FileResponse

from assistant.errors import NotFound
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import HEADERS, AskedNumber, Desk, PageNumber, SentNumber, is_partial
from connectors.web.console.navigation import HOME
from knowledge.catalog import Document, Revision
from knowledge.differences import differences, field_changes
from knowledge.documents import KINDS, LANGUAGES, NewRevision, fields_of
from knowledge.overview import STATES, Filter, Overview, State
from knowledge.reading.markdown import revision_of
from knowledge.reading.originals import Original, Originals, original_of

PATH = f"{HOME}/documents"
PAGE = 50
PERIODS = (7, 28, 90)  # days over which uses are told
PERIOD = 28
Sort = Literal["changed", "cited", "asked", "down"]
SORTS: tuple[Sort, ...] = get_args(Sort)
RECENT = 15  # entries of the audit trail beside a document


def document_pages(desk: Desk) -> APIRouter:
    """/console/documents, but for the editor and uploads."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    reason = Annotated[str, Form(max_length=400)]
    services = desk.services

    @router.get("/documents")
    def listed(
        request: Request,
        person: viewer,
        text: str = "",
        state: str = "",
        kind: str = "",
        lang: str = "",
        owner: str = "",
        sort: str = "changed",
        page: PageNumber = 1,
    ) -> Response:
        """The documents that pass the filters, with how they were used in the last weeks."""
        chosen: State | None = state if state in get_args(State) else None  # type: ignore[assignment]  # looked up
        wanted = Filter(text.strip(), chosen, kind, lang, owner.strip())
        overview, today = Overview(services.engine), services.library.today()
        number = max(page, 1)
        uses = {one.document: one for one in services.learning.usage.documents(today, PERIOD)}
        order = sort if sort in SORTS else "changed"
        weights = {slug: int(getattr(use, order)) for slug, use in uses.items()} if order != "changed" else None
        rows, total = overview.rows(wanted, today, PAGE, (number - 1) * PAGE, weights)
        values: dict[str, Any] = {
            "rows": rows,
            "total": total,
            "wanted": wanted,
            "number": number,
            "size": PAGE,
            "uses": uses,
            "days": PERIOD,
            "sort": order,
        }
        if is_partial(request):
            return desk.part(request, "documents_rows.html", **values)
        choices = {"states": STATES, "kinds": KINDS, "languages": LANGUAGES, "counts": overview.counts(today)}
        return desk.page(request, "documents.html", 200, sorts=SORTS, **choices, **values)

    @router.get("/documents/{slug}")
    def one(slug: str, request: Request, person: viewer, days: PageNumber = PERIOD) -> Response:
        """A document: what is in force, its revisions, its drafts, how it is used, and who changed what."""
        library = services.library
        document = library.catalog.document(slug)
        served = library.release
        spans = [span for span in library.releases.spans(served) if span.slug == slug] if served else []
        today = library.today()
        in_force = [span for span in spans if _holds(span.effective_from, span.expires_on, today)]
        period = days if days in PERIODS else PERIOD
        current = next((one for one in document.revisions if in_force and one.number == in_force[0].revision), None)
        return desk.page(
            request,
            "document.html",
            document=document,
            spans={span.revision: span for span in spans},
            current=current,
            passages=library.catalog.sections((current or document.newest).id),
            uses=services.learning.usage.passages(slug, today, period),
            originals=_originals(document, services.originals),
            days=period,
            periods=PERIODS,
            entries=library.trail.entries(area="document", limit=RECENT, subject=slug),
        )

    @router.get("/documents/{slug}/diff")
    def diff(slug: str, request: Request, person: viewer, old: AskedNumber, new: AskedNumber) -> Response:
        """What revision `new` says that `old` did not, and the other way round."""
        catalog = services.library.catalog
        before, after = catalog.revision(slug, old), catalog.revision(slug, new)
        return desk.page(
            request,
            "document_diff.html",
            slug=slug,
            before=before,
            after=after,
            fields=field_changes(as_new(before), as_new(after)),
            changes=differences(before.body, after.body),
        )

    @router.get("/documents/{slug}/original")
    def original(slug: str, person: viewer, revision: AskedNumber) -> Response:
        """The file that a revision was read from, to be saved, never shown."""
        found = original_of(services.library.catalog.revision(slug, revision).attributes)
        if found is None:
            raise NotFound("Revision {revision} of “{slug}” was not read from a file.", revision=revision, slug=slug)
        path = services.originals.path(found)
        return FileResponse(path, 200, HEADERS, "application/octet-stream", filename=found.name)

    @router.post("/documents/{slug}/owner")
    def set_owner(slug: str, request: Request, person: editor, owner: Annotated[str, Form(max_length=100)]) -> Response:
        """Name who answers for it."""
        services.library.catalog.set_owner(slug, owner.strip(), person.name)
        return desk.go(request, f"{PATH}/{slug}", "documents.owner_set")

    @router.post("/documents/{slug}/discard")
    def discard(
        slug: str, request: Request, person: editor, revision: SentNumber, reason: reason = ""
    ) -> Response:
        """Take a draft out of the next release."""
        services.library.catalog.discard(slug, revision, person.name, reason.strip())
        return desk.go(request, f"{PATH}/{slug}", "documents.discarded", revision=revision)

    return router


def _originals(document: Document, kept: Originals) -> dict[int, Original]:
    """The file of each revision that was read from one which is still here."""
    named = {one.number: original_of(one.attributes) for one in document.revisions}
    return {number: one for number, one in named.items() if one and kept.holds(one)}


def as_new(revision: Revision) -> NewRevision:
    """A kept revision as it was handed in."""
    return revision_of(fields_of(revision), revision.slug)


def _holds(start: Any, end: Any, day: Any) -> bool:
    return (start is None or start <= day) and (end is None or day < end)
