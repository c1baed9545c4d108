"""Any file that is a table whose columns a mapping names, read into rows of works and of creators' days."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from assistant.creators.layout import FOLLOWERS, NUMBERS, RATES
from assistant.creators.warehouse import Row
from connectors.feeds import cells
from connectors.feeds.cells import UnreadableCell
from connectors.feeds.columns import DESCRIPTION, MappedColumn, Mapping
from connectors.feeds.deciding import Choices, day_order, rate_unit
from connectors.feeds.intake import Intake
from connectors.feeds.sheets import Cells, Sheet

_TOTALS = frozenset({"total", "totals", "grand total", "sum", "合计", "总计", "總計", "合計", "汇总", "总和", "小计"})
_ADDED = frozenset({"count", "change", "hours"})
# A source that gives a day's follows gives the day's followers by it.
_DAY_FOLLOWERS = {"follow": "new_followers", "cancel_follow": "lost_followers", "net_follow": "net_followers"}

Read = Callable[[object], object]


@dataclass
class _Table:
    """The columns of one table with the way each is read, and what is noted on the way."""

    sheet: Sheet
    mapping: Mapping
    intake: Intake
    reads: dict[str, tuple[str, Read]] = field(default_factory=dict)
    rounded: Counter[str] = field(default_factory=Counter)
    excel_days: Counter[str] = field(default_factory=Counter)


def read_table(sheet: Sheet, mapping: Mapping, intake: Intake, choices: Choices) -> None:
    """Read the rows of `sheet`; what cannot be read is skipped with its reason.

    Raises BadInput where a column can be read two ways and `choices` does not say which, or nobody says whose rows
    these are.
    """
    table = _Table(sheet, mapping, intake)
    for column in mapping.columns:
        table.reads[column.field] = (column.column, _reader(table, column, choices))
    whole: Cells | None = None
    others = 0
    for line, row in sheet.rows:
        if is_total(row, mapping):
            whole, intake.total_rows = row, intake.total_rows + 1
            continue
        creator = intake.creator_named(cells.text(row.get(mapping.column_of("creator_id") or "")))
        if intake.creator_id not in (None, creator):
            others += 1
            continue
        try:
            _read_row(table, line, row, creator)
        except UnreadableCell as problem:
            intake.skip(line, str(problem))
    _tell(table, whole, others)


def is_total(row: Cells, mapping: Mapping) -> bool:
    """Whether a row is the sum of the others: it says so where the work or day is named, and has no time of its own."""
    places = [name for name in (mapping.column_of(one) for one in ("day", "work_id", "title", "creator_id")) if name]
    first = next((str(row[name]).strip() for name in places if not cells.is_empty(row.get(name))), "")
    published = mapping.column_of("published_at")
    return first.lower() in _TOTALS and (published is None or cells.is_empty(row.get(published)))


def _read_row(table: _Table, line: int, row: Cells, creator: str) -> None:
    intake, mapping = table.intake, table.mapping
    values = {name: _cell(column, row, read) for name, (column, read) in table.reads.items()}
    day, published = values.get("day"), values.get("published_at")
    for name, moment in (("day", day), ("published_at", published)):
        if isinstance(moment, date) and _day_of(moment) > intake.today:
            raise UnreadableCell(f"the {mapping.column_of(name)} {_day_of(moment)} is in the future")
    numbers: Row = {name: values[name] for name in NUMBERS if name in values}
    work_id = values.get("work_id")
    if work_id is None and "work_id" not in mapping.fields and mapping.is_about_works:
        work_id = _made_id(values)
    if work_id is not None:
        if "day" in mapping.fields and day is None and not _days_may_be_empty(mapping):
            raise UnreadableCell(f"the {mapping.column_of('day')} is empty")
        described = {name: values.get(name) for name in DESCRIPTION}
        intake.add_work({"creator_id": creator, "work_id": work_id, **described}, line, {"day": day, **numbers})
        return
    if not _days_may_be_empty(mapping) and mapping.is_about_works:
        raise UnreadableCell(f"the {mapping.column_of('work_id') or mapping.column_of('title')} is empty")
    if day is None:
        named = mapping.column_of("day")
        plain = mapping.is_about_works or named is None
        raise UnreadableCell("has neither a work_id nor a day" if plain else f"the {named} is empty")
    followers: Row = {name: values[name] for name in FOLLOWERS if name in values}
    for given, kept in _DAY_FOLLOWERS.items():
        if given in numbers and kept not in followers:
            followers[kept] = numbers[given]
    gained, lost = followers.get("new_followers"), followers.get("lost_followers")
    if followers.get("net_followers") is None and gained is not None and lost is not None:
        followers["net_followers"] = gained - lost
    intake.add_day(line, {"creator_id": creator, "day": day, **numbers, **followers})


def _days_may_be_empty(mapping: Mapping) -> bool:
    """Whether rows of works and of days, totals and days may stand in one file: only our own layout has that."""
    return mapping.column_of("day") == "day" or mapping.column_of("work_id") == "work_id"


def _made_id(values: dict[str, object]) -> str:
    """An id for a work of an export without ids: the same title published at the same time is the same work."""
    title, published = values.get("title"), values.get("published_at")
    if title is None and published is None:
        raise UnreadableCell("has neither a title nor a time of publication")
    if "published_at" in values and published is None:
        raise UnreadableCell("the time of publication is empty, and the file has no ids to know a work by")
    moment = published.isoformat() if isinstance(published, datetime) else ""
    return "by-title-" + hashlib.sha256(f"{title}\n{moment}".encode()).hexdigest()[:20]


def _reader(table: _Table, column: MappedColumn, choices: Choices) -> Read:
    values = [(line, row.get(column.column)) for line, row in table.sheet.rows]
    if column.reads in ("day", "moment"):
        order, told = day_order(column.column, values, choices.dates)
        table.intake.note(told)
        table.excel_days[column.column] = sum(cells.is_excel_day(value) for _, value in values)
        read_date = cells.day if column.reads == "day" else cells.moment
        return lambda cell: read_date(cell, order)
    if column.reads in ("percent", "fraction", "rate"):
        unit = column.reads
        if unit == "rate":
            unit, told = rate_unit(column.column, values, choices.rates)
            table.intake.note(told)
        read = cells.percent if unit == "percent" else cells.fraction
        return lambda cell: _share(cell, read, column.field)
    if column.reads in _ADDED:
        table.rounded[column.column] = sum(cells.is_rounded(value) for _, value in values)
    readers: dict[str, Read] = {
        "text": cells.text,
        "count": cells.count,
        "change": lambda cell: cells.count(cell, may_be_negative=True),
        "seconds": cells.seconds,
        "milliseconds": lambda cell: _scaled(cell, 0.001),
        "hours": lambda cell: _scaled(cell, 3600.0),
    }
    return readers[column.reads]


def _share(cell: object, read: Callable[[object], float | None], name: str) -> float | None:
    value = read(cell)
    if value is not None and (value < 0 or (value > 1 and name in RATES and name != "average_share_watched")):
        raise UnreadableCell(f"{cell!r} is not between 0 and 1; write 0.0316 or 3.16%")
    return value


def _scaled(cell: object, unit: float) -> float | None:
    read = cells.number(cell)
    if read is not None and read < 0:
        raise UnreadableCell(f"{cell!r} is negative")
    return None if read is None else read * unit


def _cell(column: str, row: Cells, read: Read) -> object:
    try:
        return read(row.get(column))
    except UnreadableCell as problem:
        raise UnreadableCell(f"{column}: {problem}") from problem


def _tell(table: _Table, whole: Cells | None, others: int) -> None:
    intake, mapping = table.intake, table.mapping
    if others:
        intake.note(f"{others:,} rows belong to other creators than {intake.creator_id} and were left out.")
    if whole is not None:
        _compare_with_total(table, whole)
    undated = sum(work.get("published_at") is None for work in intake.described_works().values())
    if undated:
        intake.note(f"{undated:,} works have no published_at; figures per work leave them out until a file brings it.")
    for column, cells_rounded in table.rounded.items():
        if cells_rounded:
            intake.note(f"{cells_rounded:,} numbers of {column!r} are rounded in the file itself, as 1.2万 is.")
    for column, days in table.excel_days.items():
        if days:
            intake.note(f"{days:,} cells of {column!r} were read as Excel's count of days (43959 is 2020-05-08).")
    if mapping.unused:
        intake.note(f"Columns that were not imported: {', '.join(mapping.unused)}.")
    if mapping.is_about_works and "work_id" not in mapping.fields:
        intake.note("The file has no ids of works; a work is known by title and time, so a new title is a new work.")
    if "net_follow" in mapping.fields and "day" in mapping.fields and not mapping.is_about_works:
        intake.note(
            "The file gives each day's change in followers, not their number; where followers are shown they are "
            "counted up from 0 on the first day."
        )
    _count_days_before_publication(intake)


def _compare_with_total(table: _Table, whole: Cells) -> None:
    for column in table.mapping.columns:
        if column.reads not in _ADDED or column.field == "followers":
            continue
        try:
            told = cells.number(whole.get(column.column))
            rows = (row for _, row in table.sheet.rows if not is_total(row, table.mapping))
            summed = sum(cells.number(row.get(column.column)) or 0.0 for row in rows)
        except UnreadableCell:
            continue
        if told is not None and abs(told - summed) > 1e-6 * max(1.0, abs(told)):
            table.intake.note(
                f"The Total row says {column.column} {_plain(told)}, the rows add up to {_plain(summed)} "
                f"(difference {_plain(told - summed)}); the rows were imported."
            )


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _count_days_before_publication(intake: Intake) -> None:
    early = plays = 0
    works = intake.described_works()
    for row in intake.number_rows():
        published = works[(row["creator_id"], row["work_id"])].get("published_at")
        if row["day"] is not None and published is not None and row["day"] < published.date():
            early += 1
            plays += row.get("play") or 0
    if early:
        intake.note(
            f"{early:,} rows are of days before their work was published ({plays:,} plays in them); kept as given."
        )


def _day_of(moment: date) -> date:
    return date(moment.year, moment.month, moment.day)
