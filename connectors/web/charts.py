"""The charts of answers as pictures, drawn when somebody looks."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response

from assistant.bootstrap import Services
from assistant.creators.charts.themes import Theme
from assistant.identity import Caller
from connectors.web.openapi import problems
from connectors.web.sessions import Sessions

Form = Literal["svg", "png"]
MEDIA_TYPES: dict[Form, str] = {"svg": "image/svg+xml", "png": "image/png"}
# An answer does not change, so its pictures do not either; whose they are is part of the request.
HEADERS = {"Cache-Control": "private, max-age=86400, immutable", "Vary": "Authorization, Cookie"}
REMEMBERED = 200  # pictures; some 25 KB as SVG, 150 KB as PNG


Answer = Annotated[str, Path(max_length=64, description="The `answer_id` of a reply.")]
Number = Annotated[int, Path(ge=1, le=100, description="Which of its charts, from 1.")]


class Drawn:
    """The pictures that were asked for last. Safe from any thread; two that ask at once may both draw."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._pictures: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._changing = Lock()

    def picture(self, key: tuple[object, ...], draw: Callable[[], bytes]) -> bytes:
        """The picture under `key`, drawn when it is not there."""
        with self._changing:
            known = self._pictures.get(key)
            if known is not None:
                self._pictures.move_to_end(key)
                return known
        drawn = draw()
        with self._changing:
            self._pictures[key] = drawn
            if len(self._pictures) > self._remembered:
                self._pictures.popitem(last=False)
        return drawn


def chart_routes(services: Services, sessions: Sessions) -> APIRouter:
    """`/api/v1/answers/{answer}/charts/{number}.svg` and `.png`, for whose conversation the answer belongs to."""
    router = APIRouter(prefix="/api/v1")
    asking = Annotated[Caller, Depends(sessions.caller)]
    drawn = Drawn()

    def picture(form: Form, answer: str, number: int, theme: Theme, caller: Caller) -> Response:
        chart = services.assistant.chart(caller, answer, number)
        painter = services.painter

        def draw() -> bytes:
            return painter.svg(chart, theme).encode() if form == "svg" else painter.png(chart, theme)

        return Response(drawn.picture((answer, number, form, theme), draw), 200, HEADERS, MEDIA_TYPES[form])

    @router.get("/answers/{answer}/charts/{number:int}.svg", response_class=Response, **_told("svg"))
    def svg(answer: Answer, number: Number, caller: asking, theme: Theme = "light") -> Response:
        """A chart of one of the caller's own answers, 358 pixels wide, as SVG; another's is 404."""
        return picture("svg", answer, number, theme, caller)

    @router.get("/answers/{answer}/charts/{number:int}.png", response_class=Response, **_told("png"))
    def png(answer: Answer, number: Number, caller: asking, theme: Theme = "light") -> Response:
        """The same as PNG, two dots a pixel."""
        return picture("png", answer, number, theme, caller)

    return router


def _told(form: Form) -> dict[str, Any]:
    """What the description says of a picture."""
    content = {MEDIA_TYPES[form]: {"schema": {"type": "string", "format": "binary"}}}
    drawn: dict[int | str, dict[str, Any]] = {200: {"description": "The picture.", "content": content}}
    return {"responses": drawn | problems(401, 403, 404, 422), "tags": ["answers"]}
