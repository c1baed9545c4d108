"""Cutting a body into passages: by heading first, then by paragraph and sentence, never through a table row or
list item.

Invariant: the time it takes grows with the length of the body, whatever the body holds: every step reads the text once,
and what one document may hold is bounded. A body of usual texts takes about 2 ms for each thousand characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from knowledge.documents import Provenance, Section
from knowledge.errors import BadInput, Said
from knowledge.folding import clean
from knowledge.reading.fields import SOURCE_FIELDS, provenance_in
from knowledge.reading.notes import UnreadableNotes, read_notes

LONGEST = 480  # characters; long enough for a rule with its exceptions, short enough to quote
LONGEST_BODY, MOST_LINES, MOST_PASSAGES = 300_000, 20_000, 2_000  # of one document: a book of six hundred pages
LONGEST_HEADING = 300  # characters of a heading path, as the passages' table keeps it
_PARAGRAPH = re.compile(r"(?<=\n)(?=[^\S\n]*\n)")  # before each blank line
_ITEM = re.compile(r"^(?=[^\S\n]*(?:[|*+-]|\d+[.)]))", re.M)  # where a table row or list item begins
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[”’」』）)]*|\.(?=\s)|\Z)", re.S)
_NOTES = {"asked", "unpublished", "rumour", *SOURCE_FIELDS}
_parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])  # blocks are all that is asked


@dataclass(frozen=True)
class _Block:
    heading: str
    text: str

    @property
    def place(self) -> Said:
        """Where a complaint says that it stands."""
        return Said("under “{heading}”", heading=self.heading) if self.heading else Said("at the beginning")


def preview(body: str, provenance: Provenance = Provenance("")) -> tuple[Section, ...]:
    """The passages that a body would be cut into, for an editor to show while it is written.

    Raises BadInput as handing in the body would: for notes with a mistake, and for a body that is too long.
    """
    return sections_of(clean(body).strip(), provenance, Said("The text"))


def sections_of(body: str, provenance: Provenance, name: str | Said) -> tuple[Section, ...]:
    """The passages of a Markdown body.

    A comment right under a heading may hold notes in YAML: `asked` (question forms), `unpublished`, `rumour`, and
    a source of its own (`source`, `source_url`, `source_date`, `trust`). Comments are never shown. `name` is used in
    complaints. Raises BadInput for notes with a mistake, and for a body beyond what one document may hold.
    """
    if len(body) > LONGEST_BODY or body.count("\n") >= MOST_LINES:
        raise BadInput(
            "{name}: one document may hold {longest_body:,} characters in {most_lines:,} lines; split it into several.",
            name=name, longest_body=LONGEST_BODY, most_lines=MOST_LINES,
        )
    found: list[Section] = []
    for block in _blocks(body):
        notes, text = _notes(block, name)
        own = provenance_in(notes, provenance, name)
        asked = tuple(str(form) for form in notes.get("asked") or ())
        for piece in _pieces(text):
            found.append(
                Section(block.heading, piece, own, asked, bool(notes.get("unpublished")), bool(notes.get("rumour")))
            )
        if len(found) > MOST_PASSAGES:
            raise BadInput(
                "{name}: one document may hold {most_passages:,} passages; split it into several.",
                name=name, most_passages=MOST_PASSAGES,
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
        title = inline.content.strip()[:LONGEST_HEADING]
        path = [(level, above) for level, above in path if level < depth] + [(depth, title)]
        start = token.map[1]
    yield _Block(_path(path), "\n".join(lines[start:]))


def _path(path: list[tuple[int, str]]) -> str:
    return " › ".join(title for _, title in path)[:LONGEST_HEADING]


def _notes(block: _Block, name: str | Said) -> tuple[dict[str, Any], str]:
    text = _without_comments(block, name)
    opened = block.text.lstrip()
    if not opened.startswith("<!--"):
        return {}, text
    notes = _read(opened[4 : opened.index("-->", 4)], block, name) or {}
    if not isinstance(notes.get("asked") or [], list):
        raise BadInput("{name}: `asked` {place} must be a list of questions.", name=name, place=block.place)
    return notes, text


def _read(comment: str, block: _Block, name: str | Said) -> dict[str, Any] | None:
    """The notes in a comment, or None for an ordinary one. Notes with a mistake are refused: to pass over them would
    lose what they say, such as `unpublished`."""
    try:
        notes = read_notes(comment)
    except UnreadableNotes as error:
        if re.match(rf"\s*(?:{'|'.join(_NOTES)}):", comment):
            raise BadInput(
                "{name}: the comment {place} {reason}; mend it.",
                name=name, place=block.place, reason=error.said,
            ) from error
        return None
    if not isinstance(notes, dict) or _NOTES.isdisjoint(notes):
        return None
    for key in notes:
        if key not in _NOTES:
            raise BadInput(
                "{name}: “{key}” {place} is none of {known}.",
                name=name, key=key, place=block.place, known=", ".join(sorted(_NOTES)),
            )
    return notes


def _without_comments(block: _Block, name: str | Said) -> str:
    kept, at = [], 0
    while (start := block.text.find("<!--", at)) >= 0:
        end = block.text.find("-->", start + 4)
        if end < 0:
            raise BadInput("{name}: a comment {place} is not closed; end it with -->.", name=name, place=block.place)
        kept.append(block.text[at:start])
        at = end + 3
    return "".join((*kept, block.text[at:])).replace("<!--", "&lt;!--").strip()  # one put together by the cuts


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
    for paragraph in _PARAGRAPH.split(text):
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
    start = 0
    while len(sentence) - start > LONGEST:
        end = sentence.rfind(" ", start + 1, start + LONGEST) + 1 or start + LONGEST
        yield sentence[start:end]
        start = end
    yield sentence[start:]
