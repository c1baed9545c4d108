"""Files and web pages into documents: read, looked at, and only then kept."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from assistant.errors import BadInput, Problem, Said
from assistant.staff.people import Person
from connectors.web.console.access import MEGABYTE, needs
from connectors.web.console.desk import Desk, is_partial
from connectors.web.console.editor import Editor
from connectors.web.console.navigation import HOME
from knowledge.catalog import Catalog
from knowledge.documents import ORIGINAL, NewRevision, fields_of
from knowledge.reading.files import SUFFIXES, read_bytes, read_url
from knowledge.reading.markdown import read_json_lines, revision_of
from knowledge.reading.originals import coming_from

PATH = f"{HOME}/documents"
LARGEST = 80 * MEGABYTE


def upload_pages(desk: Desk) -> APIRouter:
    """/console/documents/upload."""
    router = desk.router()
    editing = Annotated[Person, Depends(needs("editor"))]
    uploading = Annotated[Person, Depends(needs("editor", body_bytes=LARGEST))]
    text = Annotated[str, Form()]
    library, originals = desk.services.library, desk.services.originals
    editor = Editor(desk)

    @router.get("/documents/upload")
    def upload_form(request: Request, person: editing, slug: str = "") -> Response:
        """Where files and addresses are handed in."""
        return form(request, slug=slug)

    @router.post("/documents/upload")
    async def upload(
        request: Request,
        person: uploading,
        files: list[UploadFile],
        url: text = "",
        slug: text = "",
        effective_from: text = "",
    ) -> Response:
        """Read what was handed in. One text goes to the editor, several to a list; nothing is kept yet."""
        try:
            found = await run_in_threadpool(read, [file for file in files if file.filename], url.strip())
            if slug or effective_from:
                found = [_placed(one, slug.strip(), effective_from, library.catalog) for one in found]
        except Problem as problem:
            if is_partial(request):
                raise  # it becomes a notice above the form, which keeps the files that were chosen
            complaint = desk.sentence(problem, person.language)
            return form(request, problem.status, complaint, slug, url, effective_from)
        if len(found) == 1:
            newest = editor.newest(found[0].slug)
            return editor.shown(request, fields_of(found[0]), newest.number if newest else 0)
        lines = "\n".join(json.dumps(fields_of(one), ensure_ascii=False, default=str) for one in found)
        return desk.page(request, "upload_list.html", found=found, lines=lines)

    @router.post("/documents/upload/keep")
    async def keep(request: Request, person: uploading) -> Response:
        """Keep the texts of the list as drafts, all or none."""
        sent = await request.form()
        news = await run_in_threadpool(lambda: list(read_json_lines(str(sent.get("lines") or ""), Said("The list"))))
        added = await run_in_threadpool(library.add, news, person.name)
        fresh = sum(not one.unchanged for one in added)
        return desk.go(request, f"{PATH}?state=draft", "documents.kept", fresh=fresh, unchanged=len(added) - fresh)

    def read(files: Sequence[UploadFile], url: str) -> list[NewRevision]:
        """The texts in all of the files and at the address, or a Problem that names the file. The files are kept;
        those that nothing came of go after some days."""
        found: list[NewRevision] = []
        for file in files:
            name, data = str(file.filename), file.file.read()
            revisions = read_bytes(name, data)
            original = originals.keep(name, data)
            found += [coming_from(original, one) for one in revisions]
        found += read_url(url) if url else []
        if not found:
            raise BadInput("Choose a file, or give the address of a page.")
        originals.forget_unused(library.catalog.attribute_values(ORIGINAL, "sha256"))
        return found

    def form(
        request: Request,
        status: int = 200,
        complaint: str = "",
        slug: str = "",
        url: str = "",
        effective_from: str = "",
    ) -> Response:
        values: dict[str, Any] = {"slug": slug, "url": url, "effective_from": effective_from, "complaint": complaint}
        return desk.page(request, "upload.html", status, suffixes=sorted(SUFFIXES), **values)

    return router


def _placed(one: NewRevision, slug: str, effective_from: str, catalog: Catalog) -> NewRevision:
    """The text as the next revision of document `slug`, if given, whose fields it takes over, from a day on."""
    fields = fields_of(one)
    if slug:
        old = fields_of(catalog.document(slug).newest)
        file = one.attributes.get(ORIGINAL)
        fields = {**old, "body": one.body, "title": one.title, "effective_from": "", "expires_on": "", ORIGINAL: file}
    if effective_from:
        fields["effective_from"] = effective_from
    return revision_of(fields, one.slug)
