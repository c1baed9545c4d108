"""The description of the HTTP API: what every operation may answer, with examples, for people and for their tools."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from connectors.web.problems import MEDIA_TYPE, problem_json
from connectors.web.shapes import Problem

ABOUT = """A guidance assistant for short-video creators.

Failures are `application/problem+json`; `detail` is one sentence that says what to do, in the language of the question
or of `Accept-Language`. Writes that name an `Idempotency-Key` may be sent again; lists are paged by cursors."""
# What goes wrong, in a sentence for who reads the description. The sentences that are sent are in the catalogues.
SENTENCES = {
    401: "The token or session does not hold.",
    403: "This is not for whoever asks, or the request came from another site's page.",
    404: "There is nothing there, or it is somebody else's.",
    409: "It is under way already, or is not what it was any more.",
    413: "The body is too large.",
    415: "This kind of file is not read.",
    422: "Something in the request cannot be used; `detail` names it.",
    429: "Too many questions; `Retry-After` says when to come back.",
    503: "Something it needs does not answer; `Retry-After` says when to try again.",
}
WAITING = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}
Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """For `responses=` of a route: the failures that it tells of as problem+json."""
    return {status: _problem(status) for status in statuses}


def answers(
    shape: type[BaseModel],
    description: str,
    example: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
) -> Responses:
    """For `responses=` of a route: what it answers when it succeeds, and in which other media types (`also`)."""
    content: dict[str, Any] = dict(also or {})
    if example is not None:
        content["application/json"] = {"example": example}
    return {200: {"model": shape, "description": description, "content": content}}


def describe(app: FastAPI) -> None:
    """Let the app describe itself so: every refusal of a request it cannot read is a Problem, too."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _described(app: FastAPI) -> dict[str, Any]:
    whole = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    schemas = whole["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    for path in whole["paths"].values():
        for operation in path.values():
            if "422" in operation["responses"]:
                operation["responses"]["422"] = _problem(422)
    return whole


def _problem(status: int) -> dict[str, Any]:
    example = problem_json(status, SENTENCES[status])
    reference = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": reference, "example": example}}
    shown = {"description": HTTPStatus(status).phrase, "content": content}
    return {**shown, "headers": WAITING} if status in (429, 503) else shown
