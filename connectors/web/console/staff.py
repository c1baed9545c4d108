"""The staff page, for admins: who may sign in, as what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.staff.passwords import generated
from assistant.staff.people import ROLES, Member, NameTaken, Person, UnusableName
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, Notice, is_partial
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/staff"


def staff_pages(desk: Desk) -> APIRouter:
    """/console/staff."""
    router = desk.router()
    admin = Annotated[Person, Depends(needs("admin"))]
    field = Annotated[str, Form()]
    staff, has_provider = desk.services.staff, bool(desk.services.settings.oidc_issuer)

    @router.get("/staff")
    def everybody(request: Request, person: admin) -> Response:
        """All accounts."""
        return shown(request)

    @router.post("/staff")
    def add(
        request: Request,
        person: admin,
        name: field = "",
        role: field = "viewer",
        single_sign_on: Annotated[bool, Form()] = False,
    ) -> Response:
        """Add an account and show its generated password, once; or one without a password, for the provider."""
        password = None if single_sign_on else generated()
        try:
            member = staff.add(name.strip(), role, password, person.name)
        except (NameTaken, UnusableName) as refusal:
            complaint = desk.sentence(refusal, person.language)
            return shown(request, refusal.status, typed=name, chosen=role, complaint=complaint)
        if password is None:
            return desk.go(request, PATH, "staff.added", name=member.name)
        return shown(request, made=(member.name, password))

    @router.post("/staff/role")
    def change_role(request: Request, person: admin, name: field, role: field) -> Response:
        """Give another role; the person has to sign in again."""
        return changed(request, staff.set_role(name, role, person.name), "staff.role_changed")

    @router.post("/staff/disable")
    def disable(request: Request, person: admin, name: field) -> Response:
        """Let somebody in no more."""
        return changed(request, staff.disable(name, person.name), "staff.disabled")

    @router.post("/staff/enable")
    def enable(request: Request, person: admin, name: field) -> Response:
        """Let somebody in again."""
        return changed(request, staff.enable(name, person.name), "staff.enabled")

    @router.post("/staff/password")
    def reset(request: Request, person: admin, name: field) -> Response:
        """Replace somebody's password by a generated one, shown once."""
        password = generated()
        staff.set_password(name, password, person.name)
        return shown(request, made=(staff.get(name).name, password))

    def shown(
        request: Request,
        status: int = 200,
        typed: str = "",
        chosen: str = "editor",
        complaint: str = "",
        made: tuple[str, str] | None = None,
    ) -> Response:
        values = {"typed": typed, "chosen": chosen, "complaint": complaint, "made": made, "has_provider": has_provider}
        return desk.page(request, "staff.html", status, members=staff.all(), roles=ROLES, **values)

    def changed(request: Request, member: Member, key: str) -> Response:
        if is_partial(request):
            said = Notice(key, "good", {"name": member.name})
            return desk.part(request, "staff_row.html", said, member=member, roles=ROLES)
        return desk.go(request, PATH, key, name=member.name)

    return router
