"""/api/v1/me and one's own threads: what is kept about whoever asks, to be seen, taken along and deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from starlette.responses import JSONResponse

from assistant.bootstrap import Services
from assistant.identity import Caller
from connectors.web import examples
from connectors.web.limits import LimitedRoute
from connectors.web.openapi import Responses, answers, problems
from connectors.web.sessions import Sessions
from connectors.web.shapes import Export, Forgotten, Kept


def me_routes(services: Services, sessions: Sessions) -> APIRouter:
    """The routes for one's own data. What is deleted is gone for good."""
    router = APIRouter(prefix="/api/v1", route_class=LimitedRoute)
    asking = Annotated[Caller, Depends(sessions.caller)]

    gone: Responses = {204: {"description": "It is gone."}}
    file = answers(Export, "All of it, as a file.", examples.EXPORT)

    @router.get("/me", responses=answers(Kept, "How much.", examples.KEPT) | problems(401, 403), tags=["own data"])
    def summary(caller: asking) -> dict[str, Any]:
        """Who asks, and how much is kept about them, by table."""
        return {
            "creator": caller.creator,
            "scope": services.privacy.scope(caller),
            "kept": services.privacy.summary(caller),
        }

    @router.get("/me/export", responses=file | problems(401, 403), tags=["own data"])
    def export(caller: asking) -> Response:
        """Everything that is kept about whoever asks, as a JSON file."""
        headers = {"Content-Disposition": 'attachment; filename="heliotrope-my-data.json"'}
        return JSONResponse(services.privacy.export(caller), headers=headers)

    @router.delete(
        "/me", responses=answers(Forgotten, "It is gone.", examples.FORGOTTEN) | problems(401, 403), tags=["own data"]
    )
    def forget(caller: asking) -> dict[str, Any]:
        """Delete everything that is kept about whoever asks, account and links too."""
        return {"deleted": services.privacy.forget(caller)}

    @router.delete(
        "/threads/{thread}",
        status_code=204,
        responses=gone | problems(401, 403, 404, 422),
        tags=["conversations"],
    )
    def forget_thread(thread: Annotated[str, Path(max_length=64)], caller: asking) -> Response:
        """Delete one of the caller's own conversations; another's is 404."""
        services.privacy.forget_thread(caller, thread)
        return Response(status_code=204)

    return router
