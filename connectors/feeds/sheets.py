"""A file as tables with a header and numbered rows, whatever its format and encoding."""

import csv
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import polars
import pyarrow.parquet

from assistant.errors import BadInput
from connectors.feeds import cells
from connectors.feeds.columns import repeated
from connectors.feeds.encodings import decoded

Cells = dict[str, object]
LARGEST_FILE = 512 * 1024 * 1024
# What an archive or a compressed table says that it unpacks to decides, not its own size.
LARGEST_UNPACKED = 512 * 1024 * 1024
MOST_ROWS = 2_000_000
DELIMITERS = (",", "\t", ";")
# A header stands below at most so many lines of title.
_TITLE_LINES = 10
_Lines = list[tuple[int, list[object]]]


@dataclass
class Sheet:
    """The columns, and each row with its line: the line of a text file, the row of a table (1 is the header's in a
    sheet, the first row of a Parquet file)."""

    header: list[str]
    rows: list[tuple[int, Cells]]
    skipped: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_sheets(path: Path, is_header: Callable[[list[str]], bool] = lambda names: False) -> list[Sheet]:
    """Read CSV (also tab- or semicolon-separated), XLSX, Parquet or JSON lines, known by the name's end.

    `is_header` knows the headers of known exports: with it the header is found below lines of title, and a second table
    in the same file is a sheet of its own. Raises BadInput when the file is missing, too large, damaged, of another
    kind or without rows.
    """
    readers: dict[str, Callable[[Path], list[Sheet]]] = {
        ".csv": lambda file: _split(file, *_csv_lines(file), is_header),
        ".tsv": lambda file: _split(file, *_csv_lines(file), is_header),
        ".txt": lambda file: _split(file, *_csv_lines(file), is_header),
        ".xlsx": lambda file: _split(file, *_xlsx_lines(file), is_header),
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
        sheets = reader(path)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or 'it is damaged'}.") from error
    for sheet in sheets:
        twice = repeated(sheet.header)
        if twice is not None:
            raise BadInput(f"{path.name} has the column {twice!r} twice; keep one of them.")
    return sheets


def _csv_lines(path: Path) -> tuple[_Lines, list[str]]:
    content, note = decoded(path)
    head = [line for line in content.lstrip("\r\n").split("\n", _TITLE_LINES + 1)[: _TITLE_LINES + 1] if line]
    delimiter = max(DELIMITERS, key=lambda one: max((line.count(one) for line in head), default=0))
    reader = csv.reader(StringIO(content, newline=""), delimiter=delimiter)
    try:
        return list(_numbered(reader)), [note] if note else []
    except csv.Error as error:
        raise BadInput(f"{path.name} is not a readable CSV file near line {reader.line_num}: {error}.") from error


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[object]]]:
    """Each record with the line on which it begins; a quoted cell may run over several lines."""
    line = 1
    for record in reader:
        yield line, list(record)
        line = reader.line_num + 1  # type: ignore[attr-defined]  # what csv.reader returns has no public type


