"""POST /api/v1/metrics: a metric file as the body of a request, from whoever holds a feed key."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from assistant.bootstrap import Services
from assistant.errors import BadInput, NotAllowed
from connectors.feeds import Request as ImportRequest
from connectors.feeds import import_file
from connectors.feeds.cells import DayOrder
from connectors.feeds.deciding import Choices, RateUnit
from connectors.feeds.keys import Feed, FeedKeys
from connectors.feeds.remembered import ColumnMappings
from connectors.web import examples
from connectors.web.openapi import answers, problems
from connectors.web.problems import Refusal
from connectors.web.shapes import Imported

LARGEST_BODY = 2 * 1024**3
_ENDS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.apache.parquet": ".parquet",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}

_FILE = {"schema": {"type": "string", "format": "binary"}}


def feed_routes(services: Services) -> APIRouter:
    """The route for feeds. What it takes is bounded by LARGEST_BODY, not by the limit of the other routes."""
    router = APIRouter(prefix="/api/v1")
    keys, mappings = FeedKeys(services.engine), ColumnMappings(services.engine)
    bearer = HTTPBearer(auto_error=False, description="A feed key; `heliotrope feeds add NAME` makes one.")

    def holder(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Feed:
        if credentials is None:
            raise NotAllowed("Send a feed key as `Authorization: Bearer KEY`.")
        return keys.holder(credentials.credentials)

    @router.post(
        "/metrics",
        responses=answers(Imported, "What was read, and what it changed.", examples.IMPORTED) | problems(403, 413, 422),
        openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(_ENDS, _FILE)}},
        tags=["metrics"],
    )
    async def push(
        request: Request,
        feed: Annotated[Feed, Depends(holder)],
        creator: Annotated[str | None, Query(description="Whose rows, where the file does not say.")] = None,
        preset: Annotated[str | None, Query(description="The layout; default: recognised by the header.")] = None,
        dates: Annotated[DayOrder | None, Query(description="How dates such as 05-08-2020 are meant.")] = None,
        rates: Annotated[RateUnit | None, Query(description="How bare rates are meant.")] = None,
        dry_run: Annotated[bool, Query(description="Only report what would happen.")] = False,
    ) -> dict[str, Any]:
        """Import the body: CSV, XLSX, Parquet or JSON lines by its Content-Type. Answers with the import's report."""
        if feed.creator_id is not None and creator not in (None, feed.creator_id):
            raise NotAllowed(f"This feed key brings the numbers of {feed.creator_id} only.")
        wanted = ImportRequest(
            creator_id=feed.creator_id or creator,
            preset=preset,
            dry_run=dry_run,
            choices=Choices(dates, rates),
            actor=f"feed {feed.name}",
        )
        with tempfile.TemporaryDirectory(prefix="feed-") as folder:
            path = await _received(request, Path(folder))
            report = await run_in_threadpool(import_file, services.warehouse, path, wanted, mappings)
        return report.as_dict()

    return router


async def _received(request: Request, folder: Path) -> Path:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _ENDS:
        raise BadInput(f"Send the file with one of these as its Content-Type: {', '.join(_ENDS)}.")
    path, size = folder / f"pushed{_ENDS[kind]}", 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                raise Refusal(413, "problem.too_large", kilobytes=LARGEST_BODY // 1024)
            file.write(chunk)
    return path
