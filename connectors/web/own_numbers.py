"""POST /api/v1/me/metrics: a file that a platform exported, from the creator whose numbers are in it.

Nothing is kept between the preview and the import: the file is sent twice, and only the second time is it stored.
"""

import logging
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from assistant.bootstrap import Services
from assistant.errors import BadInput
from assistant.identity import DEMONSTRATION, Caller
from connectors.feeds import Request as ImportRequest
from connectors.feeds import UnknownColumns, import_file
from connectors.feeds.remembered import ColumnMappings
from connectors.web import examples
from connectors.web.feeds import FILES, kind_of, received
from connectors.web.openapi import answers, problems
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.shapes import Imported

LARGEST_FILE = 20 * 1024**2  # bytes; what is larger comes through a feed
log = logging.getLogger(__name__)


def own_number_routes(services: Services, sessions: Sessions) -> APIRouter:
    """The route by which creators bring their own numbers."""
    router = APIRouter(prefix="/api/v1")
    asking = Annotated[Caller, Depends(sessions.caller)]
    mappings = ColumnMappings(services.engine)

    @router.post(
        "/me/metrics",
        responses=answers(Imported, "What was read, and what it changed or would change.", examples.IMPORTED)
        | problems(401, 403, 413, 415, 422),
        openapi_extra={"requestBody": FILES},
        tags=["own data"],
    )
    async def bring(
        request: Request,
        caller: asking,
        name: Annotated[str, Query(max_length=200, description="What the file is called.")] = "",
        dry_run: Annotated[bool, Query(description="Only report what would happen.")] = False,
    ) -> dict[str, Any]:
        """Import the body, a file of the kind that its Content-Type says. Rows of other creators are left out; sent
        again, the same file changes nothing."""
        if caller.creator is None or DEMONSTRATION in caller.capabilities:
            raise Refusal(403, "problem.needs_own")
        wanted = ImportRequest(creator_id=caller.creator, dry_run=dry_run, actor=f"{caller.channel} {caller.creator}")
        kind = kind_of(request)
        if kind is None:
            raise Refusal(415, "problem.file_kind")
        with tempfile.TemporaryDirectory(prefix="own-") as folder:
            path = await received(request, Path(folder), kind, LARGEST_FILE)
            report = await run_in_threadpool(_imported, path, wanted)
        report.file = name or report.file
        return report.as_dict()

    def _imported(path: Path, wanted: ImportRequest) -> Any:
        try:
            return import_file(services.warehouse, path, wanted, mappings)
        except UnknownColumns as error:
            raise Refusal(422, "problem.unknown_columns") from error
        except BadInput as error:
            log.info("A file of %s was not read: %s", wanted.creator_id, error)
            raise Refusal(422, "problem.unread_file") from error

    return router
