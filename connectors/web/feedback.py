"""POST /api/v1/answers/{answer_id}/feedback: what whoever asked thinks of an answer."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from assistant.bootstrap import Services
from assistant.identity import Caller
from assistant.learning.feedback import LONGEST_COMMENT
from connectors.web.limits import LimitedRoute
from connectors.web.openapi import answers, problems
from connectors.web.repeats import REPEATABLE
from connectors.web.sessions import Sessions
from connectors.web.shapes import Given


class Opinion(BaseModel):
    """What the route takes."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["up", "down"] | None = Field(
        description="`up` or `down`; null takes it back, and the comment with it."
    )
    comment: str = Field("", max_length=LONGEST_COMMENT, description="What was wrong, for the staff to read.")


def feedback_routes(services: Services, sessions: Sessions, repeatable: type[LimitedRoute]) -> APIRouter:
    """The route for verdicts on answers."""
    router = APIRouter(prefix="/api/v1", route_class=repeatable)
    asking = Annotated[Caller, Depends(sessions.caller)]

    @router.post(
        "/answers/{answer_id}/feedback",
        responses=answers(Given, "The verdict is kept.", {"answer_id": "3f0c…", "verdict": "up"})
        | problems(401, 403, 404, 409, 413, 422),
        openapi_extra=REPEATABLE,
        tags=["answers"],
    )
    def give(answer_id: Annotated[str, Path(max_length=64)], opinion: Opinion, caller: asking) -> dict[str, Any]:
        """Set the verdict on an answer to the caller, which replaces an earlier one; anybody else's answer is 404."""
        services.learning.feedback.give(caller, answer_id, opinion.verdict, opinion.comment)
        return {"answer_id": answer_id, "verdict": opinion.verdict}

    return router
