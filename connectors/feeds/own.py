"""Heliotrope's own layout: the warehouse's columns, for whoever can write a file of their own.

A row with `work_id` is about a work (without `day` its totals since publication), any other about the creator's day.
"""

from collections.abc import Callable
from datetime import date

from assistant.creators.layout import COUNTS, FOLLOWERS, NUMBERS, OWN_DEFINITION
from assistant.creators.warehouse import Row
from connectors.feeds import cells
from connectors.feeds.intake import Intake
from connectors.feeds.sheets import Cells, Sheet

DEFINITION = OWN_DEFINITION
PLACES = frozenset({"day", "work_id"})
VALUES = frozenset((*NUMBERS, *FOLLOWERS))
_DESCRIPTION: dict[str, Callable[[object], object]] = {
    "title": cells.text,
    "published_at": cells.moment,
    "duration_seconds": cells.seconds,
    "kind": cells.text,
    "tags": cells.text,
}
_NEGATIVE = frozenset({"net_follow", "net_followers"})
_FRACTIONS = frozenset({"impressions_ctr", "average_share_watched"})


def read_own(sheet: Sheet, intake: Intake) -> None:
    """Rows in the warehouse's own columns; `creator_id` may be a column or be given for the whole file."""
    others = 0
    for line, row in sheet.rows:
        written = cells.text(row.get("creator_id"))
        creator = intake.creator_named(written)
        if intake.creator_id not in (None, creator):
            others += 1
            continue
        try:
            _read_row(line, row, creator, intake)
        except cells.UnreadableCell as problem:
            intake.skip(line, str(problem))
    if others:
        intake.warnings.append(f"{others:,} rows belong to other creators than {intake.creator_id} and were left out.")
    undated = sum(work.get("published_at") is None for work in intake.described_works().values())
    if undated:
        intake.warnings.append(
            f"{undated:,} works have no published_at; figures per work leave them out until a file brings it."
        )
    unused = [name for name in sheet.header if name not in {*PLACES, *VALUES, *_DESCRIPTION, "creator_id"}]
    if unused:
        intake.warnings.append(f"Columns that were not imported: {', '.join(unused)}.")


def _read_row(line: int, row: Cells, creator: str, intake: Intake) -> None:
    day = _cell("day", row, cells.day)
    if isinstance(day, date) and day > intake.today:
        raise cells.UnreadableCell(f"the day {day} is in the future")
    numbers = {name: _cell(name, row, _reader(name)) for name in NUMBERS if name in row}
    work_id = cells.text(row.get("work_id"))
    if work_id is not None:
        described = {name: _cell(name, row, read) for name, read in _DESCRIPTION.items()}
        published = described["published_at"]
        if isinstance(published, date) and _day_of(published) > intake.today:
            raise cells.UnreadableCell(f"published_at {_day_of(published)} is in the future")
        intake.add_work({"creator_id": creator, "work_id": work_id, **described}, line, {"day": day, **numbers})
        return
    if day is None:
        raise cells.UnreadableCell("has neither a work_id nor a day")
    followers: Row = {name: _cell(name, row, _reader(name)) for name in FOLLOWERS if name in row}
    intake.add_day(line, {"creator_id": creator, "day": day, **numbers, **followers})


def _reader(name: str) -> Callable[[object], float | None]:
    if name in COUNTS or name in FOLLOWERS:
        return lambda cell: cells.count(cell, may_be_negative=name in _NEGATIVE)
    if name in _FRACTIONS:
        return _fraction_up_to_one if name == "impressions_ctr" else cells.fraction
    return cells.seconds


def _fraction_up_to_one(cell: object) -> float | None:
    read = cells.fraction(cell)
    if read is not None and not 0 <= read <= 1:
        raise cells.UnreadableCell(f"{cell!r} is not between 0 and 1; write 0.0316 or 3.16%")
    return read


def _cell(name: str, row: Cells, read: Callable[[object], object]) -> object:
    try:
        return read(row.get(name))
    except cells.UnreadableCell as problem:
        raise cells.UnreadableCell(f"{name}: {problem}") from problem


def _day_of(published: date) -> date:
    return date(published.year, published.month, published.day)
