"""Cutting a body into passages: by heading first, then by paragraph and sentence, never through a table row or
list item."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from knowledge.documents import TRUSTS, Provenance, Section
from knowledge.errors import BadInput
from knowledge.reading.notes import UnreadableNotes, read_notes

LONGEST = 480  # characters; long enough for a rule with its exceptions, short enough to quote
_ITEM = re.compile(r"^(?=\s*(?:[|*+-]|\d+[.)]))", re.M)  # where a table row or list item begins
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[”’」』）)]*|\.(?=\s)|\Z)", re.S)
_COMMENT = re.compile(r"\A\s*<!--(.*?)-->", re.S)
_NOTES = {"asked", "unpublished", "rumour", "source", "source_url", "source_date", "trust"}
_parser = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class _Block:
    heading: str
    text: str


def sections_of(body: str, provenance: Provenance, name: str) -> tuple[Section, ...]:
    """The passages of a Markdown body.

    A comment right under a heading may hold notes in YAML: `asked` (question forms), `unpublished`, `rumour`, and
    a source of
    its own (`source`, `source_url`, `source_date`, `trust`). Comments are never shown. `name` is used in complaints.
    """
    found: list[Section] = []
    for block in _blocks(body):
        notes, text = _notes(block, name)
        own = _provenance(notes, provenance, name)
        asked = tuple(str(form) for form in notes.get("asked") or ())
        for piece in _pieces(text):
            found.append(
                Section(block.heading, piece, own, asked, bool(notes.get("unpublished")), bool(notes.get("rumour")))
            )
    return tuple(found)


def _blocks(body: str) -> Iterator[_Block]:
    """Stretches of text between headings, each with its heading path (`一 › 二`)."""
    lines = body.split("\n")
    path: list[tuple[int, str]] = []
    start = 0
    tokens = _parser.parse(body)
    for token, inline in zip(tokens, tokens[1:], strict=False):
        if token.type != "heading_open" or token.map is None or token.level:
            continue
        yield _Block(_path(path), "\n".join(lines[start : token.map[0]]))
        depth = int(token.tag[1])
        path = [(level, title) for level, title in path if level < depth] + [(depth, inline.content.strip())]
        start = token.map[1]
    yield _Block(_path(path), "\n".join(lines[start:]))


def _path(path: list[tuple[int, str]]) -> str:
    return " › ".join(title for _, title in path)


def _notes(block: _Block, name: str) -> tuple[dict[str, Any], str]:
    match = _COMMENT.match(block.text)
    if not match:
        return {}, _without_comments(block, name)
    notes = _read(match[1], block, name)
    if notes is None:
        return {}, _without_comments(block, name)
    if not isinstance(notes.get("asked") or [], list):
        raise BadInput(f"{name}: `asked` under “{block.heading}” must be a list of questions.")
    return notes, _without_comments(block, name)


def _read(comment: str, block: _Block, name: str) -> dict[str, Any] | None:
    """The notes in a comment, or None for an ordinary one. Notes with a mistake are refused: to pass over them would
    lose what they say, such as `unpublished`."""
    try:
        notes = read_notes(comment)
    except UnreadableNotes as error:
        if re.match(rf"\s*(?:{'|'.join(_NOTES)}):", comment):
            raise BadInput(f"{name}: the notes under “{block.heading}” are not valid YAML.") from error
        return None
    if not isinstance(notes, dict) or _NOTES.isdisjoint(notes):
        return None
    for key in notes:
        if key not in _NOTES:
            raise BadInput(f"{name}: “{key}” under “{block.heading}” is none of {', '.join(sorted(_NOTES))}.")
    return notes


def _without_comments(block: _Block, name: str) -> str:
    text = re.sub(r"<!--.*?-->", "", block.text, flags=re.S).strip()
    if "<!--" in text:
        raise BadInput(f"{name}: a comment under “{block.heading}” is not closed; end it with -->.")
    return text


def _provenance(notes: dict[str, Any], inherited: Provenance, name: str) -> Provenance:
    if not {"source", "trust", "source_url", "source_date"} & set(notes):
        return inherited
    trust = str(notes.get("trust", inherited.trust))
    if trust not in TRUSTS:
        raise BadInput(f"{name}: trust must be one of {', '.join(TRUSTS)}, not “{trust}”.")
    named = "source" in notes
    return Provenance(
        str(notes.get("source", inherited.source)),
        str(notes.get("source_url") or ("" if named else inherited.url)),
        str(notes.get("source_date") or ("" if named else inherited.date)),
        trust,  # type: ignore[arg-type]  # checked above
    )


def _pieces(text: str) -> Iterator[str]:
    """Pieces of at most LONGEST characters, cut between paragraphs, else between sentences."""
    gathered = ""
    for unit in _units(text):
        if gathered and len(gathered) + len(unit) > LONGEST:
            yield gathered.strip()
            gathered = ""
        gathered += unit
    if gathered.strip():
        yield gathered.strip()


def _units(text: str) -> Iterator[str]:
    for paragraph in re.split(r"(?<=\n)(?=\s*\n)", text):
        if len(paragraph) <= LONGEST:
            yield paragraph
            continue
        for item in _ITEM.split(paragraph):
            if len(item) <= LONGEST:
                yield item
            else:
                for sentence in _SENTENCE.findall(item):
                    yield from _shorter(sentence)


def _shorter(sentence: str) -> Iterator[str]:
    """A sentence in stretches of at most LONGEST characters, cut between words where there are any."""
    while len(sentence) > LONGEST:
        end = sentence.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence
