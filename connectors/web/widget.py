"""The widget: the loader that sites embed, the frame it opens, and the visits that begin there."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from assistant.errors import NotFound
from assistant.sites.registry import Site, Sites
from assistant.sites.visits import Visits
from connectors.web import examples
from connectors.web.limits import AnonymousLimit, LimitedRoute
from connectors.web.loaders import Loaders, embeddable, packed
from connectors.web.openapi import answers, problems
from connectors.web.pages import Pages
from connectors.web.problems import Refusal
from connectors.web.sessions import require_own_origin
from connectors.web.shapes import Opened
from connectors.web.shield import content_security_policy

SITE = r"^[a-z0-9-]{1,40}$"


class Opening(BaseModel):
    """What `POST /api/v1/widget/sessions` takes."""

    model_config = ConfigDict(extra="forbid")

    site: str = Field(pattern=SITE, description="The site's id.", examples=["my-shop"])
    identity: str | None = Field(
        None, max_length=4096, description="The JWT that the site's server signed; null visits unknown."
    )
    session: str | None = Field(
        None, max_length=4096, description="An earlier session of this browser, by which an unknown visitor stays one."
    )


def widget_routes(sites: Sites, visits: Visits, pages: Pages, limit: AnonymousLimit) -> APIRouter:
    """`/widget.js`, `/widget.mjs`, `/heliotrope-widget.tgz`, `/widget/frame` and the visits' endpoint. Anybody may call
    them; `limit` is how many visits an address may open a minute."""
    router = APIRouter(route_class=LimitedRoute)
    loaders = Loaders()

    @router.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def loader(request: Request) -> Response:
        """The one-line script."""
        return embeddable(loaders.script, request)

    @router.api_route("/widget.mjs", methods=["GET", "HEAD"], include_in_schema=False)
    async def loader_module(request: Request) -> Response:
        """The same as a module that exports `mount`."""
        return embeddable(loaders.module, request)

    @router.api_route("/heliotrope-widget.tgz", methods=["GET", "HEAD"], include_in_schema=False)
    async def loader_package() -> Response:
        """The same as a package: `npm install https://HOST/heliotrope-widget.tgz`."""
        return packed(loaders.package)

    @router.api_route("/widget/frame", methods=["GET", "HEAD"], include_in_schema=False)
    async def frame(request: Request, site: str = "", lang: str = "") -> Response:
        """The conversation, which only the site's own pages may put into a frame."""
        known = await run_in_threadpool(sites.find, site)
        if known is None:
            raise Refusal(404, "problem.no_site")
        response = pages.frame(known, _language(known, lang)).response(request, "no-cache")
        response.headers["Content-Security-Policy"] = content_security_policy(" ".join(known.origins))
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @router.post(
        "/api/v1/widget/sessions",
        responses=answers(Opened, "The visit.", examples.OPENED) | problems(403, 404, 413, 422, 429),
        tags=["widget"],
    )
    def open_visit(opening: Opening, request: Request) -> dict[str, Any]:
        """Begin a visit, or go on with one: as the creator whom the site vouches for, or as somebody unknown.

        `session` is the Bearer token of what this visitor asks from now on; `until` is when it ends, in seconds since
        1970. An identity is good for once; a refusal (403) says in `detail` what is wrong with it, for the developer
        of the site.
        """
        require_own_origin(request)
        seconds = limit.seconds_to_wait(request.client.host if request.client else "")
        if seconds:
            raise Refusal(429, "problem.too_many", headers={"Retry-After": str(seconds)}, seconds=seconds)
        try:
            session, visit = visits.open(opening.site, opening.identity, opening.session)
        except NotFound as error:
            raise Refusal(404, "problem.no_site") from error
        creator = None if visit.creator is None else {"id": visit.creator, "name": visit.creator_name}
        return {"session": session, "creator": creator, "until": visit.until}

    return router


def _language(site: Site, wanted: str) -> str:
    return wanted if wanted in site.languages else site.languages[0]

