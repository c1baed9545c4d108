"""The audit trail: who changed what, when and why, to be looked through and taken along."""

import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import AskedNumber, Desk, is_partial
from connectors.web.console.navigation import HOME
from knowledge.audit import Entry

PATH = f"{HOME}/audit"
PAGE = 50
AREAS = (
    "document", "release", "golden", "gap", "synonyms", "metrics", "feed", "mapping", "campaign", "case", "ticket",
    "program", "task", "reward", "star", "leaderboards", "creator", "site", "staff",
)  # fmt: skip
# What of an entry's detail is told in words (`audit.key.KEY`); the exports hold the rest.
TOLD = ("revision", "title", "effective_from", "expires_on", "before", "after", "role", "state", "note", "question")
COLUMNS = ("at", "actor", "action", "subject", "reason", "detail")
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def audit_pages(desk: Desk) -> APIRouter:
    """/console/audit."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    trail = desk.services.library.trail

    @router.get("/audit")
    def entries(
        request: Request, person: viewer, text: str = "", area: str = "", before: AskedNumber | None = None
    ) -> Response:
        """A page of entries, newest first."""
        chosen = area if area in AREAS else ""
        found = trail.entries(text.strip(), chosen, PAGE + 1, before)
        values: dict[str, Any] = {
            "entries": found[:PAGE],
            "has_more": len(found) > PAGE,
            "text": text,
            "area": chosen,
            "areas": AREAS,
            "told": TOLD,
            "action": partial(_action, desk, person.language),
        }
        if is_partial(request):
            return desk.part(request, "audit_entries.html", **values)
        return desk.page(request, "audit.html", 200, **values)

    @router.get("/audit/entries.csv")
    def as_csv(person: viewer) -> Response:
        """Every entry for a spreadsheet, oldest first."""
        return _download(_csv_lines(trail.everything()), "text/csv; charset=utf-8", "audit.csv")

    @router.get("/audit/entries.jsonl")
    def as_json_lines(person: viewer) -> Response:
        """Every entry as JSON, one a line, oldest first."""
        lines = (json.dumps(entry.as_dict(), ensure_ascii=False) + "\n" for entry in trail.everything())
        return _download(lines, "application/jsonl; charset=utf-8", "audit.jsonl")

    return router


def _action(desk: Desk, lang: str, action: str) -> str:
    """An action in words; as it is written where it has none, for another version may have written it."""
    key = f"action.{action}"
    return desk.text(lang, key) if desk.has_text(lang, key) else action


def _csv_lines(entries: Iterator[Entry]) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)  # spreadsheets take a file without this mark for one in their own encoding
    for entry in entries:
        kept = entry.as_dict()
        yield _line([_harmless(_text(kept[name])) for name in COLUMNS])


def _line(cells: list[str] | tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def _download(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=media_type, headers=headers)
