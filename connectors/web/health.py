"""Two questions of a supervisor: does the process answer, and can it answer a creator's question."""

from typing import Any

from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assistant.bootstrap import Services
from assistant.database.engine import reading
from connectors.web.problems import Refusal


def health_routes(services: Services) -> APIRouter:
    """/healthz and /readyz."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> dict[str, str]:
        """The process runs and its event loop turns."""
        return {"status": "ok"}

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    def readyz() -> dict[str, Any]:
        """The database answers and a release is served; otherwise 503 with the reason."""
        try:
            with reading(services.engine).begin() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise Refusal(503, "problem.no_database", headers={"Retry-After": "5"}) from error
        if services.library.release is None:
            raise Refusal(503, "problem.no_release", headers={"Retry-After": "5"})
        return {"status": "ready", "release": services.library.release}

    return router
