"""Exports of YouTube Studio: one row a work, one row a work and day, or one row a day of the channel."""

from collections.abc import Callable
from datetime import datetime

from assistant.creators.layout import YOUTUBE_DEFINITION
from assistant.creators.warehouse import Row
from connectors.feeds import cells
from connectors.feeds.intake import Intake
from connectors.feeds.sheets import Cells, Sheet

DEFINITION = YOUTUBE_DEFINITION
# “Average percentage viewed” is how much of the video a view lasts. It is not a completion rate, whatever it is called
# elsewhere, and stays apart.
_COLUMNS: dict[str, tuple[str, Callable[[object], float | None]]] = {
    "Views": ("play", cells.count),
    "Watch time (hours)": ("play_duration_seconds", lambda cell: _seconds_of_hours(cell)),
    "Impressions": ("show", cells.count),
    "Impressions click-through rate (%)": ("impressions_ctr", cells.percent),
    "Average percentage viewed (%)": ("average_share_watched", cells.percent),
    "Average view duration": ("average_watch_seconds", cells.seconds),
    "Likes": ("like", cells.count),
    "Dislikes": ("dislike", cells.count),
    "Comments added": ("comment", cells.count),
    "Shares": ("share", cells.count),
    "Subscribers gained": ("follow", cells.count),
    "Subscribers lost": ("cancel_follow", cells.count),
    "Subscribers": ("net_follow", lambda cell: cells.count(cell, may_be_negative=True)),
}
_SUMMED = ("Views", "Watch time (hours)", "Impressions", "Likes", "Dislikes", "Comments added", "Shares",
           "Subscribers gained", "Subscribers lost", "Subscribers")  # fmt: skip
_PLACES = {"Video", "Content", "Date", "Video title", "Video publish time", "Duration"}


def read_works(sheet: Sheet, intake: Intake) -> None:
    """One row a work with its totals (`Video` or `Content`), or one a work and day when there is a `Date`."""
    place = "Video" if "Video" in sheet.header else "Content"
    whole: Cells | None = None
    for line, row in sheet.rows:
        if is_total(row):
            whole = row
            continue
        try:
            work = _work(row, place, intake)
            day = cells.day(row.get("Date"))
            if "Date" in sheet.header and day is None:
                raise cells.UnreadableCell("the Date is empty")
            if day is not None and day > intake.today:
                raise cells.UnreadableCell(f"the Date {day} is in the future")
            intake.add_work(work, line, {"day": day, **_numbers(row)})
        except cells.UnreadableCell as problem:
            intake.skip(line, str(problem))
    _compare_with_total(sheet, whole, intake)
    _name_unused_columns(sheet, intake)
    _count_days_before_publication(intake)


def read_days(sheet: Sheet, intake: Intake) -> None:
    """One row a day of the channel. `Subscribers` is the day's net change, not the number of followers."""
    creator = intake.creator_named(None)
    whole: Cells | None = None
    for line, row in sheet.rows:
        if is_total(row):
            whole = row
            continue
        try:
            day = cells.day(row.get("Date"))
            if day is None:
                raise cells.UnreadableCell("the Date is empty")
            if day > intake.today:
                raise cells.UnreadableCell(f"the Date {day} is in the future")
            numbers = _numbers(row)
            gained, lost = numbers.get("follow"), numbers.get("cancel_follow")
            net = numbers.get("net_follow")
            if net is None and gained is not None and lost is not None:
                net = gained - lost
            followers = {"new_followers": gained, "lost_followers": lost, "net_followers": net}
            intake.add_day(line, {"creator_id": creator, "day": day, **numbers, **followers})
        except cells.UnreadableCell as problem:
            intake.skip(line, str(problem))
    _compare_with_total(sheet, whole, intake)
    _name_unused_columns(sheet, intake)
    if "Subscribers" in sheet.header:
        intake.warnings.append(
            "The file gives each day's change in subscribers, not their number; where followers are shown they are "
            "counted up from 0 on the first day."
        )


def _work(row: Cells, place: str, intake: Intake) -> Row:
    work_id = cells.text(row.get(place))
    if work_id is None:
        raise cells.UnreadableCell(f"the {place} is empty")
    published = _read("Video publish time", row, cells.moment)
    if isinstance(published, datetime) and published.date() > intake.today:
        raise cells.UnreadableCell(f"the Video publish time {published.date()} is in the future")
    return {
        "creator_id": intake.creator_named(None),
        "work_id": work_id,
        "title": cells.text(row.get("Video title")),
        "published_at": published,
        "duration_seconds": _read("Duration", row, cells.seconds),
        "kind": "video",
        "tags": None,
    }


def _numbers(row: Cells) -> Row:
    return {field: _read(column, row, read) for column, (field, read) in _COLUMNS.items() if column in row}


def _read(column: str, row: Cells, read: Callable[[object], object]) -> object:
    try:
        return read(row.get(column))
    except cells.UnreadableCell as problem:
        raise cells.UnreadableCell(f"{column}: {problem}") from problem


def _seconds_of_hours(cell: object) -> float | None:
    hours = cells.number(cell)
    if hours is not None and hours < 0:
        raise cells.UnreadableCell(f"{cell!r} is negative")
    return None if hours is None else hours * 3600


def is_total(row: Cells) -> bool:
    """YouTube writes the sum of the whole export as a row of its own; it is no work and no day."""
    first = next((row[name] for name in ("Date", "Video", "Content") if row.get(name)), "")
    return str(first).strip().lower() == "total"


def _compare_with_total(sheet: Sheet, whole: Cells | None, intake: Intake) -> None:
    if whole is None:
        return
    for column in _SUMMED:
        if column not in sheet.header:
            continue
        try:
            told = cells.number(whole.get(column))
            summed = sum(cells.number(row.get(column)) or 0.0 for _, row in sheet.rows if not is_total(row))
        except cells.UnreadableCell:
            continue
        if told is not None and abs(told - summed) > 1e-6 * max(1.0, abs(told)):
            intake.warnings.append(
                f"The Total row says {column} {_plain(told)}, the rows add up to {_plain(summed)} "
                f"(difference {_plain(told - summed)}); the rows were imported."
            )


def _plain(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _name_unused_columns(sheet: Sheet, intake: Intake) -> None:
    unused = [column for column in sheet.header if column not in _PLACES and column not in _COLUMNS]
    if unused:
        intake.warnings.append(f"Columns that were not imported: {', '.join(unused)}.")


def _count_days_before_publication(intake: Intake) -> None:
    early = plays = 0
    works = intake.described_works()
    for row in intake.number_rows():
        published = works[(row["creator_id"], row["work_id"])].get("published_at")
        if row["day"] is not None and published is not None and row["day"] < published.date():
            early += 1
            plays += row.get("play") or 0
    if early:
        intake.warnings.append(
            f"{early:,} rows are of days before their work was published ({plays:,} plays in them); kept as given."
        )
