"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from assistant.errors import Problem, Unavailable
from assistant.staff.people import Person, SignInRefused, TooManyAttempts
from connectors.web.console.access import (
    COOKIE,
    SIGN_IN,
    Needs,
    drop_session,
    needs,
    safe_next,
    session_of,
    set_session,
)
from connectors.web.console.desk import HEADERS, Desk
from connectors.web.limits import network_of

anybody = Annotated[None, Depends(Needs(None))]


def sign_in_pages(desk: Desk) -> APIRouter:
    """/console/sign-in and /console/sign-out."""
    router = desk.router()
    staff, sessions = desk.services.staff, desk.services.staff_sessions

    @router.get("/sign-in")
    def form(request: Request, visitor: anybody, next: str = "", signed_out: bool = False) -> Response:  # noqa: A002
        """Name and password; who is signed in already goes on."""
        if session_of(request):
            return RedirectResponse(safe_next(next), 303, HEADERS)
        return signing_in_form(desk, request, next, said="sign_in.signed_out" if signed_out else "")

    @router.post("/sign-in")
    def sign_in(
        request: Request,
        visitor: anybody,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "",  # noqa: A002
    ) -> Response:
        """Open a session and go where the visitor was going; or the form again, with a sentence."""
        try:
            person = staff.authenticate(name.strip(), password, network_of(address_of(request)))
        except (SignInRefused, TooManyAttempts) as refusal:
            return signing_in_form(desk, request, next, name, refusal)
        return signed_in(desk, request, person, next, "password")

    @router.post("/sign-out")
    def sign_out(request: Request, person: Annotated[Person, Depends(needs("viewer"))]) -> Response:
        """End this browser's session."""
        sessions.close(request.cookies[COOKIE])
        response = RedirectResponse(f"{SIGN_IN}?signed_out=true", 303, HEADERS)
        drop_session(request, response)
        return response

    return router


def signing_in_form(
    desk: Desk, request: Request, onward: str, name: str = "", refusal: Problem | None = None, said: str = ""
) -> Response:
    """The form, with what went wrong before, or with a text `said` of the catalogue."""
    response = desk.page(
        request,
        "sign_in.html",
        refusal.status if refusal else 200,
        next=safe_next(onward),
        name=name,
        complaint=desk.sentence(refusal, desk.language(request)) if refusal else "",
        said=said,
        is_new=desk.services.staff.is_empty(),
        has_provider=bool(desk.services.settings.oidc_issuer),
    )
    if isinstance(refusal, Unavailable):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def signed_in(desk: Desk, request: Request, person: Person, onward: str, how: str) -> Response:
    """On to where the visitor was going, with a new session; the browser's earlier one ends."""
    sessions, earlier = desk.services.staff_sessions, session_of(request)
    if earlier:
        sessions.close(earlier.token)
    response = RedirectResponse(safe_next(onward), 303, HEADERS)
    set_session(request, response, sessions.open(person, address_of(request), how))
    return response


def address_of(request: Request) -> str:
    """Where the visitor comes from."""
    return request.client.host if request.client else ""
