"""Two questions of a supervisor: does the process answer, and can it answer a creator's question."""

from typing import Any

from fastapi import APIRouter

from assistant.bootstrap import Services
from connectors.web.problems import Refusal

NEEDED = {"database": "problem.no_database", "knowledge": "problem.no_release"}


def health_routes(services: Services) -> APIRouter:
    """/healthz and /readyz."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> dict[str, str]:
        """The process runs and its event loop turns."""
        return {"status": "ok"}

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> dict[str, Any]:
        """Whether questions can be answered: 503 with the reason when not; else what works less well than it should."""
        unwell = [part for part in services.telemetry.condition.parts() if not part.is_well]
        for part in unwell:
            if part.is_needed:
                raise Refusal(503, NEEDED[part.name], headers={"Retry-After": "5"})
        return {
            "status": "degraded" if unwell else "ready",
            "release": services.library.release,
            "degraded": [{"part": part.name, "says": part.says} for part in unwell],
        }

    return router
