"""The child process that opens office files: `python -m knowledge.reading.office_worker SUFFIX`, the bytes on stdin.

Invariant: a hostile file can cost this process its life, never the serving process its memory or time.
It prints one JSON object: `{"title", "markdown"}`, `{"sheets": [[[row number, cells], …], …]}` or `{"problem"}`.
"""

import csv
import json
import os
import re
import resource
import signal
import sys
import zipfile
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from knowledge.errors import BadInput

MEMORY = 1_500 * 2**20  # bytes of address space
CPU_SECONDS, WALL_SECONDS = 40, 60
LONGEST = 2_000_000  # characters of text
UNPACKED, RATIO, ENTRIES = 200 * 2**20, 200, 2_000  # of a zip: bytes, times its packed size, files
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BINARY = (_ZIP, _OLE, b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_LOCKED = "is protected by a password; remove the password and try again"
_DAMAGED = "is damaged and cannot be read; save or download it again"
_PROBLEMS = {  # by name: most files are turned away before the libraries that raise these are loaded
    "MemoryError": "needs more memory than a conversion may take; split it into smaller files",
    "RecursionError": "is nested too deeply to be converted; save it in a simpler form",
    "PDFEncryptionError": _LOCKED,
    "PDFPasswordIncorrect": _LOCKED,
}


def main() -> None:
    """Convert what stdin holds. EX_CONFIG tells of a missing library: that is not the file's fault."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(WALL_SECONDS)  # unhandled, as it is here, it ends the process
    answer, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answer
    try:
        found = convert(sys.argv[1], sys.stdin.buffer.read())
    except ImportError:
        sys.exit(os.EX_CONFIG)
    except Exception as error:  # parsers raise hundreds of kinds at damaged files
        known = _PROBLEMS.get(type(error).__name__, _DAMAGED)
        found = {"problem": str(error) if isinstance(error, BadInput) else known}
    json.dump(found, answer)


def convert(suffix: str, data: bytes) -> dict[str, Any]:
    """What the file holds. A BadInput holds the rest of a sentence that begins with the file's name."""
    if not data:
        raise BadInput("is empty; give a file with text in it")
    if not _is_kind(suffix, data):
        raise BadInput(f"does not hold {suffix[1:].upper()}, whatever its name says; save it in that format")
    is_table = suffix in (".xlsx", ".csv")
    found: dict[str, Any] = {"sheets": _sheets(suffix, data)} if is_table else _markdown(suffix, data)
    cells = (cell for sheet in found.get("sheets", ()) for _, row in sheet for cell in row)
    if len(found.get("markdown", "")) + sum(len(cell) + 1 for cell in cells) > LONGEST:  # empty cells weigh too
        raise BadInput(f"holds more than {LONGEST:,} characters and cells; split it into smaller files")
    return found


def _is_kind(suffix: str, data: bytes) -> bool:
    """Whether the bytes are what the suffix says. A zip's directory is weighed before anything in it is unpacked."""
    if suffix == ".pdf":
        return b"%PDF-" in data[:1024]
    if suffix not in (".docx", ".xlsx"):
        return not data.startswith(_BINARY)
    if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise BadInput(_LOCKED)
    if not data.startswith(_ZIP):
        return False
    entries = zipfile.ZipFile(BytesIO(data)).infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(_LOCKED)
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > min(UNPACKED, RATIO * packed):
        raise BadInput("unpacks to far more than a document holds, so it was not opened; split it or save it again")
    return any(entry.filename.startswith("word/" if suffix == ".docx" else "xl/") for entry in entries)


def _markdown(suffix: str, data: bytes) -> dict[str, Any]:
    # markitdown loads pandas for spreadsheets when it can: seconds and 80 MB that no converter used here needs.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    import mammoth  # noqa: F401  # missing, markitdown would say so in a way that looks like a damaged file
    from bs4 import BeautifulSoup
    from markitdown import StreamInfo
    from markitdown.converters import DocxConverter, HtmlConverter, PdfConverter

    options: dict[str, Any] = {"strict": True, "table_infer_header": True}
    if suffix == ".docx":
        result = DocxConverter().convert(BytesIO(data), StreamInfo(), **options)
    elif suffix != ".pdf":  # lxml closes the <li> and <p> that a page leaves open; markitdown's own parser nests them
        result = HtmlConverter().convert_string(str(BeautifulSoup(_decoded(data), "lxml")), **options)
    elif b"%%EOF" in data[-2048:]:
        result = PdfConverter().convert(BytesIO(data), StreamInfo())
    else:
        raise BadInput("is cut off: its end is missing; download it again")
    # Of a picture only its description is text; (cid:12) in a PDF is a glyph that stands for no character.
    text = re.sub(r"!\[([^\]\n]*)\]\([^()\n]*\)|\(cid:\d+\)", r"\1", result.markdown).replace("\f", "\n\n")
    if not re.search(r"\w", text):
        raise BadInput("is blank or only pictures: no text can be read from it; run text recognition on it first")
    return {"title": (result.title or "")[:1_000], "markdown": text}


def _sheets(suffix: str, data: bytes) -> list[list[tuple[int, list[str]]]]:
    """The rows that hold anything, each with its number from 1, sheet by sheet."""
    if suffix == ".csv":
        csv.field_size_limit(LONGEST)
        try:
            sheets = [list(csv.reader(StringIO(_decoded(data), newline=""), strict=True))]
        except csv.Error as error:
            raise BadInput(f"is not valid CSV ({error}); save it again as CSV in UTF-8") from error
    else:
        import openpyxl

        worksheets = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True).worksheets
        for worksheet in worksheets:
            worksheet.reset_dimensions()  # a sheet may claim a million columns
        sheets = [[[_shown(cell) for cell in row] for row in worksheet.iter_rows()] for worksheet in worksheets]
    return [[row for row in enumerate(sheet, 1) if any(map(str.strip, row[1]))] for sheet in sheets]


def _shown(cell: Any) -> str:
    """A cell as a person sees it: 5%, 12, 2026-11-30."""
    value = cell.value
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, int | float) and "%" in cell.number_format:
        return f"{value * 100:.10g}%"
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)


def _decoded(data: bytes) -> str:
    """Text without NUL and lone surrogates, at which parsers stop or fail."""
    declared = re.search(rb"charset=[\"' ]*([\w-]+)", data[:4096])
    for encoding in ("utf-8-sig", declared[1].decode() if declared else "", "gb18030"):
        try:
            text = data.decode(encoding, "surrogatepass" if encoding == "utf-8-sig" else "strict")
            return re.sub(r"[\x00\ud800-\udfff]", "", text)
        except (UnicodeError, LookupError):
            continue
    raise BadInput("is not text in UTF-8 or GB18030; save it again in UTF-8")


if __name__ == "__main__":
    main()
