"""Text in columns: a Han character is two cells wide in a terminal."""

import unicodedata
from collections.abc import Iterable, Sequence


def width(text: str) -> int:
    """The cells that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def aligned(rows: Iterable[Sequence[object]]) -> list[str]:
    """One line a row, each column as wide as its widest cell; the last one runs freely."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(width(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
