"""Campaigns: written by one person, approved by another, sent to an audience, and what came of them."""

from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from starlette.datastructures import FormData

from assistant.errors import BadInput
from assistant.programs.audience import STAGE_NAMES, TIER_NAMES, AudienceRule
from assistant.programs.campaigns.campaign import (
    FIELDS,
    LANGUAGES,
    VARIANTS,
    Campaign,
    Content,
    NoSuchCampaign,
    Texts,
    Wording,
)
from assistant.programs.campaigns.images import MOST_BYTES
from assistant.programs.notices.outbox import LONGEST_BODY, LONGEST_TITLE
from assistant.staff.people import Person
from connectors.web.console.access import MEGABYTE, needs
from connectors.web.console.desk import Desk, Number, PageNumber, SentNumber, number_of
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/campaigns"
PAGE = 30
SEPARATORS = str.maketrans("，、；;\n", ",,,,,")


def campaign_pages(desk: Desk) -> APIRouter:
    """/console/campaigns."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    campaigns, zone = desk.services.campaigns, ZoneInfo(desk.services.settings.timezone)

    @router.get("/campaigns")
    def listed(request: Request, person: viewer, page: PageNumber = 1) -> Response:
        """All campaigns, newest first."""
        number = max(page, 1)
        return desk.page(request, "campaigns.html", campaigns=campaigns.all(number, PAGE), number=number, size=PAGE)

    @router.get("/campaigns/new")
    def new(request: Request, person: editor) -> Response:
        """An empty draft."""
        return form(request, None, {})

    @router.get("/campaigns/{campaign}")
    def one(campaign: Number, request: Request, person: viewer) -> Response:
        """A campaign: what it says to whom, what is to be done next, and what came of it."""
        found = campaigns.find(campaign)
        counts, comparison = campaigns.results(campaign)
        return desk.page(
            request,
            "campaign.html",
            campaign=found,
            preview=campaigns.preview(found.content, campaign),
            counts=counts,
            comparison=comparison,
            entries=desk.services.library.trail.entries(area="campaign", subject=str(campaign)),
            local=lambda moment: moment.replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
            now=_now(),
        )

    @router.get("/campaigns/{campaign}/edit")
    def edit(campaign: Number, request: Request, person: editor) -> Response:
        """Change what it says."""
        found = campaigns.find(campaign)
        return form(request, found, _fields_of(found))

    @router.post("/campaigns/save")
    def save(request: Request, person: editor, written: Annotated[FormData, Depends(_form)]) -> Response:
        """Keep a draft; with `preview` only show who would get what."""
        values: dict[str, Any] = {name: value for name, value in written.items() if isinstance(value, str)}
        values |= {name: [one for one in written.getlist(name) if isinstance(one, str)] for name in ("tiers", "stages")}
        given = values.get("campaign", "")
        number = number_of(given)
        if given and number is None:
            raise NoSuchCampaign
        found = campaigns.find(number) if number is not None else None
        try:
            content = _content(values)
            if "preview" in values:
                return form(request, found, values, shown=campaigns.preview(content.checked(), number or 0))
            done = campaigns.save(content, person.name, number)
        except BadInput as problem:
            return form(request, found, values, complaint=desk.sentence(problem, person.language), status=422)
        return desk.go(request, f"{PATH}/{done.id}", "campaigns.saved")

    def form(
        request: Request,
        campaign: Campaign | None,
        values: dict[str, Any],
        complaint: str = "",
        status: int = 200,
        shown: object = None,
    ) -> Response:
        return desk.page(
            request,
            "campaign_edit.html",
            status,
            campaign=campaign,
            values=values,
            complaint=complaint,
            preview=shown,
            tiers=TIER_NAMES,
            stages=STAGE_NAMES,
            variants=VARIANTS,
            languages=LANGUAGES,
            fields=FIELDS,
            longest_title=LONGEST_TITLE,
            longest_body=LONGEST_BODY,
        )

    @router.post("/campaigns/pictures")
    def picture(
        request: Request,
        person: Annotated[Person, Depends(needs("editor", body_bytes=6 * MEGABYTE))],
        picture: Annotated[UploadFile, File()],
        campaign: SentNumber,
    ) -> Response:
        """Put a picture to a campaign, which makes it a draft again."""
        found = campaigns.find(campaign)
        taken = campaigns.pictures.add(picture.file.read(MOST_BYTES + 1), person.name)
        content = found.content
        new = Content(content.name, content.audience, content.texts, content.link, taken.hash, content.program)
        campaigns.save(new, person.name, campaign)
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.picture_taken")

    @router.get("/campaigns/pictures/{name}")
    def shown_picture(name: str, person: viewer) -> Response:
        """A picture as it goes out."""
        data, media_type = campaigns.pictures.read(name)
        return Response(data, media_type=media_type, headers={"Cache-Control": "private, max-age=86400"})

    @router.post("/campaigns/{campaign}/approve")
    def approve(campaign: Number, request: Request, person: publisher, seen: Annotated[str, Form()]) -> Response:
        """Agree to what is shown."""
        campaigns.approve(campaign, person.name, _moment(seen))
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.approved_done")

    @router.post("/campaigns/{campaign}/schedule")
    def schedule(
        campaign: Number, request: Request, person: publisher, starts_at: Annotated[str, Form()] = ""
    ) -> Response:
        """Send it at a local moment, or now."""
        local = _moment(starts_at).replace(tzinfo=zone) if starts_at else datetime.now(zone)
        campaigns.schedule(campaign, person.name, local.astimezone(UTC).replace(tzinfo=None))
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.scheduled_done")

    @router.post("/campaigns/{campaign}/test")
    def test(
        campaign: Number, request: Request, person: editor, creator: Annotated[str, Form(max_length=64)]
    ) -> Response:
        """Send it to one creator."""
        campaigns.test_send(campaign, creator.strip(), person.name)
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.tested", creator=creator.strip())

    @router.post("/campaigns/{campaign}/pause")
    def pause(campaign: Number, request: Request, person: publisher) -> Response:
        """Send no more for now."""
        campaigns.pause(campaign, person.name)
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.paused_done")

    @router.post("/campaigns/{campaign}/resume")
    def resume(campaign: Number, request: Request, person: publisher) -> Response:
        """Go on."""
        campaigns.resume(campaign, person.name)
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.resumed_done")

    @router.post("/campaigns/{campaign}/cancel")
    def cancel(
        campaign: Number, request: Request, person: publisher, reason: Annotated[str, Form(max_length=400)] = ""
    ) -> Response:
        """Send nothing more, ever."""
        campaigns.cancel(campaign, person.name, reason.strip())
        return desk.go(request, f"{PATH}/{campaign}", "campaigns.cancelled_done")

    return router


def _content(values: dict[str, Any]) -> Content:
    joined = values.get("joined_within_days", "").strip()
    if joined and not joined.isdecimal():
        raise BadInput("Joined within: a whole number of days.")
    rule = {
        "tiers": values["tiers"],
        "stages": values["stages"],
        "categories": _names(values.get("categories", "")),
        "regions": _names(values.get("regions", "")),
        "joined_within_days": int(joined) if joined else None,
    }
    texts: Texts = {}
    for variant in VARIANTS:
        written = {
            lang: Wording(values.get(f"title_{variant}_{lang}", "").strip(), values.get(f"body_{variant}_{lang}", ""))
            for lang in LANGUAGES
        }
        given = {lang: one for lang, one in written.items() if one.title or one.body.strip()}
        if given:
            texts[variant] = given
    named = {name: values.get(name, "").strip() for name in ("name", "link", "image", "program")}
    return Content(named["name"], AudienceRule.of(rule), texts, named["link"], named["image"], named["program"])


def _fields_of(campaign: Campaign) -> dict[str, Any]:
    content, rule = campaign.content, campaign.content.audience
    values: dict[str, Any] = {
        "name": content.name, "link": content.link, "image": content.image, "program": content.program,
        "tiers": rule.tiers, "stages": rule.stages, "categories": "，".join(rule.categories),
        "regions": "，".join(rule.regions), "joined_within_days": str(rule.joined_within_days or ""),
    }  # fmt: skip
    for variant, texts in content.texts.items():
        for lang, one in texts.items():
            values |= {f"title_{variant}_{lang}": one.title, f"body_{variant}_{lang}": one.body}
    return values


def _names(written: str) -> list[str]:
    return [name.strip() for name in written.translate(SEPARATORS).split(",") if name.strip()]


async def _form(request: Request) -> FormData:
    return await request.form()


def _moment(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise BadInput("This is no day and time.") from error


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
