"""Which kinds of files are read, and whether bytes are of the kind that a file's name claims."""

import zipfile
from io import BytesIO

from knowledge.errors import Said, Spoken

MARKDOWN = frozenset({".md", ".markdown"})
HTML = frozenset({".html", ".htm"})
SHEETS = frozenset({".xlsx", ".csv"})
TEXT_SUFFIXES = MARKDOWN | {".txt", ".jsonl"}
SUFFIXES = TEXT_SUFFIXES | HTML | SHEETS | {".pdf", ".docx"}
UNPACKED, RATIO, ENTRIES = 200 * 2**20, 200, 2_000  # of a zip: bytes, times its packed size, files
LOCKED = Said("is protected by a password; remove the password and try again")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BINARY = (_ZIP, _OLE, b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Spoken):
    """A file cannot be read; the message is the rest of a sentence that begins with the file's name."""


def check_kind(suffix: str, data: bytes) -> None:
    """Raises Unreadable for an empty file, and for bytes that are not what the suffix says."""
    if not data.strip():
        raise Unreadable("is empty; give a file with text in it")
    if not _is_kind(suffix, data):
        named = suffix[1:].upper()
        raise Unreadable("does not hold {kind}, whatever its name says; save it in that format", kind=named)
    if suffix in TEXT_SUFFIXES | {".csv"} and b"\0" in data and not data.startswith(_UTF16):
        raise Unreadable("holds NUL bytes, so it is not text; save it again as text in UTF-8")


def _is_kind(suffix: str, data: bytes) -> bool:
    """Whether the bytes are what the suffix says. A zip's directory is weighed before anything in it is unpacked."""
    if suffix == ".pdf":
        return b"%PDF-" in data[:1024]
    if suffix not in (".docx", ".xlsx"):
        return not data.startswith(_BINARY)
    if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable(LOCKED)
    if not data.startswith(_ZIP):
        return False
    entries = zipfile.ZipFile(BytesIO(data)).infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(LOCKED)
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > min(UNPACKED, RATIO * packed):
        raise Unreadable("unpacks to far more than a document holds, so it was not opened; split it or save it again")
    return any(entry.filename.startswith("word/" if suffix == ".docx" else "xl/") for entry in entries)
