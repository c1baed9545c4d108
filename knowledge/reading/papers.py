"""The text of a PDF with its headings, tables and paragraphs. Only the worker process comes here.

A PDF knows only where each character stands. Larger type is a heading, ruled boxes are a table, and a line that reaches
the right edge of its block goes on in the next.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from knowledge.reading.outline import TEXT, depth_of, may_be_heading, outlined

LARGER = 1.15  # times the usual size of type: a heading
FULL_LINE = 18  # characters: shorter lines are items of a list, which do not go on
_ENDS = tuple("。！？!?；;：:")
_NO_CHARACTER = re.compile(r"\(cid:\d+\)")  # how the parser writes a glyph that stands for no character
_BULLET = re.compile(r"^[•·●○■◆▪‣–]\s*")
_PAGE_NUMBER = re.compile(r"[-—–\s]*\d{1,4}[-—–\s]*|第\s*\d{1,4}\s*页.{0,20}|Page \d{1,4}.{0,20}")
# What fonts call by the name of a radical, from EquivalentUnifiedIdeograph.txt of Unicode: NFKC leaves these alone.
_RADICALS = str.maketrans(
    "⺟⺠⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻥⻦⻧⻨⻩⻬⻮⻰⻳",
    "母民西见角贝车長长门青韦页风飞食马鱼鸟卤麦黄齐齿龙龟",
)


@dataclass(frozen=True)
class _Line:
    text: str
    size: float  # of its type, in points; 0 for a table
    goes_on: bool = False


def paper_of(data: bytes) -> str:
    """The Markdown of a PDF. Raises whatever the parser raises at a damaged or locked one."""
    import pdfplumber

    lines: list[_Line] = []
    with pdfplumber.open(BytesIO(data), laparams={"line_margin": 0.9}) as pdf:
        for page in pdf.pages:
            lines += _without_page_numbers(list(_lines(page)))
            page.close()
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text) if line.size else 0
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    text = outlined([(text, _depth(text, size, usual)) for text, size in _paragraphs(lines)])
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _lines(page: Any) -> Iterator[_Line]:
    """The lines of a page in the order of reading, an empty one after each block; each table at its first line."""
    from pdfminer.layout import LTTextBoxHorizontal, LTTextLineHorizontal

    tables = [table for table in page.find_tables() if len(table.rows) > 1 and len(table.rows[0].cells) > 1]
    shown = set()
    for box in page.layout:
        if not isinstance(box, LTTextBoxHorizontal):
            continue
        for line in box:
            text = _readable(line.get_text())
            if not text or not isinstance(line, LTTextLineHorizontal):
                continue
            x, y = (line.x0 + line.x1) / 2, page.height - (line.y0 + line.y1) / 2
            held = next((table for table in tables if _holds(table.bbox, x, y)), None)
            if held is None:
                size = float(round(max(getattr(character, "size", 0.0) for character in line)))
                is_full = line.x1 >= box.x1 - 2 * size and line.width >= FULL_LINE * size
                yield _Line(text, size, is_full and not text.endswith(_ENDS))
            elif held.bbox not in shown:
                shown.add(held.bbox)
                yield _Line(_table(held.extract()), 0)
        yield _Line("", 0)


def _holds(bbox: tuple[float, float, float, float], x: float, y: float) -> bool:
    return bbox[0] <= x <= bbox[2] and bbox[1] <= y <= bbox[3]


def _table(rows: list[list[str | None]]) -> str:
    cells = [[_readable(cell or "").replace("|", r"\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join(["", lines[0], "|" + " --- |" * len(cells[0]), *lines[1:], ""])


def _readable(text: str) -> str:
    """The text in one line, with characters in place of the radicals that look like them."""
    text = _NO_CHARACTER.sub("", text)
    folded = re.sub("[\u2f00-\u2fdf]", lambda radical: unicodedata.normalize("NFKC", radical[0]), text)
    return _BULLET.sub("- ", " ".join(folded.translate(_RADICALS).split()))


def _without_page_numbers(lines: list[_Line]) -> list[_Line]:
    written = [index for index, line in enumerate(lines) if line.text]
    edges = {index for index in (*written[:1], *written[-1:]) if _PAGE_NUMBER.fullmatch(lines[index].text)}
    return [line for index, line in enumerate(lines) if index not in edges]


def _paragraphs(lines: list[_Line]) -> Iterator[tuple[str, float]]:
    """The lines with those that go on joined: Han characters to Han characters, words with a space between."""
    gathered, size, goes_on = "", 0.0, False
    for line in lines:
        if goes_on and line.text and line.size == size:
            is_word = gathered[-1:].isascii() and line.text[:1].isascii()
            gathered += (" " if is_word else "") + line.text
        else:
            yield gathered, size
            gathered, size = line.text, line.size
        goes_on = line.goes_on
    yield gathered, size


def _depth(text: str, size: float, usual: float) -> int:
    """Larger type lies less deep; in the usual type a heading's number tells."""
    if size >= usual * LARGER and may_be_heading(text):
        return -int(size)
    return depth_of(text) if size else TEXT
