"""What is measured of every request: its route, status and time; and where Prometheus reads it."""

import hmac
import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import TracerProvider
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.telemetry.meters import Meters
from connectors.web.problems import Refusal
from connectors.web.sessions import bearer_of

UNKNOWN = "unknown"  # the route of whatever is asked for and does not exist
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Observed:
    """Wraps the whole app. A stream is measured to its end; a request that the client gave up, to there."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        method = scope["method"] if scope["method"] in METHODS else "OTHER"

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._meters.requested(method, route_of(scope), status, time.perf_counter() - started)


def route_of(scope: Scope) -> str:
    """The path as it is declared, such as /api/v1/threads/{thread}: what people ask for would be labels without end."""
    path: Any = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else UNKNOWN


def request_spans(traces: TracerProvider | None) -> TelemetryConfig:
    """FastAPI's own telemetry, kept to a span a request, and to what the settings say: no variable turns it on."""
    return {
        "tracer_provider": traces,
        "tracing": traces is not None,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
    }


def metrics_routes(meters: Meters, token: str) -> APIRouter:
    """/metrics for Prometheus: with `token`, for whoever sends it as Bearer; else for this machine itself alone."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        """Counters, times, queues and parts in Prometheus' text format."""
        if token:
            if not _is_same(bearer_of(request) or "", token):
                raise Refusal(401, "problem.token", headers={"WWW-Authenticate": "Bearer"})
        elif not _is_this_machine(request):
            raise Refusal(404, "problem.no_page")
        return Response(meters.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router


def _is_this_machine(request: Request) -> bool:
    """Whether the request comes from here, and not through a proxy that stands here."""
    address = request.client.host if request.client else ""
    return address in LOOPBACK and not any(name in request.headers for name in FORWARDED)


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
