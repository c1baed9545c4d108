"""The text of a file whose encoding nobody tells: UTF-8, UTF-16, GB18030 or Latin-1."""

import codecs
import re
from pathlib import Path

from assistant.errors import BadInput

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HIGH = re.compile(rb"[\x80-\xff]+")
# Two bytes that are a character of GB2312, the common part of GB18030. An accented letter of Latin-1 stands alone
# among ASCII letters, so that its pairs fall outside.
_COMMON_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_SAMPLE = 4096


def decoded(path: Path) -> tuple[str, str | None]:
    """The file's text, and a sentence about the encoding where it had to be concluded. Raises BadInput for no text."""
    data = path.read_bytes()
    try:
        if data.startswith(_UTF_16):
            return data.decode("utf-16"), None
        if (order := _byte_order(data)) is not None:
            return data.decode(order), f"The text was read as {order.upper()}, although it has no mark saying so."
        text = data.decode("utf-8-sig")
        if "\0" not in text:
            return text, None
    except UnicodeDecodeError:
        if b"\0" not in data:
            return _older(data, path)
    raise BadInput(f"{path.name} is not text; save it as CSV in UTF-8.")


def _byte_order(data: bytes) -> str | None:
    """UTF-16 without its mark: in a table nearly every other byte is zero."""
    sample = data[:_SAMPLE]
    if len(data) % 2 or b"\0" not in sample:
        return None
    high, low = sample[0::2].count(0), sample[1::2].count(0)
    if max(high, low) * 2 < len(sample) * 0.4 or min(high, low) > 0:
        return None
    return "utf-16-le" if low > high else "utf-16-be"


def _older(data: bytes, path: Path) -> tuple[str, str]:
    high = sum(len(run) for run in _HIGH.findall(data))
    common = 2 * len(_COMMON_PAIR.findall(data))
    if common >= 0.8 * high:
        try:
            return data.decode("gb18030"), "The text was read as GB18030."
        except UnicodeDecodeError as error:
            raise BadInput(f"{path.name} is neither UTF-8 nor GB18030 text; save it as UTF-8.") from error
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is neither UTF-8 nor GB18030 text; save it as UTF-8.") from error
    if any(character < " " and character not in "\t\r\n" for character in text):
        raise BadInput(f"{path.name} is not text; save it as CSV in UTF-8.")
    return text, "The text was read as Latin-1 (Windows-1252); look whether accented letters are right."
