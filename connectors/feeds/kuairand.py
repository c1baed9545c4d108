"""KuaiRand's item features: one row a Kuaishou video, whose numbers are means per day and scenario.

The names and definitions are those of the dictionary published with the set (github.com/chongminggao/KuaiRand).
"""

from datetime import datetime

from assistant.creators.layout import KUAIRAND_DEFINITION
from connectors.feeds import cells
from connectors.feeds.columns import Column, Preset
from connectors.feeds.intake import Intake
from connectors.feeds.sheets import Cells, Sheet

DEFINITION = KUAIRAND_DEFINITION
_COUNTED = {
    "show_cnt": "show",
    "play_cnt": "play",
    "complete_play_cnt": "complete_play",
    "valid_play_cnt": "valid_play",
    "long_time_play_cnt": "long_time_play",
    "short_time_play_cnt": "short_time_play",
    "like_cnt": "like",
    "comment_cnt": "comment",
    "share_cnt": "share",
    "collect_cnt": "collect",
    "follow_cnt": "follow",
    "cancel_follow_cnt": "cancel_follow",
    "cancel_like_cnt": "cancel_like",
    "cancel_collect_cnt": "cancel_collect",
    "reduce_similar_cnt": "reduce_similar",
    "report_cnt": "report",
}

ITEMS = Preset(
    name="kuairand_item_features",
    definition=DEFINITION,
    needs=(("work_id",), ("creator_id",), ("published_at",), ("play",), ("show",)),
    marks=("counts",),
    names_creators=True,
    columns=(
        Column("work_id", ("video_id",), "text"),
        Column("creator_id", ("author_id",), "text"),
        Column("published_at", ("upload_dt",), "moment"),
        Column("duration_seconds", ("video_duration",), "milliseconds"),
        Column("kind", ("video_type",), "text"),
        Column("tags", ("tag",), "text"),
        *(Column(field, (name,), "count", "mean per day and scenario × counts") for name, field in _COUNTED.items()),
        Column("play_duration_seconds", ("play_duration",), "milliseconds", "mean per day and scenario × counts"),
    ),
)

def read_items(sheet: Sheet, intake: Intake) -> None:
    """Each video becomes a work of `kuairand-<author>` with its totals: mean × `counts`, the rows it was taken over."""
    others = without_duration = more_plays = rounded = 0
    for line, row in sheet.rows:
        try:
            author, video = cells.count(row.get("author_id")), cells.count(row.get("video_id"))
            times = cells.count(row.get("counts"))
            published = cells.moment(row.get("upload_dt"))
            if author is None or video is None or times is None:
                raise cells.UnreadableCell("author_id, video_id or counts is empty")
            if published is not None and published.date() > intake.today:
                raise cells.UnreadableCell(f"upload_dt {published.date()} is in the future")
            creator = f"kuairand-{author}"
            if intake.creator_id not in (None, creator):
                others += 1
                continue
            numbers, uneven = _totals(row, times)
            duration = cells.number(row.get("video_duration"))
        except cells.UnreadableCell as problem:
            intake.skip(line, str(problem))
            continue
        rounded += uneven
        without_duration += duration is None
        more_plays += (numbers.get("play") or 0) > (numbers.get("show") or 0)
        intake.add_work(_work(row, creator, str(video), published, duration), line, {"day": None, **numbers})
    _warn(intake, others, without_duration, more_plays, rounded)


def _totals(row: Cells, times: int) -> tuple[dict[str, float | None], int]:
    """The sums, and how many of them were not whole and had to be rounded."""
    numbers: dict[str, float | None] = {}
    uneven = 0
    for column, field in _COUNTED.items():
        mean = cells.number(row.get(column))
        if mean is not None and mean < 0:
            raise cells.UnreadableCell(f"{column} is negative")
        numbers[field] = None if mean is None else round(mean * times)
        uneven += mean is not None and abs(mean * times - round(mean * times)) > 1e-4
    watched = cells.number(row.get("play_duration"))
    numbers["play_duration_seconds"] = None if watched is None else watched * times / 1000
    return numbers, uneven


def _work(
    row: Cells, creator: str, video: str, published: datetime | None, duration: float | None
) -> dict[str, object]:
    return {
        "creator_id": creator,
        "work_id": video,
        "title": None,
        "published_at": published,
        "duration_seconds": None if duration is None else duration / 1000,
        "kind": cells.text(row.get("video_type")),
        "tags": cells.text(row.get("tag")),
    }


def _warn(intake: Intake, others: int, without_duration: int, more_plays: int, rounded: int) -> None:
    intake.warnings.append(
        "The file gives means per day and scenario; the totals are mean × counts. Durations were turned from "
        "milliseconds into seconds."
    )
    if others:
        intake.warnings.append(f"{others:,} rows belong to other creators than {intake.creator_id} and were left out.")
    if without_duration:
        intake.warnings.append(f"{without_duration:,} works have no duration.")
    if more_plays:
        intake.warnings.append(f"{more_plays:,} works have more plays than impressions; kept as given.")
    if rounded:
        intake.warnings.append(f"{rounded:,} totals were not whole numbers and were rounded.")
