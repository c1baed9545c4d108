"""What one cell of a metric file says. Nothing is guessed: what can be read two ways is refused with a reason."""

import math
import re
from datetime import date, datetime, time, timedelta, timezone

# Kuaishou's days are days in China; a time with another zone is brought there.
CHINA = timezone(timedelta(hours=8))
_EMPTY = frozenset({"", "-", "--", "—", "n/a", "null", "none", "nan"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s](.+))?")
_WRITTEN_DATES = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%Y%m%d")
# Beyond this a count is a damaged cell, and would not fit the column.
LARGEST = 10**15


class UnreadableCell(ValueError):
    """The cell cannot be read as what its column holds; the message says why, in a clause."""


def text(value: object) -> str | None:
    """The cell's text without surrounding space, NUL characters and lone surrogates; None when it is empty."""
    if is_empty(value):
        return None
    return str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip() or None


def is_empty(value: object) -> bool:
    """Whether the cell holds nothing: no cell, NaN, white space or a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().lower() in _EMPTY


def number(value: object) -> float | None:
    """A finite number; thousands separators are understood. None for an empty cell."""
    if is_empty(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnreadableCell(f"{value!r} is not a number")
    if isinstance(value, str):
        written = value.strip()
        if not _NUMBER.fullmatch(written) or not any(character.isdigit() for character in written):
            raise UnreadableCell(f"{written!r} is not a number")
        value = float(written.replace(",", ""))
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise UnreadableCell(f"{value!r} is not a possible number")
    return float(value)


def count(value: object, may_be_negative: bool = False) -> int | None:
    """A whole number of events. None for an empty cell."""
    read = number(value)
    if read is None:
        return None
    if abs(read - round(read)) > 1e-6:
        raise UnreadableCell(f"{value!r} is not a whole number")
    if read < 0 and not may_be_negative:
        raise UnreadableCell(f"{value!r} is negative")
    return round(read)


def percent(value: object) -> float | None:
    """A cell of a “(%)” column as a fraction: 26.61 and "26.61%" are 0.2661."""
    read = number(value.strip().rstrip("%％") if isinstance(value, str) else value)
    return None if read is None else read / 100


def fraction(value: object) -> float | None:
    """A fraction: 0.0316, or "3.16%"."""
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        return percent(value)
    return number(value)


def seconds(value: object) -> float | None:
    """A length of time in seconds: 205, "3:25" or "0:03:25"."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return value.hour * 3600.0 + value.minute * 60 + value.second
    clock = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if clock is None:
        read = number(value)
        if read is not None and read < 0:
            raise UnreadableCell(f"{value!r} is negative")
        return read
    hours, minutes, rest = int(clock[1] or 0), int(clock[2]), float(clock[3])
    if rest >= 60 or (clock[1] is not None and minutes >= 60):
        raise UnreadableCell(f"{value!r} is not a length of time")
    return hours * 3600 + minutes * 60 + rest


def day(value: object) -> date | None:
    """A day: 2020-05-08, 2020/5/8, 20200508, May 8, 2020 or 2020年5月8日. None for an empty cell."""
    read = moment(value)
    return None if read is None else read.date()


def moment(value: object) -> datetime | None:
    """A day with or without a time, in China's time when the cell names a zone. A bare day is its midnight.

    05-08-2020 may be May or August: it is refused, while 13-08-2020 can only be the thirteenth.
    """
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        return _in_china(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        return _written_moment(written)
    except (ValueError, OverflowError) as error:
        if isinstance(error, UnreadableCell):
            raise
        raise UnreadableCell(f"{value!r} is not a date") from error


def _written_moment(written: str) -> datetime:
    numeric = _NUMERIC_DATE.fullmatch(written)
    if numeric:
        first, second, year = int(numeric[1]), int(numeric[2]), int(numeric[3])
        if first <= 12 and second <= 12 and first != second:
            raise UnreadableCell(f"{written!r} may be day or month first; write {year}-MM-DD")
        return datetime(year, second, first) if first > 12 else datetime(year, first, second)
    year_first = _YEAR_FIRST.fullmatch(written)
    if year_first:
        year, month, of_month = (int(year_first[part]) for part in (1, 2, 3))
        clock = year_first[4] or "00:00"
        return _in_china(datetime.fromisoformat(f"{year:04d}-{month:02d}-{of_month:02d}T{clock.strip()}"))
    chinese = _CHINESE_DATE.fullmatch(written)
    if chinese:
        return datetime(int(chinese[1]), int(chinese[2]), int(chinese[3]))
    for form in _WRITTEN_DATES:
        try:
            return datetime.strptime(written, form)
        except ValueError:
            continue
    raise UnreadableCell(f"{written!r} is not a date")


def _in_china(read: datetime) -> datetime:
    return read.astimezone(CHINA).replace(tzinfo=None) if read.tzinfo else read
