"""Headings in text without markup, as PDF and TXT files hold it: 第一章, 第二节, 一、 and （一） open a part each."""

import re
from collections.abc import Sequence

TEXT = 99  # deeper than any heading
_NUMBER = "[一二三四五六七八九十百零〇0-9]{1,5}"
_HEADINGS = (  # the pattern of a whole line, and how deep the part that it opens lies
    (re.compile(rf"第{_NUMBER}[编篇部](?!分).{{0,40}}|Part [0-9IVX]{{1,5}}\b.{{0,60}}"), 91),
    (re.compile(rf"第{_NUMBER}章.{{0,40}}|Chapter [0-9IVX]{{1,5}}\b.{{0,60}}"), 92),
    (re.compile(rf"第{_NUMBER}节.{{0,40}}|Section [0-9IVX]{{1,5}}\b.{{0,60}}"), 93),
    (re.compile(r"[一二三四五六七八九十]{1,3}、\S.{0,30}"), 94),
    (re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]\S.{0,30}"), 95),
)
_LONGEST = 80  # characters of a heading
_SENTENCE_GOES_ON = tuple("。；：，！？.;:,!?")


def marked_up(text: str) -> str:
    """The text with its headings marked as Markdown marks them."""
    return outlined([(line, depth_of(line.strip())) for line in text.split("\n")])


def outlined(lines: Sequence[tuple[str, int]]) -> str:
    """Lines with their depths (TEXT for one that is no heading) as Markdown.

    A heading stays one only when a text or a deeper part stands under it: so a list of numbered words stays a list, and
    nothing of the text is lost.
    """
    opens = [False] * len(lines)
    below = 0  # the depth of the line that follows, 0 at the end
    for index in range(len(lines) - 1, -1, -1):
        line, depth = lines[index]
        if line.strip():
            opens[index] = depth < below
            below = depth
    used = sorted({depth for (_, depth), is_heading in zip(lines, opens, strict=True) if is_heading})
    levels = {depth: min(level, 6) for level, depth in enumerate(used, 1)}
    return "\n".join(
        f"\n{'#' * levels[depth]} {line.strip()}\n" if is_heading else line
        for (line, depth), is_heading in zip(lines, opens, strict=True)
    )


def may_be_heading(line: str) -> bool:
    """Whether a line is short and does not end as a sentence does."""
    return len(line) <= _LONGEST and not line.endswith(_SENTENCE_GOES_ON)


def depth_of(line: str) -> int:
    """The depth of the part that a line opens by its numbering, TEXT when it opens none."""
    if not may_be_heading(line):
        return TEXT
    return next((depth for pattern, depth in _HEADINGS if pattern.fullmatch(line)), TEXT)
