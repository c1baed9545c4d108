"""Invented creators to try everything with. They are marked synthetic, and the same day gives the same numbers."""

import math
from datetime import date, datetime, time, timedelta
from random import Random

from assistant.creators.accounts import Accounts, Creator
from assistant.creators.demonstration_stories import STORIES, Story
from assistant.creators.layout import OWN_DEFINITION
from assistant.creators.warehouse import Batch, Row, Warehouse

SOURCE = "demonstration"
PLATFORM = "kuaishou"
# A work gives up this share of what remains of its impressions every day, and is at rest after so many days.
DAILY_SHARE = 0.42
WORK_LIFE_DAYS = 16
HIT_FACTOR = 45.0
_TITLES = ("{}，这样做就对了", "今天聊聊{}", "{}的三个细节", "第一次试{}", "{}，你们要的来了", "一条视频看懂{}")
_SUMMED = (
    "show", "play", "complete_play", "valid_play", "long_time_play", "short_time_play", "play_duration_seconds", "like",
    "comment", "share", "collect", "follow", "cancel_follow", "is_profile_enter",
)  # fmt: skip


def demonstration_creators(end: date) -> tuple[list[Creator], list[Row], list[Row], list[Row]]:
    """Twelve creators with the rows of works, work_numbers and creator_days up to the day before `end`.

    A creator's day is the sum of the day's work numbers; followers are the day before's plus the net of the day.
    """
    creators: list[Creator] = []
    works: list[Row] = []
    numbers: list[Row] = []
    days: list[Row] = []
    for story in STORIES:
        creators.append(Creator(story.id, story.name, PLATFORM, story.category, story.story, synthetic=True))
        told_works, told_numbers = _works_of(story, end)
        works += told_works
        numbers += told_numbers
        days += _days_of(story, end, told_numbers)
    return creators, works, numbers, days


def load_demonstration(accounts: Accounts, warehouse: Warehouse, end: date) -> int:
    """Add the demonstration creators that do not exist yet, numbers first, and say how many were added."""
    missing = [story for story in STORIES if accounts.find(story.id) is None]
    if not missing:
        return 0
    names = {story.id for story in missing}
    creators, *tables = demonstration_creators(end)
    works, numbers, days = ([row for row in rows if row["creator_id"] in names] for rows in tables)
    warehouse.store(Batch(works, numbers, days), datetime.combine(end, time()))
    for creator in creators:
        if creator.id in names:
            accounts.add(creator)
    return len(missing)


def _works_of(story: Story, end: date) -> tuple[list[Row], list[Row]]:
    chance = Random(story.id)
    works: list[Row] = []
    numbers: list[Row] = []
    owed = 0.5
    for day in range(story.days):
        # The rhythm is kept on average: what is due accumulates, a day earlier or later by chance.
        owed += story.posts(day) * chance.uniform(0.6, 1.4) if story.posts(day) else 0.0
        due = int(owed)
        if story.hit_on == day and not due:
            due, owed = 1, owed + 1
        for _ in range(due):
            owed -= 1
            work = _work(story, end, day, len(works), chance)
            works.append(work)
            numbers += _life_of(story, end, day, work, chance)
    return works, numbers


def _work(story: Story, end: date, day: int, ordinal: int, chance: Random) -> Row:
    published = datetime.combine(_date_of(story, end, day), time(chance.randint(9, 22), chance.randint(1, 59)))
    return {
        "creator_id": story.id,
        "work_id": f"{story.id}-{ordinal + 1:03d}",
        "title": chance.choice(_TITLES).format(chance.choice(story.subjects)),
        "published_at": published,
        "duration_seconds": float(chance.randint(*story.durations)),
        "kind": "video",
        "tags": story.category,
    }


