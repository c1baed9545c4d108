"""Which of the creator's works a message means: by title and day of publication, or counted back from the latest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assistant.agent.following import number_of
from assistant.creators.digest import SETTLED
from assistant.creators.works import Work

SHORTEST_TITLE = 3  # characters
_COUNTED = re.compile(r"倒[数數]第(?P<nth>[一二两三四五六七八九十]|\d{1,2})|number (?P<number>\d{1,2}) from the latest")


@dataclass(frozen=True)
class WorkMeant:
    """The work; None when the message names none. `namesakes` are all works of its title, itself too, the newest
    first, where the message leaves open which of several is meant."""

    work: Work | None = None
    namesakes: tuple[Work, ...] = ()


def work_meant(message: str, works: Sequence[Work], now: datetime) -> WorkMeant:
    """What a message means of a creator's works, which come newest first."""
    named = works_named(message, works)
    if named:
        return WorkMeant(named[0], tuple(named) if len(named) > 1 else ())
    counted = _COUNTED.search(message)
    if counted is None:
        return WorkMeant()
    place = number_of(counted["nth"] or counted["number"]) - 1
    # Counted from the work that is told without a number: the latest that can be judged.
    settled = [at for at, work in enumerate(works) if work.plays is not None and work.age_at(now) >= SETTLED]
    older = works[settled[0] if settled else 0 :]
    return WorkMeant(older[place] if place < len(older) else None)


def works_named(message: str, works: Sequence[Work]) -> list[Work]:
    """The works with the longest title that stands in a message; where it also tells a day or a time at which some of
    them were published, those alone."""
    titles = [work.title for work in works if len(work.title) >= SHORTEST_TITLE and work.title in message]
    if not titles:
        return []
    title = max(titles, key=len)
    rest = message.replace(title, " ")
    named = [work for work in works if work.title == title]
    for tells in (_tells_year, _tells_day, _tells_time):
        named = [work for work in named if tells(rest, work.published_at)] or named
    return named


def told_apart(work: Work, works: Sequence[Work], lang: str) -> str:
    """When a work was published, as far as that tells it from other works of its title; empty when no other has it. Put
    beside the title, `works_named` finds that work alone."""
    moment, english = work.published_at, lang == "en"
    others = [one.published_at for one in works if one.title == work.title and one.work_id != work.work_id]
    if not others:
        return ""
    day = f"{moment:%B} {moment.day}" if english else f"{moment.month}月{moment.day}日"
    if any(_is_same_day(one, moment) and one.year != moment.year for one in others):
        day = f"{day}, {moment.year}" if english else f"{moment.year}年{day}"
    return f"{day} {moment:%H:%M}" if any(one.date() == moment.date() for one in others) else day


def _is_same_day(one: date, other: date) -> bool:
    return (one.month, one.day) == (other.month, other.day)


def _tells_year(text: str, moment: datetime) -> bool:
    return re.search(rf"(?<!\d){moment.year}(?!\d)", text) is not None


def _tells_day(text: str, moment: datetime) -> bool:
    month, day = moment.month, moment.day
    written = rf"(?<!\d)0?{month}\s*[-月/.]\s*0?{day}(?!\d)|{moment:%B} {day}(?!\d)|{moment:%b} {day}(?!\d)"
    return re.search(written, text) is not None


def _tells_time(text: str, moment: datetime) -> bool:
    return f"{moment:%H:%M}" in text
