"""What one cell of a metric file says. Nothing is guessed: what can be read two ways is refused with a reason."""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

DayOrder = Literal["day-first", "month-first"]
# Kuaishou's days are days in China; a time with another zone is brought there.
CHINA = timezone(timedelta(hours=8))
EMPTY = frozenset({"", "-", "--", "—", "——", "–", "n/a", "#n/a", "na", "null", "none", "nan", "空", "无", "暂无"})
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?)\s*([万亿千wkm]?)", re.IGNORECASE)
_SCALES = {"": 1, "千": 10**3, "k": 10**3, "万": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8}
_OPEN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.000)+")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
_SPOKEN = re.compile(r"(?:(\d+)(?:小时|h))?(?:(\d+)(?:分钟?|min|m))?(?:(\d+(?:\.\d+)?)(?:秒钟?|sec|s))?", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ ,T]\s*(.+))?")
_CHINESE_DATE = re.compile(
    r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:\s*(\d{1,2})[时点](?:(\d{1,2})分)?(?:(\d{1,2})秒)?|\s+(.+))?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s](.+))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm)?", re.IGNORECASE)
_WRITTEN_DATES = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%Y%m%d")
# Excel counts days from this one (its leap day of 1900 never was); these numbers are the years 1954 to 2119.
_EXCEL_ZERO = datetime(1899, 12, 30)
_EXCEL_DAYS = (20_000, 80_000)
_EXCEL_DAY = re.compile(r"\d{5}(\.\d+)?")
# Beyond this a count is a damaged cell, and would not fit the column.
LARGEST = 10**15
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class UnreadableCell(ValueError):
    """The cell cannot be read as what its column holds; the message says why, in a clause."""


def text(value: object) -> str | None:
    """The cell's text without surrounding space, NUL characters and lone surrogates; None when it is empty.

    A formula stays the text it is. The quote that `for_spreadsheet` puts before one is taken away.
    """
    if is_empty(value):
        return None
    read = str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()
    return (read[1:] if read.startswith("'") and read[1:].startswith(_FORMULA) else read) or None


def for_spreadsheet(written: str) -> str:
    """The text as it may stand in a file that a spreadsheet program opens: it must not be run as a formula.

    The quote in front is the rule of OWASP's page on CSV injection.
    """
    return f"'{written}" if written.startswith(_FORMULA) else written


def is_empty(value: object) -> bool:
    """Whether the cell holds nothing: no cell, NaN, white space, a dash, or a word for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().lower() in EMPTY


def number(value: object) -> float | None:
    """A finite number; thousands separators, 万, 亿 and K are understood. None for an empty cell."""
    if is_empty(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnreadableCell(f"{value!r} is not a number")
    if isinstance(value, str):
        written = _plain(value)
        found = _NUMBER.fullmatch(written)
        if not found or not any(character.isdigit() for character in written):
            raise UnreadableCell(f"{written!r} is not a number")
        value = float(found[1].replace(",", "")) * _SCALES[found[2].lower()]
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise UnreadableCell(f"{value!r} is not a possible number")
    return float(value)


def count(value: object, may_be_negative: bool = False) -> int | None:
    """A whole number of events. None for an empty cell."""
    if isinstance(value, str) and _OPEN_THOUSANDS.fullmatch(value.strip()):
        raise UnreadableCell(f"{value!r} may be thousands or a fraction; write it without the dot")
    read = number(value)
    if read is None:
        return None
    if abs(read - round(read)) > 1e-6:
        raise UnreadableCell(f"{value!r} is not a whole number")
    if read < 0 and not may_be_negative:
        raise UnreadableCell(f"{value!r} is negative")
    return round(read)


def is_rounded(value: object) -> bool:
    """Whether the cell gives a number to a few digits only, such as 1.2万."""
    return isinstance(value, str) and bool((found := _NUMBER.fullmatch(_plain(value))) and found[1] and found[2])


def percent(value: object) -> float | None:
    """A cell of a “(%)” column as a fraction: 26.61 and "26.61%" are 0.2661."""
    read = number(_plain(value).removesuffix("%") if isinstance(value, str) else value)
    return None if read is None else read / 100


def fraction(value: object) -> float | None:
    """A fraction: 0.0316, or "3.16%"."""
    return percent(value) if has_percent_sign(value) else number(value)


def has_percent_sign(value: object) -> bool:
    """Whether the cell itself says that it is in percent."""
    return isinstance(value, str) and _plain(value).endswith("%")


def seconds(value: object) -> float | None:
    """A length of time in seconds: 205, "3:25", "0:03:25", "3分25秒" or "205s"."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, time):
        return value.hour * 3600.0 + value.minute * 60 + value.second
    written = _plain(value) if isinstance(value, str) else ""
    clock, spoken = _CLOCK.fullmatch(written), _SPOKEN.fullmatch(written.replace(" ", ""))
    if clock is not None:
        hours, minutes, rest = int(clock[1] or 0), int(clock[2]), float(clock[3])
        if rest >= 60 or (clock[1] is not None and minutes >= 60):
            raise UnreadableCell(f"{value!r} is not a length of time")
        return hours * 3600 + minutes * 60 + rest
    if written and spoken is not None:
        return int(spoken[1] or 0) * 3600 + int(spoken[2] or 0) * 60 + float(spoken[3] or 0)
    read = number(value)
    if read is not None and read < 0:
        raise UnreadableCell(f"{value!r} is negative")
    return read


