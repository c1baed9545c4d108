"""Who may call a console route: stated in its signature, enforced before anything of the request is read."""

import hmac
from collections.abc import Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from assistant.errors import NotAllowed
from assistant.staff.people import Person, Role
from assistant.staff.sessions import LONGEST, Session, StaffSessions
from connectors.web.console.navigation import HOME
from connectors.web.problems import Refusal
from connectors.web.sessions import require_own_origin

COOKIE = "heliotrope_staff"
SIGN_IN, SIGN_OUT = f"{HOME}/sign-in", f"{HOME}/sign-out"
SAFE_METHODS = {"GET", "HEAD"}
FORMS = "application/x-www-form-urlencoded", "multipart/form-data"
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


class RoleNeeded(NotAllowed):
    """The person is signed in, but the page is for a higher role."""

    def __init__(self, role: Role, own: Role) -> None:
        super().__init__("This needs the role {role}, and yours is {own}; ask an admin.", role=role, own=own)
        self.role, self.own = role, own


class StaleForm(NotAllowed):
    """The form or request does not carry the CSRF token of this session: it is old, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("This form is out of date; go back, reload the page and send it again.")


class SignedOut(Exception):  # noqa: N818 - not an error: the visitor goes to the sign-in page
    """Nobody is signed in and the route needs somebody."""


@dataclass(frozen=True)
class Needs:
    """A dependency that gives the Person and tells ConsoleRoute who may call; None lets everybody in.

    `body_bytes` is how large a request may be.
    """

    role: Role | None
    body_bytes: int = 256 * KILOBYTE

    async def __call__(self, request: Request) -> Person | None:
        """Who calls; ConsoleRoute has checked it by now."""
        session = session_of(request)
        return session.person if session else None


def needs(role: Role, body_bytes: int = 256 * KILOBYTE) -> Needs:
    """For a signature: `person: Annotated[Person, Depends(needs("editor"))]`."""
    return Needs(role, body_bytes)


def session_of(request: Request) -> Session | None:
    """The session of a request to the console, None for a visitor who is not signed in."""
    session: Session | None = request.state.session
    return session


class ConsoleRoute(APIRoute):
    """A route of the console. Its subclass, made by `Desk.router`, knows the sessions and how to tell of a problem.

    Invariant: a route whose signature does not say who may call it cannot be made; a request that changes something
    comes from our own pages (Origin) and from this very session (CSRF token, in the header `X-CSRF-Token` or the form
    field `csrf`).
    """

    sessions: StaffSessions
    tell: Callable[[Request, Exception], Response]

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the checks; whatever it raises becomes a page."""
        handle = super().get_route_handler()
        need = self._need()

        async def guarded(plain: Request) -> Response:
            request = Request(plain.scope, _metered(plain, need.body_bytes))
            try:
                await self._admit(request, need)
                return await handle(request)
            except Exception as error:
                return await run_in_threadpool(type(self).tell, request, error)

        return guarded

    def _need(self) -> Needs:
        stated = [below.call for below in self.dependant.dependencies if isinstance(below.call, Needs)]
        if len(stated) != 1:
            raise TypeError(f"{self.path}: the signature must say with `needs` who may call this route.")
        return stated[0]

    async def _admit(self, request: Request, need: Needs) -> None:
        token = request.cookies.get(COOKIE, "")
        session = await run_in_threadpool(self.sessions.find, token) if token else None
        request.state.session = session
        if request.method not in SAFE_METHODS:
            require_own_origin(request)
        if need.role is None:
            return
        if session is None:
            raise SignedOut
        if not session.person.may(need.role):
            raise RoleNeeded(need.role, session.person.role)
        if request.method not in SAFE_METHODS:
            given = request.headers.get("x-csrf-token")
            if request.headers.get("content-type", "").startswith(FORMS):
                field = (await request.form()).get("csrf")
                given = given or (field if isinstance(field, str) else None)
            if not hmac.compare_digest((given or "").encode(), session.csrf.encode()):
                raise StaleForm


def set_session(request: Request, response: Response, token: str) -> None:
    """Give the browser the token of its new session."""
    response.set_cookie(COOKIE, token, max_age=int(LONGEST.total_seconds()), **_cookie_traits(request))


def drop_session(request: Request, response: Response) -> None:
    """Take the token away again."""
    response.delete_cookie(COOKIE, **_cookie_traits(request))


def safe_next(path: str) -> str:
    """`path` when it is a page of the console to go to after sign-in, otherwise the start page."""
    is_own = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    is_plain = path.isprintable() and "\\" not in path and "//" not in path.partition("?")[0]
    return path if is_own and is_plain and not path.startswith((SIGN_IN, SIGN_OUT)) else HOME


def page_before(request: Request) -> str:
    """The page on which the visitor is, for coming back after sign-in: of a form, the page that held it."""
    if request.method in SAFE_METHODS and "hx-request" not in request.headers:
        address = urlsplit(str(request.url))
    else:
        address = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
        if address.netloc != request.headers.get("host", ""):
            return HOME
    return safe_next(address.path + (f"?{address.query}" if address.query else ""))


def _cookie_traits(request: Request) -> dict[str, Any]:
    return {"path": HOME, "secure": request.url.scheme == "https", "httponly": True, "samesite": "lax"}


def _metered(request: Request, most: int) -> Callable[[], Coroutine[Any, Any, MutableMapping[str, Any]]]:
    """Receives the request's body up to `most` bytes, whether its length was announced or not."""
    taken = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise Refusal(413, "problem.too_large", kilobytes=most // KILOBYTE)
        return message

    return receive
