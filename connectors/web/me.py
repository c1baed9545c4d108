"""/api/v1/me and one's own threads: what is kept about whoever asks, to be seen, taken along and deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from starlette.responses import JSONResponse

from assistant.bootstrap import Services
from assistant.identity import Caller
from connectors.web.limits import LimitedRoute
from connectors.web.sessions import Sessions

_SHARED: dict[int | str, dict[str, Any]] = {403: {"description": "Several people ask from here as one."}}


def me_routes(services: Services, sessions: Sessions) -> APIRouter:
    """The routes for one's own data. What is deleted is gone for good."""
    router = APIRouter(prefix="/api/v1", route_class=LimitedRoute)
    asking = Annotated[Caller, Depends(sessions.caller)]

    @router.get("/me")
    def summary(caller: asking) -> dict[str, Any]:
        """Who asks, and how much is kept about them, by table."""
        return {
            "creator": caller.creator,
            "scope": services.privacy.scope(caller),
            "kept": services.privacy.summary(caller),
        }

    @router.get("/me/export", responses=_SHARED)
    def export(caller: asking) -> Response:
        """Everything that is kept about whoever asks, as a JSON file."""
        headers = {"Content-Disposition": 'attachment; filename="heliotrope-my-data.json"'}
        return JSONResponse(services.privacy.export(caller), headers=headers)

    @router.delete("/me", responses=_SHARED)
    def forget(caller: asking) -> dict[str, Any]:
        """Delete everything that is kept about whoever asks, account and links too."""
        return {"deleted": services.privacy.forget(caller)}

    @router.delete("/threads/{thread}", status_code=204)
    def forget_thread(thread: Annotated[str, Path(max_length=64)], caller: asking) -> Response:
        """Delete one of the caller's own conversations; another's is 404."""
        services.privacy.forget_thread(caller, thread)
        return Response(status_code=204)

    return router
