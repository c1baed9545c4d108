"""The front door of reading: files, uploads and pages of the web into revisions.

Whatever is large or in a format with a history of bombs is read in a process of its own (`isolation`); short plain
texts are read here, where the worst of them takes less than a second.
"""

from collections.abc import Iterator
from pathlib import Path

from knowledge.documents import NewRevision
from knowledge.errors import BadInput, NotFound
from knowledge.reading.fields import one_line
from knowledge.reading.formats import Upload, revisions_in
from knowledge.reading.isolation import revisions_apart
from knowledge.reading.kinds import SUFFIXES, TEXT_SUFFIXES
from knowledge.reading.limits import LARGEST, SHORT
from knowledge.reading.markdown import stem_of
from knowledge.reading.web import PUBLIC, Reach, fetch_url

__all__ = ["LARGEST", "SUFFIXES", "read_bytes", "read_path", "read_url"]


def read_path(path: Path) -> list[NewRevision]:
    """The revisions in a file, or in all readable files below a folder, in the order of their names.

    Raises NotFound for a missing path and for a folder without readable files, and BadInput with one sentence for a
    file that cannot be used; nothing is kept then.
    """
    return [revision for file in _files(path) for revision in _read(Upload(_named(file.name), _content(file)))]


def read_bytes(name: str, data: bytes) -> list[NewRevision]:
    """The revisions in an uploaded file, whose name tells its kind. Raises BadInput with one sentence."""
    return _read(Upload(_named(Path(name).name), data))


def read_url(url: str, reach: Reach = PUBLIC) -> list[NewRevision]:
    """The revisions in a page or file of the web, with its address, its host as source, and its day when it states one.

    Its slug and title come from its address and content; its trust is `third_party` whatever it says. Raises BadInput
    for an address that is not fetched or whose content cannot be read, and Unavailable when its server does not answer.
    """
    page = fetch_url(url, reach)
    return _read(Upload(page.name, page.data, page.charset, page.url, page.day))


def _read(upload: Upload) -> list[NewRevision]:
    if len(upload.data) > LARGEST:
        raise BadInput(
            "{name} is larger than {megabytes} MB; split it.",
            name=upload.name, megabytes=LARGEST // 2 ** 20,
        )
    is_cheap = upload.suffix in TEXT_SUFFIXES and len(upload.data) <= SHORT and not upload.url
    return revisions_in(upload) if is_cheap or upload.suffix not in SUFFIXES else revisions_apart(upload)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
        if not files:
            raise NotFound("There is nothing that can be read in {path}.", path=path)
        yield from files
    elif path.is_file():
        yield path
    else:
        raise NotFound("There is no file or folder {path}.", path=path)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise BadInput("{name} cannot be opened: {reason}.", name=_named(file.name), reason=error.strerror) from error


def _named(name: str) -> str:
    """A file name as complaints repeat it: in one line, without what cannot be seen, its ending kept."""
    name = one_line(name) or "The file"
    return name if len(name) <= 120 else f"{stem_of(name)[:100]}{Path(name).suffix[:10]}"
