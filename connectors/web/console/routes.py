"""The console: where staff keep the knowledge. This module puts it together and tells how a page is added.

A page is a module of this package with one function that gets the Desk and returns its routes:

    def gap_pages(desk: Desk) -> APIRouter:
        router = desk.router()                                    # everything is below /console
        editor = Annotated[Person, Depends(needs("editor"))]      # who may call stands in every signature

        @router.get("/gaps")
        def gaps(request: Request, person: editor) -> Response:
            return desk.page(request, "gaps.html", gaps=desk.services.gaps.all())

        @router.post("/gaps/close")
        def close(request: Request, person: editor, gap: Annotated[int, Form()]) -> Response:
            desk.services.gaps.close(gap, person.name)            # may raise a Problem: it becomes a page by itself
            return desk.go(request, "/console/gaps", "gaps.closed", gap=gap)

        return router

and is added to PAGES below, and to `navigation.SECTIONS` when it is to be found in the menu (with `nav.KEY` and
`start.KEY` in the catalogues and a symbol `i-KEY` in `templates/console/icons.html`).

Routes are plain `def` functions: they run in a thread and may use the services, which block.

- **Who**: `needs(role)` refuses before the body is read; `person.name` is the author of what is changed. `needs(role,
  body_bytes=50 * MEGABYTE)` is for uploads (`UploadFile`, multipart). A route without `needs` cannot be made.
- **CSRF** is checked by the route. Forms get the token from `{% call ui.form("/console/…") %}`; htmx sends it as a
  header by itself, because `<body>` carries it.
- **Templates** lie in `templates/console/` and begin with `{% extends "console/layout.html" %}`, with the blocks
  `title`, `actions` (beside the heading) and `content`. They know `person`, `lang`, `t(key, …)`, `moment(utc)`,
  `day(date)`, `csrf`, and the macros of `macros.html` as `ui`: form, field, area, select, check, button, link, badge,
  table, date, empty, pager, menu, icon. No inline script, style or on… attribute: the browser refuses them.
- **Texts** stand in `locale/{zh,en}/LC_MESSAGES/console.po`, same keys in both; a test holds code and texts together.
- **Notices**: `desk.go(request, path, key, **values)` redirects (303) and shows the text there once.
- **htmx**: `desk.part(request, "gap_row.html", Notice("gaps.closed", "good", {...}), gap=gap)` answers with a part of a
  page; the notice is put at the top of the page by itself. Let the same route serve both: `is_partial(request)` tells.
  What uses `eval` is off (`hx-on`, `js:`, trigger filters). A Problem becomes a notice, and leaves the page as it is.
- **Problems**: raise those of `assistant.errors`. Staff read the text `problem.CLASS` of the catalogue, filled from the
  error's attributes; a class without one shows its English sentence, so give those that staff meet a class and a text.
- **Confirmation**: `ui.form(…, confirm=t("…"))`, or `hx-confirm`, asks in a dialog first.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.bootstrap import Services
from connectors.web.assets import HERE, NODE_MODULES, Assets, bodies_in, vendored
from connectors.web.console.access import Needs, needs
from connectors.web.console.account import account_pages
from connectors.web.console.answers import answer_pages
from connectors.web.console.audit import audit_pages
from connectors.web.console.boards import board_pages
from connectors.web.console.campaigns import campaign_pages
from connectors.web.console.cases import case_pages
from connectors.web.console.desk import Desk
from connectors.web.console.documents import document_pages
from connectors.web.console.editor import editor_pages
from connectors.web.console.gaps import gap_pages
from connectors.web.console.golden import golden_pages
from connectors.web.console.program_editor import program_editor_pages
from connectors.web.console.programs import program_pages
from connectors.web.console.provider import provider_pages
from connectors.web.console.releases import release_pages
from connectors.web.console.rewards import reward_pages
from connectors.web.console.running import running_pages
from connectors.web.console.signing_in import sign_in_pages
from connectors.web.console.sites import site_pages
from connectors.web.console.staff import staff_pages
from connectors.web.console.star import star_pages
from connectors.web.console.start import start_pages
from connectors.web.console.synonyms import synonym_pages
from connectors.web.console.testing import testing_pages
from connectors.web.console.tickets import ticket_pages
from connectors.web.console.uploads import upload_pages
from connectors.web.problems import Refusal
from connectors.web.texts import Texts, open_texts

PAGES = (
    sign_in_pages,
    provider_pages,
    start_pages,
    editor_pages,
    upload_pages,
    document_pages,
    release_pages,
    gap_pages,
    answer_pages,
    running_pages,
    testing_pages,
    golden_pages,
    synonym_pages,
    campaign_pages,
    case_pages,
    ticket_pages,
    program_editor_pages,
    program_pages,
    reward_pages,
    star_pages,
    board_pages,
    audit_pages,
    account_pages,
    site_pages,
    staff_pages,
)
VENDORED = {"pico.css": "@picocss/pico/css/pico.min.css", "htmx.js": "htmx.org/dist/htmx.min.js"}


def console_routes(services: Services, common: Texts) -> APIRouter:
    """All routes below /console; `common` has the sentences that the console shares with the API. Raises Misconfigured
    when the front-end packages have not been fetched."""
    files = Assets(bodies_in(HERE / "static" / "console") | vendored(VENDORED, NODE_MODULES))
    desk = Desk(services, open_texts("console"), common, files)
    router = APIRouter()
    for pages in PAGES:
        router.routes.extend(pages(desk).routes)
    router.routes.extend(_rest(desk, files).routes)
    return router


def _rest(desk: Desk, files: Assets) -> APIRouter:
    router = desk.router()

    @router.get("/static/{version}/{name}")
    def file(version: str, name: str, request: Request, anybody: Annotated[None, Depends(Needs(None))]) -> Response:
        """A file of the console's pages."""
        return files.response(request, version, name)

    @router.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def nothing(person: Annotated[object, Depends(needs("viewer"))]) -> Response:
        """What does not exist, told to staff as a page of the console; others are asked to sign in first."""
        raise Refusal(404, "problem.no_page")

    return router
