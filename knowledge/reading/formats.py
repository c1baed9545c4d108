"""One file of any kind into revisions: which reader takes which file."""

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlsplit

from knowledge.documents import NewRevision
from knowledge.errors import BadInput
from knowledge.reading.encodings import decoded
from knowledge.reading.fields import one_line
from knowledge.reading.kinds import MARKDOWN, SHEETS, SUFFIXES, TEXT_SUFFIXES, Unreadable, check_kind
from knowledge.reading.markdown import (
    LONGEST_TITLE,
    first_heading,
    read_json_lines,
    read_markdown,
    revision_of,
    slug_of,
    stem_of,
)
from knowledge.reading.outline import marked_up
from knowledge.reading.passages import LONGEST_BODY
from knowledge.reading.questions import literal, questions_of

_LONGEST_TEXT = 4 * LONGEST_BODY  # bytes: no encoding takes more for a character


@dataclass(frozen=True)
class Upload:
    """A file as it came. `charset` and `url` are known of a page that was fetched, and `day` when its server told it.

    What was fetched comes from outside: it says nothing about its own source that is believed.
    """

    name: str
    data: bytes
    charset: str = ""
    url: str = ""
    day: str = ""

    @property
    def suffix(self) -> str:
        """The kind of the file, by its name."""
        return PurePath(self.name).suffix.lower()


def revisions_in(upload: Upload) -> list[NewRevision]:
    """The revisions in a file, in its order. Raises BadInput with one sentence that names the file, and whatever a
    parser raises at a damaged PDF, DOCX or XLSX."""
    if upload.suffix not in SUFFIXES:
        raise BadInput(
            "{name}: files of this kind cannot be read; give {known}.",
            name=upload.name, known=", ".join(sorted(SUFFIXES)),
        )
    try:
        check_kind(upload.suffix, upload.data)
        if upload.suffix in TEXT_SUFFIXES:
            return _texts(upload)
        return _converted(upload)
    except Unreadable as problem:
        raise BadInput("{name} {problem}.", name=upload.name, problem=problem.said) from problem


def _texts(upload: Upload) -> list[NewRevision]:
    if upload.suffix != ".jsonl" and len(upload.data) > _LONGEST_TEXT:
        raise Unreadable(
            "is longer than the {most:,} characters that one document may hold; split it", most=LONGEST_BODY
        )
    text = decoded(upload.data, upload.charset)
    if text is None:
        raise Unreadable("is not text in UTF-8 or GB18030; save it again in UTF-8")
    if upload.suffix == ".jsonl":
        return list(read_json_lines(text, upload.name))
    if upload.suffix in MARKDOWN and not upload.url:
        return [read_markdown(text, upload.name)]
    text = literal(text)
    return [_document(upload, text if upload.suffix in MARKDOWN else marked_up(text))]


def _converted(upload: Upload) -> list[NewRevision]:
    if upload.suffix in SHEETS:
        from knowledge.reading.sheets import sheets_of

        return questions_of(
            sheets_of(upload.suffix, upload.data, upload.charset), upload.name, _source(upload, upload.day)
        )
    from knowledge.reading.pages import page_of

    page = page_of(upload.suffix, upload.data, upload.charset)
    return [_document(upload, literal(page.markdown), page.title, page.published)]


def _document(upload: Upload, body: str, title: str = "", published: str = "") -> NewRevision:
    if not body.strip():
        raise Unreadable("is empty; give a file with text in it")
    titles = (one_line(title.replace("**", "")), first_heading(body), one_line(stem_of(upload.name)))
    fields = {"slug": slug_of(upload.name), "title": next(filter(None, titles))[:LONGEST_TITLE], "body": body}
    return revision_of({**_source(upload, published or upload.day), **fields}, upload.name)


def _source(upload: Upload, day: str) -> dict[str, str]:
    """What is known of where the file came from."""
    if not upload.url:
        return {"source_date": day} if day else {}
    return {"source": urlsplit(upload.url).hostname or "", "source_url": upload.url, "source_date": day}
