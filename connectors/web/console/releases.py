"""Releases: what is served, the candidate and what the gate says about it, publishing and the way back."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import Conflict
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.checking import Checks
from connectors.web.console.desk import Desk, Notice, Number, is_partial
from connectors.web.console.navigation import HOME
from knowledge.changes import changes
from knowledge.documents import Passage
from knowledge.gate.findings import Finding
from knowledge.releases import Release

PATH = f"{HOME}/releases"
LONGEST_NOTE = 400


def release_pages(desk: Desk) -> APIRouter:
    """/console/releases."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    text = Annotated[str, Form(max_length=LONGEST_NOTE)]
    library, releasing = desk.services.library, desk.services.releasing
    checks = Checks(releasing)

    @router.get("/releases")
    def all_releases(request: Request, person: viewer) -> Response:
        """Every release, and what the next one would take up."""
        releases, drafts = library.releases.all(), library.catalog.drafts()
        return desk.page(request, "releases.html", releases=releases, drafts=drafts, check=checks.latest)

    @router.post("/releases/check")
    async def check(request: Request, person: editor, note: text = "") -> Response:
        """Have a candidate of all drafts built and checked."""
        checks.start(note.strip(), person.name)
        return desk.go(request, PATH)

    @router.get("/releases/check")
    def progress(request: Request, person: viewer) -> Response:
        """How far the check is, for the page that waits; on to the report when it has ended."""
        check = checks.latest
        if not is_partial(request) or check is None:
            return desk.go(request, PATH)
        if check.release is not None:
            return desk.go(request, f"{PATH}/{check.release}")
        if check.error is not None:
            said = Notice("notice.problem", "bad", {"sentence": desk.sentence(check.error, person.language)})
            return desk.part(request, "release_check.html", said, check=None)
        return desk.part(request, "release_check.html", check=check)

    @router.get("/releases/{number}")
    def one(number: Number, request: Request, person: viewer) -> Response:
        """A release: what it changes, and what the gate saw in it."""
        return shown(request, number)

    @router.post("/releases/{number}/publish")
    async def publish(number: Number, request: Request, person: publisher, waiver: text = "") -> Response:
        """Serve a checked candidate, with a reason when the gate had stopped it."""
        await releasing.publish(number, person.name, waiver.strip())
        return desk.go(request, f"{PATH}/{number}", "releases.served", number=number)

    @router.post("/releases/{number}/rollback")
    async def rollback(number: Number, request: Request, person: publisher, reason: text = "") -> Response:
        """Serve an earlier release again."""
        await releasing.rollback(number, person.name, reason.strip())
        return desk.go(request, f"{PATH}/{number}", "releases.rolled_back", number=number)

    def shown(request: Request, number: int) -> Response:
        release = library.releases.find(number)
        if release.state == "candidate":
            raise Conflict("Release {number} is still being checked.", number=number)
        findings = [Finding.from_dict(kept) for kept in release.report.get("findings", ())]
        texts = {one.id: one for one in library.releases.passages(number, _concerned(findings))}
        before = library.releases.spans(release.base) if release.base else []
        golden = release.report.get("examined", {}).get("golden")
        return desk.page(
            request,
            "release.html",
            release=release,
            served=library.release,
            is_stale=_is_stale(release, library.release),
            blocking=[one for one in findings if one.blocking and one.check != "golden"],
            remarks=[one for one in findings if not one.blocking],
            texts=texts,
            marked=_marked,
            golden=golden and {**golden, "asked": sorted(golden["asked"], key=_worst_first)},
            changes=changes(before, library.releases.spans(number)),
        )

    return router


def _concerned(findings: Sequence[Finding]) -> set[int]:
    return {passage for finding in findings for passage in finding.passages}


def _is_stale(release: Release, served: int | None) -> bool:
    """Whether a candidate was put together over another release than the one that serves now."""
    return release.state in ("ready", "blocked") and release.base != served


def _worst_first(asked: dict[str, Any]) -> tuple[bool, bool]:
    """What a release breaks comes before what was broken already, and that before what is right."""
    before = asked["before"]
    return asked["after"]["passed"], not (before and before["passed"])


def _marked(passage: Passage, finding: Finding) -> tuple[str, str, str]:
    """The text of a passage before, in and after what the finding quotes of it."""
    quotes = dict(zip(finding.passages, finding.detail.get("quotes", ()), strict=False))
    quote = quotes.get(passage.id, "")
    before, found, after = passage.text.partition(quote) if quote else (passage.text, "", "")
    return before, found, after
