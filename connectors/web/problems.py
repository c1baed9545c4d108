"""Problems on the wire: every failure leaves as problem+json with one sentence, decided here by its class."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.errors import Problem, Unavailable
from assistant.refusals import refusal
from connectors.web.texts import Texts, language_asked_for

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Refusal(Problem):
    """A refusal of the web connector itself. `key` names its sentence in the catalogue.

    `lang` is the language of the question when it is known; otherwise the request's own language decides.
    """

    def __init__(
        self, status: int, key: str, lang: str | None = None, headers: Mapping[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.lang = lang
        self.headers = dict(headers or {})
        self.values = values


def problem_json(status: int, detail: str) -> dict[str, Any]:
    """The body of a problem, as RFC 9457 has it."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def problem_of(error: Exception, texts: Texts, lang: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The body and extra headers that tell of `error`; an unforeseen one is logged and told of in a plain sentence."""
    if isinstance(error, Refusal):
        sentence = texts.text(error.lang or lang, error.key, **error.values)
        return problem_json(error.status, sentence), error.headers
    if isinstance(error, Problem):
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else {}
        return problem_json(error.status, refusal(error, lang)), headers
    log.error("An unforeseen error while answering a request", exc_info=error)
    return problem_json(500, texts.text(lang, "problem.unforeseen")), {}


def tell_problems(app: FastAPI, texts: Texts) -> None:
    """Make `app` answer every foreseen failure, its own and the framework's, as problem+json."""

    def answer(request: Request, error: Exception) -> JSONResponse:
        body, headers = problem_of(error, texts, language_asked_for(request.headers.get("accept-language", "")))
        return JSONResponse(body, body["status"], headers, MEDIA_TYPE)

    def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:] if isinstance(part, str))
        if first["type"] == "json_invalid" or not place:
            return answer(request, Refusal(422, "problem.not_json"))
        key = _INVALID.get(first["type"], "problem.invalid_field")
        return answer(request, Refusal(422, key, field=place))

    def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        # The framework tells a body that is not UTF-8 from one that is not JSON; whoever sent it mends both alike.
        status = 422 if error.status_code == 400 else error.status_code
        return answer(request, Refusal(status, _HTTP.get(status, "problem.refused"), headers=error.headers))

    app.add_exception_handler(Problem, answer)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


_INVALID = {
    "missing": "problem.missing_field",
    "extra_forbidden": "problem.unknown_field",
    "day": "problem.invalid_day",
    "unreadable": "problem.unreadable",
    "string_pattern_mismatch": "problem.invalid_thread",
    "string_too_long": "problem.long_field",
}
_HTTP = {422: "problem.not_json", 404: "problem.no_page", 405: "problem.wrong_method"}
