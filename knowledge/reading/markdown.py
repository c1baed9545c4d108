"""Markdown with YAML front matter, plain text, and JSON Lines with one document a line."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from knowledge.documents import KINDS, LANGUAGES, TRUSTS, NewRevision, Provenance
from knowledge.errors import BadInput
from knowledge.folding import HAN, clean
from knowledge.reading.notes import UnreadableNotes, plain, read_notes
from knowledge.reading.passages import sections_of

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.S)
_SLUG = re.compile(rf"[a-z0-9{HAN}][a-z0-9{HAN}._-]{{0,119}}")
_OWN = {
    "slug",
    "lang",
    "kind",
    "title",
    "body",
    "source",
    "source_url",
    "source_date",
    "trust",
    "tier",
    "category",
    "effective_from",
    "expires_on",
}


def read_markdown(text: str, name: str) -> NewRevision:
    """One revision from Markdown. Without front matter the first heading is the title and `name` gives the slug."""
    match = _FRONT.match(clean(text))
    if not match:
        return revision_of({"slug": slug_of(name), "title": _first_heading(text) or name, "body": text}, name)
    try:
        front = read_notes(match[1])
    except UnreadableNotes as error:
        raise BadInput(f"{name}: the front matter is not valid YAML near line {error.line + 2}.") from error
    if not isinstance(front, dict):
        raise BadInput(f"{name}: the front matter must be a list of `key: value` lines.")
    return revision_of({**front, "body": match[2]}, name)


def read_json_lines(text: str, name: str) -> Iterator[NewRevision]:
    """One revision a line: `{"slug","kind","title","body",…}`. A bad line is named in the complaint."""
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: JSON texts may hold its other separators
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{name}, line {number}: this is not JSON.") from error
        if not isinstance(row, dict):
            raise BadInput(f"{name}, line {number}: each line must be one JSON object.")
        yield revision_of(row, f"{name}, line {number}")


def revision_of(fields: Mapping[str, Any], name: str) -> NewRevision:
    """A checked revision from the fields of front matter or JSON. Raises BadInput that names the file and the field."""
    title = clean(str(fields.get("title") or "")).strip()
    body = clean(str(fields.get("body") or "")).strip()
    slug = str(fields.get("slug") or slug_of(name)).strip().lower()
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            f"{name}: slug “{slug[:60]}” may hold lower-case letters, digits, Han characters, dots and hyphens."
        )
    if not title or not body:
        raise BadInput(f"{name}: title and body are both needed.")
    lang = str(fields.get("lang") or language_of(body))
    provenance = Provenance(
        clean(str(fields.get("source") or "")).strip(),
        str(fields.get("source_url") or "").strip(),
        str(fields.get("source_date") or "").strip(),
        _one_of(fields.get("trust") or "third_party", TRUSTS, "trust", name),  # type: ignore[arg-type]
    )
    if provenance.url and not re.match(r"https?://", provenance.url):
        raise BadInput(f"{name}: source_url must begin with http:// or https://.")
    return NewRevision(
        slug=slug,
        lang=_one_of(lang, LANGUAGES, "lang", name),  # type: ignore[arg-type]
        kind=_one_of(fields.get("kind") or "guide", KINDS, "kind", name),  # type: ignore[arg-type]
        title=title[:300],
        body=body,
        provenance=provenance,
        sections=sections_of(body, provenance, name),
        effective_from=_day(fields.get("effective_from"), "effective_from", name),
        expires_on=_day(fields.get("expires_on"), "expires_on", name),
        tier=str(fields.get("tier") or ""),
        category=str(fields.get("category") or ""),
        attributes=_attributes(fields, name),
    )


def _attributes(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    try:
        return {str(key): plain(value) for key, value in fields.items() if key not in _OWN}
    except (ValueError, TypeError) as error:
        raise BadInput(f"{name}: a field holds a value that cannot be kept.") from error


def slug_of(name: str) -> str:
    """A slug from a file name."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name.rsplit("/", 1)[-1]).lower()
    return re.sub(rf"[^a-z0-9{HAN}]+", "-", stem).strip("-")[:120] or "document"


def language_of(text: str) -> str:
    """`zh` when Han characters are a noticeable share of the text, else `en`."""
    han = len(re.findall(f"[{HAN}]", text[:4000]))
    return "zh" if han * 8 >= len(text[:4000].strip()) else "en"


def _first_heading(text: str) -> str:
    match = re.search(r"^#+\s+(.+)$", text, re.M)
    return match[1].strip() if match else ""


def _one_of(value: object, allowed: tuple[str, ...], field: str, name: str) -> str:
    if str(value) not in allowed:
        raise BadInput(f"{name}: {field} must be one of {', '.join(allowed)}, not “{value}”.")
    return str(value)


def _day(value: object, field: str, name: str) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BadInput(f"{name}: {field} must be a day such as 2026-11-30, not “{value}”.") from error
