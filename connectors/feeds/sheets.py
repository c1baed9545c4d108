"""A file as a header and numbered rows, whatever its format and encoding."""

import csv
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import polars
from openpyxl import load_workbook

from assistant.errors import BadInput

Cells = dict[str, object]
LARGEST_FILE = 512 * 1024 * 1024
# An XLSX is a zip archive: what it unpacks to decides, not its own size.
LARGEST_UNPACKED = 512 * 1024 * 1024
_DELIMITERS = (",", "\t", ";")


@dataclass
class Sheet:
    """The columns, and each row with its line: the line of a text file, the row of a table (1 is the header's in a
    sheet, the first row of a Parquet file)."""

    header: list[str]
    rows: list[tuple[int, Cells]]
    skipped: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_sheet(path: Path) -> Sheet:
    """Read CSV (also tab- or semicolon-separated), XLSX, Parquet or JSON lines, known by the name's end.

    Text may be UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030. Raises BadInput when the file is
    missing, too large, damaged, of another kind or without rows.
    """
    readers = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".xlsx": _read_xlsx,
        ".parquet": _read_parquet,
        ".jsonl": _read_json_lines,
        ".ndjson": _read_json_lines,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name} is not a CSV, XLSX, Parquet or JSONL file; save it as one of these.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{path.name} is larger than 512 MB; split it and import the parts.")
        sheet = reader(path)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or 'it is damaged'}.") from error
    repeated = sorted({name for name in sheet.header if sheet.header.count(name) > 1})
    if repeated:
        raise BadInput(f"{path.name} has the column {repeated[0]!r} twice; keep one of them.")
    return sheet


def _read_csv(path: Path) -> Sheet:
    content = _decoded(path)
    first = content.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(content, newline=""), delimiter=delimiter)
    try:
        return _from_lines(path, _numbered(reader))
    except csv.Error as error:
        raise BadInput(f"{path.name} is not a readable CSV file near line {reader.line_num}: {error}.") from error


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[object]]]:
    """Each record with the line on which it begins; a quoted cell may run over several lines."""
    line = 1
    for record in reader:
        yield line, list(record)
        line = reader.line_num + 1  # type: ignore[attr-defined]  # what csv.reader returns has no public type


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path.name} is neither UTF-8 nor GB18030 text; save it as UTF-8.")


def _from_lines(path: Path, lines: Iterable[tuple[int, list[object]]]) -> Sheet:
    filled = ((line, cells) for line, cells in lines if any(cell not in (None, "") for cell in cells))
    header_line = next(iter(filled), None)
    if header_line is None:
        raise BadInput(f"{path.name} is empty; export it again.")
    names = ["" if cell is None else str(cell).strip() for cell in header_line[1]]
    while names and not names[-1]:
        names.pop()
    sheet = Sheet([name for name in names if name], [])
    for line, cells in filled:
        if any(cell not in (None, "") for cell in cells[len(names) :]):
            sheet.skipped.append((line, f"has more cells than the {len(names)} columns of the header"))
            continue
        sheet.rows.append((line, {name: cell for name, cell in zip(names, cells, strict=False) if name}))
    return sheet


def _read_xlsx(path: Path) -> Sheet:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
                raise BadInput(f"{path.name} unpacks to more than 512 MB; split it and import the parts.")
        book = load_workbook(path, read_only=True, data_only=True)
    except BadInput:
        raise
    except Exception as error:  # openpyxl raises whatever its parsing of a damaged file runs into
        raise BadInput(f"{path.name} is not a readable XLSX file; save it again or as CSV.") from error
    try:
        sheet = _from_lines(path, enumerate((list(row) for row in book.worksheets[0].iter_rows(values_only=True)), 1))
        if len(book.worksheets) > 1:
            sheet.warnings.append(f"Only the first of {len(book.worksheets)} sheets was read.")
        return sheet
    finally:
        book.close()


def _read_parquet(path: Path) -> Sheet:
    try:
        frame = polars.read_parquet(path)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path.name} is not a readable Parquet file; export it again.") from error
    return Sheet(frame.columns, list(enumerate(frame.iter_rows(named=True), 1)))


def _read_json_lines(path: Path) -> Sheet:
    sheet = Sheet([], [])
    names: dict[str, None] = {}
    for line, written in enumerate(_decoded(path).split("\n"), 1):
        if not written.strip():
            continue
        try:
            record = json.loads(written)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            sheet.skipped.append((line, "is not a JSON object"))
            continue
        names.update(dict.fromkeys(record))
        sheet.rows.append((line, record))
    if not sheet.rows:
        raise BadInput(f"{path.name} has no line with a JSON object.")
    sheet.header = list(names)
    return sheet
