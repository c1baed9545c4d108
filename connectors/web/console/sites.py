"""The sites page, for admins: who may embed the widget, how it looks there, how much may be asked, and the keys."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import NotFound
from assistant.sites.registry import Site, SiteTaken, Theme, UnusableSite, origin_of
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/sites"
LANGUAGES = ("zh,en", "en,zh", "zh", "en")
SCHEMES = ("auto", "light", "dark")
SIDES = ("right", "left")
BLANK = Site("", "", ())
Text = Annotated[str, Form(max_length=4000)]
Number = Annotated[int, Form(ge=0)]


def site_pages(desk: Desk) -> APIRouter:
    """/console/sites."""
    router = desk.router()
    admin = Annotated[Person, Depends(needs("admin"))]
    sites, allowance = desk.services.sites, desk.services.allowance
    zone = ZoneInfo(desk.services.settings.timezone)

    @router.get("/sites")
    def everything(request: Request, person: admin) -> Response:
        """All sites, with what was asked on them today."""
        asked = allowance.asked_on(datetime.now(zone).date())
        return desk.page(request, "sites.html", sites=sites.all(), asked=asked)

    @router.get("/sites/new")
    def blank(request: Request, person: admin) -> Response:
        """The form of a site that is to be."""
        return form(request, BLANK, is_new=True)

    @router.post("/sites/new")
    def add(
        request: Request,
        person: admin,
        site: Text = "",
        name: Text = "",
        origins: Text = "",
        languages: Text = "zh,en",
        accent: Text = "",
        scheme: Text = "auto",
        side: Text = "right",
        daily: Number = 5000,
        visitor: Number = 50,
    ) -> Response:
        """Register a site."""
        wanted = written(site.strip(), name, origins, languages, accent, scheme, side, daily, visitor)
        try:
            registered = checked(wanted)
            sites.add(registered, person.name)
        except UnusableSite as refusal:
            return form(request, wanted, is_new=True, wrong=refusal.field)
        except SiteTaken:
            return form(request, wanted, is_new=True, wrong="taken")
        return desk.go(request, f"{PATH}/{registered.id}", "sites.added", name=registered.name)

    @router.get("/sites/{site}")
    def one(site: str, request: Request, person: admin) -> Response:
        """A site, with its keys."""
        return form(request, sites.get(site))

    @router.post("/sites/{site}")
    def change(
        site: str,
        request: Request,
        person: admin,
        name: Text = "",
        origins: Text = "",
        languages: Text = "zh,en",
        accent: Text = "",
        scheme: Text = "auto",
        side: Text = "right",
        daily: Number = 5000,
        visitor: Number = 50,
    ) -> Response:
        """Keep what a site is from now on."""
        wanted = written(site, name, origins, languages, accent, scheme, side, daily, visitor)
        try:
            sites.change(checked(wanted), person.name)
        except UnusableSite as refusal:
            return form(request, wanted, wrong=refusal.field)
        return desk.go(request, f"{PATH}/{site}", "sites.changed", name=wanted.name)

    @router.post("/sites/{site}/secret")
    def secret(site: str, request: Request, person: admin) -> Response:
        """Make a secret to sign identities with, and show it, once."""
        key, made = sites.new_secret(site, person.name)
        return form(request, sites.get(site), made=("sites.made_secret", key, made))

    @router.post("/sites/{site}/public-key")
    def public_key(site: str, request: Request, person: admin, pem: Text = "") -> Response:
        """Take the public half of a pair that the site made."""
        try:
            key = sites.add_public_key(site, pem, person.name)
        except UnusableSite:
            return form(request, sites.get(site), wrong="key", pem=pem)
        return desk.go(request, f"{PATH}/{site}", "sites.key_added", named=key)

    @router.post("/sites/{site}/api-key")
    def api_key(site: str, request: Request, person: admin) -> Response:
        """Make a key by which the site's server calls the API, and show it, once."""
        made = sites.new_api_key(site, person.name)
        return form(request, sites.get(site), made=("sites.made_api_key", "", made))

    @router.post("/sites/{site}/revoke")
    def revoke(site: str, request: Request, person: admin, key: Text) -> Response:
        """Let a key hold no longer."""
        sites.revoke_key(site, key, person.name)
        return desk.go(request, f"{PATH}/{site}", "sites.key_revoked", named=key)

    @router.post("/sites/{site}/close")
    def close(site: str, request: Request, person: admin) -> Response:
        """Take the widget off the site."""
        sites.close(site, person.name)
        return desk.go(request, f"{PATH}/{site}", "sites.closed_now", name=sites.get(site).name)

    @router.post("/sites/{site}/reopen")
    def reopen(site: str, request: Request, person: admin) -> Response:
        """Let the widget stand there again."""
        sites.reopen(site, person.name)
        return desk.go(request, f"{PATH}/{site}", "sites.reopened", name=sites.get(site).name)

    def form(
        request: Request,
        site: Site,
        is_new: bool = False,
        wrong: str = "",
        pem: str = "",
        made: tuple[str, str, str] | None = None,
    ) -> Response:
        if not is_new and wrong:
            _exists(site.id)
        values: dict[str, Any] = {
            "site": site,
            "is_new": is_new,
            "wrong": wrong,
            "pem": pem,
            "made": made,
            "keys": () if is_new else sites.keys(site.id),
            "language_lists": LANGUAGES,
            "schemes": SCHEMES,
            "sides": SIDES,
            "address": str(request.base_url).rstrip("/"),
        }
        return desk.page(request, "site.html", {"": 200, "taken": 409}.get(wrong, 422), **values)

    def _exists(site_id: str) -> None:
        if not any(site.id == site_id for site in sites.all()):
            raise NotFound("There is no site {site_id!r}.", site_id=site_id)

    return router


def written(
    site: str,
    name: str,
    origins: str,
    languages: str,
    accent: str,
    scheme: str,
    side: str,
    daily: int,
    visitor: int,
) -> Site:
    """The site as the form has it, unchecked."""
    theme = Theme(accent.strip(), scheme, side)  # type: ignore[arg-type]  # the registry checks them
    return Site(site, name.strip(), tuple(origins.split()), tuple(languages.split(",")), theme, daily, visitor)


def checked(site: Site) -> Site:
    """The same with its origins as browsers write them. Raises UnusableSite."""
    origins = tuple(dict.fromkeys(origin_of(one) for one in site.origins))
    return Site(site.id, site.name, origins, site.languages, site.theme, site.daily_questions, site.visitor_questions)
