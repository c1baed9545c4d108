"""The cells of XLSX and CSV files as a person sees them. Only the worker process comes here."""

import csv
import re
import zipfile
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from knowledge.reading.encodings import decoded
from knowledge.reading.kinds import Unreadable

LARGEST = 2_000_000  # characters and cells of a file
Sheet = list[tuple[int, list[str]]]
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >]")


def sheets_of(suffix: str, data: bytes, charset: str = "") -> list[Sheet]:
    """The rows that hold anything, each with its number from 1, sheet by sheet.

    Raises Unreadable, or anything else that a parser raises at a damaged file.
    """
    rows = [_csv_rows(data, charset)] if suffix == ".csv" else _xlsx_rows(data)
    if sum(len(cell) + 1 for sheet in rows for row in sheet for cell in row) > LARGEST:  # empty cells weigh too
        raise Unreadable("holds more than {most:,} characters and cells; split it into smaller files", most=LARGEST)
    return [[row for row in enumerate(sheet, 1) if any(map(str.strip, row[1]))] for sheet in rows]


def _csv_rows(data: bytes, charset: str) -> list[list[str]]:
    text = decoded(data, charset)
    if text is None:
        raise Unreadable("is not text in UTF-8 or GB18030; save it again in UTF-8")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)  # a comma when none is there; spreadsheet programs use all three
    csv.field_size_limit(LARGEST)
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable("is not valid CSV ({error}); save it again as CSV in UTF-8", error=error) from error


def _xlsx_rows(data: bytes) -> list[list[list[str]]]:
    import openpyxl

    def worksheets(**options: Any) -> list[Any]:
        found = openpyxl.load_workbook(BytesIO(data), read_only=True, **options).worksheets
        for worksheet in found:
            worksheet.reset_dimensions()  # a sheet may claim a million columns
        return found

    if _has_formulas(data):
        _check_values(worksheets(data_only=False), worksheets(data_only=True))
    return [[[_shown(cell) for cell in row] for row in sheet.iter_rows()] for sheet in worksheets(data_only=True)]


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_FORMULA.search(archive.read(name)) for name in parts)


def _check_values(written: list[Any], computed: list[Any]) -> None:
    """Raises Unreadable for a formula without its value, which a program that does not compute leaves behind."""
    for formulas, values in zip(written, computed, strict=True):
        for row, shown in zip(formulas.iter_rows(), values.iter_rows(), strict=False):
            for cell, value in zip(row, shown, strict=False):
                if cell.data_type == "f" and value.value is None:
                    raise Unreadable(
                        "holds a formula without its value in {cell}; open it in a spreadsheet program, save it, and "
                        "give it again",
                        cell=cell.coordinate,
                    )


def _shown(cell: Any) -> str:
    """A cell as a person sees it: 5%, 12, 2026-11-30."""
    value = cell.value
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, int | float) and "%" in cell.number_format:
        return f"{value * 100:.10g}%"
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)