def day(value: object, order: DayOrder | None = None) -> date | None:
    """A day: 2020-05-08, 2020/5/8, 20200508, May 8, 2020 or 2020年5月8日. None for an empty cell."""
    read = moment(value, order)
    return None if read is None else read.date()


def moment(value: object, order: DayOrder | None = None) -> datetime | None:
    """A day with or without a time, in China's time when the cell names a zone. A bare day is its midnight.

    05-08-2020 may be May or August: without an `order` it is refused, while 13-08-2020 can only be the thirteenth. A
    bare number of five digits is Excel's count of days.
    """
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        return _in_china(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if is_excel_day(value):
        return _EXCEL_ZERO + timedelta(seconds=round(float(str(value)) * 86_400))
    written = _plain(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        return _written_moment(written, order)
    except (ValueError, OverflowError) as error:
        if isinstance(error, UnreadableCell):
            raise
        raise UnreadableCell(f"{value!r} is not a date") from error


def is_excel_day(value: object) -> bool:
    """Whether the cell is a day as Excel counts them, which a CSV or a number cell may hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    written = str(value).strip()
    return bool(_EXCEL_DAY.fullmatch(written)) and _EXCEL_DAYS[0] <= float(written) < _EXCEL_DAYS[1]


def numeric_date(value: object) -> tuple[int, int, int] | None:
    """The three numbers of a date such as 05-08-2020, in their order; None for any other cell."""
    found = _NUMERIC_DATE.fullmatch(_plain(value)) if isinstance(value, str) else None
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _written_moment(written: str, order: DayOrder | None) -> datetime:
    numeric = _NUMERIC_DATE.fullmatch(written)
    if numeric:
        first, second, year = int(numeric[1]), int(numeric[2]), int(numeric[3])
        if order is None and first <= 12 and second <= 12 and first != second:
            raise UnreadableCell(f"{written!r} may be day or month first; write {year}-MM-DD")
        day_first = order == "day-first" if order else first > 12
        return _at(datetime(year, second, first) if day_first else datetime(year, first, second), numeric[4])
    year_first = _YEAR_FIRST.fullmatch(written)
    if year_first:
        year, month, of_month = (int(year_first[part]) for part in (1, 2, 3))
        return _at(datetime(year, month, of_month), year_first[4])
    chinese = _CHINESE_DATE.fullmatch(written)
    if chinese:
        read = datetime(int(chinese[1]), int(chinese[2]), int(chinese[3]))
        clock = [int(chinese[part] or 0) for part in (4, 5, 6)]
        return _at(read, chinese[7]) if chinese[7] else read.replace(hour=clock[0], minute=clock[1], second=clock[2])
    for form in _WRITTEN_DATES:
        try:
            return datetime.strptime(written.replace("Sept ", "Sep "), form)
        except ValueError:
            continue
    raise UnreadableCell(f"{written!r} is not a date")


def _at(read: datetime, clock: str | None) -> datetime:
    if clock is None:
        return read
    found = _TIME.fullmatch(clock.strip())
    if found is None:
        return _in_china(datetime.fromisoformat(f"{read.date().isoformat()}T{clock.strip()}"))
    hour = int(found[1])
    if found[4]:
        if not 1 <= hour <= 12:
            raise UnreadableCell(f"{clock!r} is not a time")
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return read.replace(hour=hour, minute=int(found[2]), second=int(found[3] or 0))


def _in_china(read: datetime) -> datetime:
    return read.astimezone(CHINA).replace(tzinfo=None) if read.tzinfo else read


def _plain(value: str) -> str:
    """Half-width characters and no space around."""
    return unicodedata.normalize("NFKC", value).strip()
