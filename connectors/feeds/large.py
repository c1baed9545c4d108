"""Large files in our own layout, which the database reads itself; everything else is read row by row."""

import csv
from datetime import date
from pathlib import Path

import pyarrow
import pyarrow.parquet

from assistant.creators.plain import PlainFile
from assistant.errors import BadInput
from connectors.feeds import own
from connectors.feeds.columns import Mapping, repeated
from connectors.feeds.sheets import DELIMITERS

LARGE_CSV_BYTES = 16 * 1024 * 1024
LARGE_PARQUET_ROWS = 100_000
# A file that claims more rows than this is damaged, or means harm.
MOST_ROWS = 1_000_000_000
_HEADER_BYTES = 1024 * 1024


def plain_file(path: Path, creator_id: str | None, today: date) -> tuple[PlainFile, Mapping] | None:
    """The file and its columns when it is large and in our own layout, its columns named exactly; None otherwise.

    Raises BadInput when it claims more rows than there can be, or a column twice.
    """
    found = _parquet_header(path) if path.suffix.lower() == ".parquet" else _csv_header(path)
    if found is None:
        return None
    header, delimiter = found
    mapping = own.ROWS.mapping(header)
    if not own.ROWS.fits(header) or any(column.column != column.field for column in mapping.columns):
        return None
    twice = repeated(name.lower() for name in header)
    if twice is not None:
        raise BadInput(f"{path.name} has the column {twice!r} twice; keep one of them.")
    if creator_id is None and "creator_id" not in header:
        raise BadInput("The file does not say whose numbers these are; add --creator ID.")
    return PlainFile(path, tuple(header), delimiter, creator_id, today, own.ROWS.name), mapping


def _parquet_header(path: Path) -> tuple[list[str], str] | None:
    try:
        said = pyarrow.parquet.read_metadata(path)
        names = said.schema.to_arrow_schema().names
    except (pyarrow.ArrowException, OSError):
        return None
    if said.num_rows > MOST_ROWS:
        raise BadInput(f"{path.name} claims {said.num_rows:,} rows; export it again.")
    return (names, ",") if said.num_rows >= LARGE_PARQUET_ROWS else None


def _csv_header(path: Path) -> tuple[list[str], str] | None:
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return None
    if path.stat().st_size < LARGE_CSV_BYTES:
        return None
    with path.open("rb") as file:
        first = file.readline(_HEADER_BYTES)
    try:
        written = first.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    delimiter = max(DELIMITERS, key=written.count)
    return [name.strip() for name in next(csv.reader([written], delimiter=delimiter), [])], delimiter
