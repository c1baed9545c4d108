"""Reading files of any supported kind into revisions: one place that knows which reader takes which file."""

from collections.abc import Iterator
from pathlib import Path

from knowledge.documents import NewRevision
from knowledge.errors import BadInput, NotFound
from knowledge.reading.markdown import read_json_lines, read_markdown
from knowledge.reading.office import OFFICE_SUFFIXES, read_office

LARGEST = 20 * 1024 * 1024
TEXT_SUFFIXES = {".md", ".markdown", ".txt", ".jsonl"}
SUFFIXES = TEXT_SUFFIXES | OFFICE_SUFFIXES


def read_path(path: Path) -> list[NewRevision]:
    """The revisions in a file, or in all readable files below a folder, in the order of their names.

    Raises NotFound for a missing path and BadInput with one sentence for a file that cannot be used; nothing is
    kept then.
    """
    return [revision for file in _files(path) for revision in _read(file)]


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
    elif path.is_file():
        yield path
    else:
        raise NotFound(f"There is no file or folder {path}.")


def _read(path: Path) -> list[NewRevision]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"{path.name}: files of this kind cannot be read; give {', '.join(sorted(SUFFIXES))}.")
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path.name} is larger than {LARGEST // 2**20} MB; split it.")
    if suffix in OFFICE_SUFFIXES:
        return read_office(path)
    text = _text(path)
    if suffix == ".jsonl":
        return list(read_json_lines(text, path.name))
    return [read_markdown(text, path.name)]


def _text(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path.name} is not text in UTF-8 or GB18030.")
