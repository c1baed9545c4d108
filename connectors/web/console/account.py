"""My account: the own password and language."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import BadInput
from assistant.staff.people import Person, TooManyAttempts, WeakPassword, WrongPassword
from connectors.web.console.access import needs, set_session
from connectors.web.console.desk import HEADERS, Desk
from connectors.web.console.navigation import HOME
from connectors.web.console.signing_in import address_of
from connectors.web.limits import network_of
from connectors.web.pages import LANGUAGE_COOKIE

PATH = f"{HOME}/account"
YEAR_SECONDS = 365 * 24 * 3600


class PasswordsDiffer(BadInput):
    """Somebody mistyped the new password."""


def account_pages(desk: Desk) -> APIRouter:
    """/console/account."""
    router = desk.router()
    somebody = Annotated[Person, Depends(needs("viewer"))]
    staff, sessions = desk.services.staff, desk.services.staff_sessions

    @router.get("/account")
    def account(request: Request, person: somebody) -> Response:
        """Who I am here."""
        return desk.page(request, "account.html", member=staff.get(person.name), complaint="")

    @router.post("/account/password")
    def change_password(
        request: Request,
        person: somebody,
        present: Annotated[str, Form()] = "",
        new: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        """Change the own password; other browsers are signed out, this one gets a new session."""
        address = address_of(request)
        lang = desk.language(request)
        try:
            if new != again:
                raise PasswordsDiffer("The new password was not typed twice the same way.")
            staff.change_password(person.name, present, new, network_of(address))
        except (PasswordsDiffer, WrongPassword, WeakPassword, TooManyAttempts) as refusal:
            member, complaint = staff.get(person.name), desk.sentence(refusal, lang)
            return desk.page(request, "account.html", refusal.status, member=member, complaint=complaint)
        token = sessions.open(person, address)
        sessions.leave_notice(token, {"key": "account.password_changed", "tone": "good", "values": {}})
        response = Response(status_code=303, headers={"Location": PATH, **HEADERS})
        set_session(request, response, token)
        return response

    @router.post("/account/language")
    def change_language(request: Request, person: somebody, language: Annotated[str, Form()]) -> Response:
        """Speak Chinese or English with this person, and on the sign-in page of this browser."""
        staff.set_language(person.name, language)
        response = desk.go(request, PATH, "account.language_changed")
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, path="/", samesite="lax")
        return response

    return router
