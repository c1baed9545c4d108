"""Markdown with YAML front matter, and JSON Lines with one document a line."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.documents import KINDS, LANGUAGES, NewRevision, Provenance
from knowledge.errors import BadInput, Said
from knowledge.folding import HAN, clean
from knowledge.reading.fields import SOURCE_FIELDS, choice_in, day_in, one_line, provenance_in, shown, text_in
from knowledge.reading.notes import UnreadableNotes, plain, read_notes
from knowledge.reading.passages import sections_of

LONGEST_TITLE = 300  # characters
LONGEST_ATTRIBUTES = 20_000  # characters of JSON: what a document may hold in fields of its author's own
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.S)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+)$", re.M)
_SLUG = re.compile(rf"[a-z0-9{HAN}][a-z0-9{HAN}._-]{{0,119}}")
_OWN = {"slug", "lang", "kind", "title", "body", "tier", "category", "effective_from", "expires_on", *SOURCE_FIELDS}


def read_markdown(text: str, name: str) -> NewRevision:
    """One revision from Markdown. Without front matter the first heading is the title and `name` gives the slug."""
    text = clean(text)
    match = _FRONT.match(text)
    if not match:
        return revision_of({"slug": slug_of(name), "title": first_heading(text) or stem_of(name), "body": text}, name)
    try:
        front = read_notes(match[1])
    except UnreadableNotes as error:
        place = "" if error.line is None else Said(" near line {number}", number=error.line + 2)
        raise BadInput(
            "{name}: the front matter {reason}{place}; mend it.",
            name=name, reason=error.said, place=place,
        ) from error
    if not isinstance(front, dict):
        raise BadInput("{name}: the front matter must be a list of `key: value` lines.", name=name)
    return revision_of({**front, "body": match[2]}, name)


def read_json_lines(text: str, name: str | Said) -> Iterator[NewRevision]:
    """One revision a line: `{"slug","kind","title","body",…}`. A bad line is named in the complaint, as is one whose
    document and day an earlier line has."""
    taken: set[tuple[str, object]] = set()
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: JSON texts may hold its other separators
        if not line.strip():
            continue
        place = Said("{name}, line {number}", name=name, number=number)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput("{place}: this is not JSON; mend it and give the file again.", place=place) from error
        if not isinstance(row, dict):
            raise BadInput("{place}: each line must be one JSON object.", place=place)
        new = revision_of(row, place)
        if (new.slug, new.effective_from) in taken:
            raise BadInput(
                "{place}: slug “{slug}” is taken by an earlier line; give each document its own.",
                place=place, slug=new.slug,
            )
        taken.add((new.slug, new.effective_from))
        yield new


def revision_of(fields: Mapping[str, Any], name: str | Said) -> NewRevision:
    """A checked revision from the fields of front matter, JSON or a form.

    `title` and `body` are needed; `slug` comes from `name` when it is missing, and `lang` from the body. Raises
    BadInput that names the file and the field.
    """
    title = text_in(fields, "title", LONGEST_TITLE, name)
    body = clean(str(fields.get("body") or "")).strip()
    slug = str(fields.get("slug") or slug_of(str(name))).strip().lower()
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            "{name}: slug “{slug}” may hold lower-case letters, digits, Han characters, . and -.",
            name=name, slug=shown(slug),
        )
    if not title or not body:
        raise BadInput("{name}: title and body are both needed.", name=name)
    provenance = provenance_in(fields, Provenance(""), name)
    return NewRevision(
        slug=slug,
        lang=choice_in(fields, "lang", LANGUAGES, language_of(body), name),  # type: ignore[arg-type]
        kind=choice_in(fields, "kind", KINDS, "guide", name),  # type: ignore[arg-type]
        title=title,
        body=body,
        provenance=provenance,
        sections=sections_of(body, provenance, name),
        effective_from=day_in(fields, "effective_from", name),
        expires_on=day_in(fields, "expires_on", name),
        tier=text_in(fields, "tier", 20, name),
        category=text_in(fields, "category", 40, name),
        attributes=_attributes(fields, name),
    )


def _attributes(fields: Mapping[str, Any], name: str | Said) -> dict[str, Any]:
    try:
        found: dict[str, Any] = plain({str(key): value for key, value in fields.items() if key not in _OWN})
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput("{name}: a field holds a value that cannot be kept.", name=name) from error
    if found and len(json.dumps(found, ensure_ascii=False)) > LONGEST_ATTRIBUTES:
        raise BadInput(
            "{name}: its other fields may hold {longest_attributes:,} characters; move text to the body.",
            name=name, longest_attributes=LONGEST_ATTRIBUTES,
        )
    return found


def slug_of(name: str) -> str:
    """A slug from a file name."""
    return re.sub(rf"[^a-z0-9{HAN}]+", "-", stem_of(name).lower()).strip("-")[:120] or "document"


def stem_of(name: str) -> str:
    """A file name without its folders and its ending."""
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,8}$", "", name.rsplit("/", 1)[-1])


def language_of(text: str) -> str:
    """`zh` when Han characters are a noticeable share of the text, else `en`."""
    han = len(re.findall(f"[{HAN}]", text[:4000]))
    return "zh" if han * 8 >= len(text[:4000].strip()) else "en"


def first_heading(text: str) -> str:
    """The words of the first Markdown heading that has any, as a title may hold them; else nothing."""
    match = _HEADING.search(text)
    return one_line(match[1].replace("**", ""))[:LONGEST_TITLE] if match else ""