def _xlsx_lines(path: Path) -> tuple[_Lines, list[str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
                raise BadInput(f"{path.name} unpacks to more than 512 MB; split it and import the parts.")
        from openpyxl import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)
    except BadInput:
        raise
    except Exception as error:  # openpyxl raises whatever its parsing of a damaged file runs into
        raise BadInput(f"{path.name} is not a readable XLSX file; save it again or as CSV.") from error
    try:
        sheets = len(book.worksheets)
        warnings = [f"Only the first of {sheets} sheets was read."] if sheets > 1 else []
        return list(enumerate((list(row) for row in book.worksheets[0].iter_rows(values_only=True)), 1)), warnings
    except Exception as error:
        raise BadInput(f"{path.name} is not a readable XLSX file; save it again or as CSV.") from error
    finally:
        book.close()


def _split(path: Path, lines: _Lines, warnings: list[str], is_header: Callable[[list[str]], bool]) -> list[Sheet]:
    """The tables of a file. A line that is a known header begins one; before the first there may be lines of title."""
    filled = [(line, row) for line, row in lines if not _is_blank(row)]
    if not filled:
        raise BadInput(f"{path.name} is empty; export it again.")
    start = _header_at(filled, is_header)
    titles = [str(next(cell for cell in row if not _is_nothing(cell))) for _, row in filled[:start]]
    if titles:
        warnings = [*warnings, f"{len(titles)} lines above the header were left out: {'; '.join(titles)[:200]}"]
    sheets: list[Sheet] = []
    blank = {line for line, row in lines if _is_blank(row)}
    names: list[str] = []
    unknown: int | None = None
    for line, row in filled[start:]:
        written = _names(row)
        begins = not sheets or (
            written != names and not _holds_number(row) and is_header([name for name in written if name])
        )
        if begins:
            names, unknown = written, None
            sheets.append(Sheet([name for name in names if name], [], warnings=warnings if not sheets else []))
        elif written == names:
            sheets[-1].warnings.append(f"The header is repeated in line {line}.")
        elif unknown is not None or (line - 1 in blank and _looks_like_header(row)):
            unknown = unknown or line
            sheets[-1].skipped.append((line, f"belongs to another table, from line {unknown} on, whose columns differ"))
        elif any(not _is_nothing(cell) for cell in row[len(names) :]):
            sheets[-1].skipped.append((line, f"has more cells than the {len(names)} columns of the header"))
        else:
            sheets[-1].rows.append((line, {name: cell for name, cell in zip(names, row, strict=False) if name}))
    return sheets


def _header_at(filled: _Lines, is_header: Callable[[list[str]], bool]) -> int:
    head = filled[: _TITLE_LINES + 1]
    known = next((at for at, (_, row) in enumerate(head) if is_header([name for name in _names(row) if name])), None)
    if known is not None:
        return known
    # Nothing known: the first line that names more than one thing.
    different = [len({str(cell) for cell in row if not _is_nothing(cell)}) for _, row in head]
    return next((at for at, names in enumerate(different) if names > 1), 0)


def _names(row: list[object]) -> list[str]:
    names = ["" if cell is None else str(cell).strip() for cell in row]
    while names and not names[-1]:
        names.pop()
    return names


def _holds_number(row: list[object]) -> bool:
    """Whether a cell is nothing but digits, as no column's name is; most rows are told from a header by that alone."""
    return any(isinstance(cell, int | float) or (isinstance(cell, str) and cell.strip().isdigit()) for cell in row)


def _looks_like_header(row: list[object]) -> bool:
    written = [cell for cell in row if not _is_nothing(cell)]
    return len(written) > 1 and all(isinstance(cell, str) and not _reads_as_value(cell) for cell in written)


def _reads_as_value(cell: str) -> bool:
    for read in (cells.number, cells.moment, cells.percent, cells.seconds):
        try:
            read(cell)
        except cells.UnreadableCell:
            continue
        return True
    return False


def _is_nothing(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_blank(row: Iterable[object]) -> bool:
    return all(_is_nothing(cell) for cell in row)


def _read_parquet(path: Path) -> list[Sheet]:
    try:
        said = pyarrow.parquet.read_metadata(path)
        unpacked = sum(said.row_group(at).total_byte_size for at in range(said.num_row_groups))
        if unpacked > LARGEST_UNPACKED or said.num_rows > MOST_ROWS:
            raise BadInput(
                f"{path.name} says that it unpacks to {unpacked:,} bytes in {said.num_rows:,} rows, which is too much "
                "for this layout; split it and import the parts."
            )
        frame = polars.read_parquet(path)
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"{path.name} is not a readable Parquet file; export it again.") from error
    return [Sheet(frame.columns, list(enumerate(frame.iter_rows(named=True), 1)))]


def _read_json_lines(path: Path) -> list[Sheet]:
    content, note = decoded(path)
    sheet = Sheet([], [], warnings=[note] if note else [])
    names: dict[str, None] = {}
    for line, written in enumerate(content.split("\n"), 1):
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
    return [sheet]
