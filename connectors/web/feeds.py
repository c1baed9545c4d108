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

FILES = {"required": True, "content": dict.fromkeys(_ENDS, {"schema": {"type": "string", "format": "binary"}})}


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
        openapi_extra={"requestBody": FILES},
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
            raise NotAllowed("This feed key brings the numbers of {creator_id} only.", creator_id=feed.creator_id)
        wanted = ImportRequest(
            creator_id=feed.creator_id or creator,
            preset=preset,
            dry_run=dry_run,
            choices=Choices(dates, rates),
            actor=f"feed {feed.name}",
        )
        with tempfile.TemporaryDirectory(prefix="feed-") as folder:
            path = await received(request, Path(folder), _kind(request), LARGEST_BODY)
            report = await run_in_threadpool(import_file, services.warehouse, path, wanted, mappings)
        return report.as_dict()

    return router


def kind_of(request: Request) -> str | None:
    """How a file of the request's Content-Type ends; None for one that is not read."""
    return _ENDS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())


async def received(request: Request, folder: Path, end: str, most: int) -> Path:
    """The body of a request as a file. Refusal 413 when it is more than `most` bytes."""
    path, size = folder / f"pushed{end}", 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise Refusal(413, "problem.too_large", kilobytes=most // 1024)
            file.write(chunk)
    return path


def _kind(request: Request) -> str:
    kind = kind_of(request)
    if kind is None:
        raise BadInput("Send the file with one of these as its Content-Type: {known}.", known=", ".join(_ENDS))
    return kind