def _life_of(story: Story, end: date, day: int, work: Row, chance: Random) -> list[Row]:
    """The work's numbers day by day, until it is at rest or the history ends."""
    luck = HIT_FACTOR if story.hit_on == day else chance.lognormvariate(0, 0.35)
    left = story.shows * story.reach(day) * luck
    rates = {name: value * chance.lognormvariate(0, 0.08) for name, value in vars(story.rates).items()}
    rates["short"] = min(rates["short"] * story.hook(day), 0.75)
    if story.hook(day) > 1:
        rates["valid"], rates["complete"] = rates["valid"] * 0.72, rates["complete"] * 0.6
    rates["follow"] *= story.following(day)
    rows: list[Row] = []
    for age in range(min(WORK_LIFE_DAYS, story.days - day)):
        show = _whole(left * DAILY_SHARE, chance)
        left -= left * DAILY_SHARE
        if show == 0 and age:
            continue
        rows.append(
            {
                "creator_id": story.id,
                "work_id": work["work_id"],
                "day": _date_of(story, end, day + age),
                **_plays(show, work["duration_seconds"], rates, chance),
                "source": SOURCE,
                "definition": OWN_DEFINITION,
            }
        )
    return rows


def _plays(show: int, duration: float, rates: dict[str, float], chance: Random) -> Row:
    """One work's day: no step of the funnel is larger than the one before it."""
    play = min(_whole(show * rates["play"], chance), show)
    short = min(_whole(play * rates["short"], chance), play)
    valid = min(_whole(play * rates["valid"], chance), play - short)
    complete = min(_whole(play * rates["complete"], chance), valid)
    # Up to 18 seconds a long play is a complete one; above, it lies between valid and complete.
    long = complete if duration <= 18 else complete + (valid - complete) * 6 // 10
    watched = (
        short * 1.6
        + (play - short - valid) * min(5.0, duration * 0.4)
        + (valid - long) * min(11.0, duration * 0.7)
        + (long - complete) * max(min(18.0, duration), duration * 0.55)
        + complete * duration * 1.02
    )
    profile = min(_whole(play * rates["profile"], chance), play)
    follow = min(_whole(play * rates["follow"], chance), profile)
    return {
        "show": show,
        "play": play,
        "complete_play": complete,
        "valid_play": valid,
        "long_time_play": long,
        "short_time_play": short,
        "play_duration_seconds": round(watched, 1),
        "like": min(_whole(play * rates["like"], chance), play),
        "comment": _whole(play * rates["comment"], chance),
        "share": _whole(play * rates["share"], chance),
        "collect": _whole(play * rates["collect"], chance),
        "follow": follow,
        "cancel_follow": min(_whole(play * 0.00015, chance), follow),
        "is_profile_enter": profile,
    }


def _days_of(story: Story, end: date, numbers: list[Row]) -> list[Row]:
    chance = Random(f"{story.id} days")
    sums: dict[date, Row] = {}
    for row in numbers:
        total = sums.setdefault(row["day"], dict.fromkeys(_SUMMED, 0))
        for name in _SUMMED:
            total[name] += row[name]
    rows: list[Row] = []
    followers = story.followers
    for index in range(story.days):
        day = _date_of(story, end, index)
        total = sums.get(day, dict.fromkeys(_SUMMED, 0))
        gained = total["follow"] + _whole(story.live_follows(index) * chance.uniform(0.7, 1.3), chance)
        lost = total["cancel_follow"] + _whole(followers * story.churn * chance.uniform(0.7, 1.3), chance)
        lost = min(lost, followers + gained)
        followers += gained - lost
        rows.append(
            {
                "creator_id": story.id,
                "day": day,
                "followers": followers,
                "new_followers": gained,
                "lost_followers": lost,
                "net_followers": gained - lost,
                **total,
                "source": SOURCE,
                "definition": OWN_DEFINITION,
            }
        )
    return rows


def _date_of(story: Story, end: date, day: int) -> date:
    return end - timedelta(days=story.days - day)


def _whole(expected: float, chance: Random) -> int:
    """A whole number around `expected`, scattered as counts are; small expectations become 0 or 1 by chance."""
    scattered = max(0.0, chance.gauss(expected, math.sqrt(expected) * 0.8)) if expected >= 4 else expected
    return int(scattered) + (chance.random() < scattered % 1)
