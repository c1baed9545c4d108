"""What every page of the console works with: the services, the templates and texts, and the ways to answer."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from assistant.bootstrap import Services
from assistant.errors import Problem, Said, Unavailable
from assistant.refusals import refusal
from connectors.web.assets import HERE, Assets
from connectors.web.console.access import SIGN_IN, ConsoleRoute, RoleNeeded, SignedOut, page_before, session_of
from connectors.web.console.navigation import HOME, sections_for
from connectors.web.pages import LANGUAGE_COOKIE
from connectors.web.problems import Refusal
from connectors.web.texts import LANGUAGES, Texts

Tone = Literal["good", "bad"]
log = logging.getLogger(__name__)
# The number of a thing in an address, behind its question mark, and in a form; and the number of a page of a list. SQL
# has no larger ones: nothing has such a number, so an address with it, as one without a number, is not found.
MOST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=MOST)]
AskedNumber = Annotated[int, Query(ge=1, le=MOST)]
SentNumber = Annotated[int, Form(ge=1, le=MOST)]
PageNumber = Annotated[int, Query(le=1_000_000)]
LOCALES = {"zh": ("zh_CN", "y-MM-dd HH:mm", "y-MM-dd"), "en": ("en_GB", "d MMM y, HH:mm", "d MMM y")}
# Statuses whose page has words of its own (`error.STATUS`); others share `error.other`.
ERROR_PAGES = {401, 403, 404, 409, 413, 422, 429, 500, 503}
# Stricter rules than these stay on the chat page. Here forms may be sent to ourselves, the stylesheet draws its small
# pictures from data: addresses, and htmx parses our own answers through the `default` Trusted Types policy, which
# makes markup but neither scripts nor their addresses. Without a referrer browsers send `Origin: null` with a form.
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types default",
        )
    ),
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Notice:
    """A short message above a page: the text `key` of the catalogue with its values."""

    key: str
    tone: Tone
    values: dict[str, Any]


class Desk:
    """Made once; each page module gets it (see `connectors.web.console.routes` for how a page is made)."""

    def __init__(self, services: Services, texts: Texts, common: Texts, files: Assets) -> None:
        self.services = services
        self._texts = texts
        self._common = common
        self._files = files
        self._zone = ZoneInfo(services.settings.timezone)
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def router(self) -> APIRouter:
        """A router for pages below /console, whose routes must say who may call them."""
        known = {"sessions": self.services.staff_sessions, "tell": staticmethod(self.problem)}
        route_class = type("Route", (ConsoleRoute,), known)
        return APIRouter(
            prefix=HOME, route_class=route_class, default_response_class=HTMLResponse, include_in_schema=False
        )

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A whole page: `templates/console/TEMPLATE` with `values`; notices that wait are shown on it."""
        session = session_of(request)
        notices = session.notices if session else ()
        if session and notices:
            self.services.staff_sessions.clear_notices(session.token)
        shown = [Notice(**kept) for kept in notices]
        # Whole also when htmx asks: it takes the content out of the page.
        return self._rendered(request, template, status, notices=shown, partial=False, **values)

    def part(self, request: Request, template: str, said: Notice | None = None, **values: Any) -> Response:
        """A part of a page for htmx, with a notice beside it when there is something to say."""
        return self._rendered(request, template, 200, notices=[said] if said else [], **values)

    def go(self, request: Request, path: str, key: str = "", tone: Tone = "good", **values: Any) -> Response:
        """On to another page after a change, where the text `key` is shown once."""
        session = session_of(request)
        if key and session:
            notice = {"key": key, "tone": tone, "values": values}
            self.services.staff_sessions.leave_notice(session.token, notice)
        if is_partial(request):
            return Response(status_code=204, headers={"HX-Redirect": path, **HEADERS})
        return RedirectResponse(path, 303, HEADERS)

    def text(self, lang: str, key: str, **values: object) -> str:
        """A text of the console's catalogue, for what is told outside templates."""
        return self._texts.text(lang, key, **values)

    def has_text(self, lang: str, key: str) -> bool:
        """Whether the console's catalogue has a text under this key."""
        return self._texts.has(lang, key)

    def sentence(self, error: Exception, lang: str) -> str:
        """What to tell staff about a problem: the text `problem.CLASS` of the catalogue, filled from the error's
        attributes; else, for problems of the house, their own sentence."""
        key = f"problem.{type(error).__name__}"
        if self._texts.has(lang, key):
            own = {name: one for name, one in vars(error).items() if name != "said"}
            places = {name: refusal(one, lang) if isinstance(one, Said) else one for name, one in own.items()}
            if isinstance(error, RoleNeeded):
                places = {name: self._texts.text(lang, f"role.{role}") for name, role in own.items()}
            return self._texts.text(lang, key, **places)
        if isinstance(error, Refusal):
            return self._common.text(lang, error.key, **error.values)
        if isinstance(error, Problem):
            return refusal(error, lang)
        return self._common.text(lang, "problem.unforeseen")

    def problem(self, request: Request, error: Exception) -> Response:
        """The page that tells of a problem, or, for htmx, a notice; who is not signed in goes to sign in."""
        if isinstance(error, SignedOut):
            path = f"{SIGN_IN}?next={quote(page_before(request), safe='/')}"
            if is_partial(request):
                return Response(status_code=401, headers={"HX-Redirect": path, **HEADERS})
            return RedirectResponse(path, 303, HEADERS)
        problem = _as_problem(error)
        status = problem.status if isinstance(problem, Problem) else 500
        if not isinstance(problem, Problem):
            log.error("An unforeseen error on a console page", exc_info=error)
        lang = self.language(request)
        sentence = self.sentence(problem, lang)
        if is_partial(request):
            said = Notice("notice.problem", "bad", {"sentence": sentence})
            answer = self._rendered(request, "notices.html", status, notices=[said])
        else:
            phrase = f"error.{status}" if status in ERROR_PAGES else "error.other"
            values = {"status": status, "title": self._texts.text(lang, phrase), "sentence": sentence}
            answer = self._rendered(request, "error.html", status, notices=[], **values)
        if isinstance(problem, Unavailable):
            answer.headers["Retry-After"] = str(problem.retry_after)
        return answer

    def language(self, request: Request) -> str:
        """The language of the person, else of the browser's choice, else Chinese."""
        session = getattr(request.state, "session", None)
        if session:
            return session.person.language
        chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else LANGUAGES[0]

    def _rendered(self, request: Request, template: str, code: int, /, **values: Any) -> HTMLResponse:
        lang = self.language(request)
        session = getattr(request.state, "session", None)
        shared: dict[str, Any] = {
            "lang": lang,
            "t": lambda key, **places: self._texts.text(lang, key, **places),
            "person": session.person if session else None,
            "csrf": session.csrf if session else "",
            "sections": sections_for(session.person) if session else [],
            "path": request.url.path,
            "base": f"{HOME}/static/{self._files.version}",
            "partial": is_partial(request),
            "moment": lambda value: self._moment(value, lang),
            "day": lambda value: self._day(value, lang),
            "period": lambda start, end: self._period(start, end, lang),
        }
        shared["ui"] = self._templates.get_template("console/macros.html").make_module(shared)
        body = self._templates.get_template(f"console/{template}").render(shared, **values)
        return HTMLResponse(body, code, HEADERS)

    def _day(self, value: date, lang: str) -> str:
        return format_date(value, LOCALES[lang][2], LOCALES[lang][0])

    def _period(self, start: date | None, end: date | None, lang: str) -> str:
        """The days from `start` to the one before `end`, either of them open."""
        key = f"period.{'from' if start else 'always'}{'_until' if end else ''}"
        days = {"start": start and self._day(start, lang), "last": end and self._day(end - timedelta(days=1), lang)}
        return self._texts.text(lang, key, **days)

    def _moment(self, value: datetime, lang: str) -> str:
        """A UTC moment in the house's time zone."""
        locale, pattern, _ = LOCALES[lang]
        return format_datetime(value.replace(tzinfo=UTC), pattern, self._zone, locale)


def is_partial(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


def number_of(typed: str) -> int | None:
    """The number of a thing where it is text; None when it can be none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and int(typed[:11]) <= MOST else None


class InvalidForm(Problem):
    """A field is missing or cannot be what it must be; our own pages do not send such a form."""

    status = 422

    def __init__(self, field: str) -> None:
        super().__init__("The field {field} is missing or cannot be used.", field=field)
        self.field = field


def _as_problem(error: Exception) -> Exception:
    if isinstance(error, RequestValidationError):
        place = error.errors()[0]["loc"]
        return Refusal(404, "problem.no_page") if place[0] in ("path", "query") else InvalidForm(str(place[-1]))
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        return Refusal(status, "problem.no_page" if status == HTTPStatus.NOT_FOUND else "problem.refused")
    return error
