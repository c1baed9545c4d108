"""POST /api/v1/answers/{answer_id}/feedback: what whoever asked thinks of an answer."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from assistant.bootstrap import Services
from assistant.identity import Caller
from connectors.web.limits import LimitedRoute
from connectors.web.sessions import Sessions

LONGEST_COMMENT = 1000  # characters


class Opinion(BaseModel):
    """What the route takes."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["up", "down"] | None = Field(
        description="`up` or `down`; null takes it back, and the comment with it."
    )
    comment: str = Field("", max_length=LONGEST_COMMENT, description="What was wrong, for the staff to read.")


def feedback_routes(services: Services, sessions: Sessions) -> APIRouter:
    """The route for verdicts on answers."""
    router = APIRouter(prefix="/api/v1", route_class=LimitedRoute)
    asking = Annotated[Caller, Depends(sessions.caller)]

    @router.post("/answers/{answer_id}/feedback", responses={404: {"description": "The caller has no such answer."}})
    def give(answer_id: Annotated[str, Path(max_length=64)], opinion: Opinion, caller: asking) -> dict[str, Any]:
        """Set the verdict on an answer to the caller, which replaces an earlier one; anybody else's answer is 404."""
        services.learning.feedback.give(caller, answer_id, opinion.verdict, opinion.comment)
        return {"answer_id": answer_id, "verdict": opinion.verdict}

    return router
