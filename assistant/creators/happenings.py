"""What happened around a creator's numbers: silences, works far above the usual, campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Literal

from assistant.creators.digest import median_plays
from assistant.creators.figures import written
from assistant.creators.works import Work

GAP_DAYS = 7
GAP_FACTOR = 3
FAR_ABOVE = 5.0
# Five times a handful of plays is nothing to speak of.
LEAST_USUAL_PLAYS = 100
SHOWN_WORKS = 5
# A work is compared with at most 30 settled ones published before it, and with no fewer than 5.
COMPARED_AT_LEAST = 5

HappeningKind = Literal["posting_gap", "far_above_usual", "campaign"]


@dataclass(frozen=True)
class Happening:
    """Something with a first and a last day, named in a few words of each language."""

    kind: HappeningKind
    first: date
    last: date
    name_zh: str
    name_en: str
    work_id: str | None = None

    def is_near(self, day: date, days: int) -> bool:
        """Whether it began or ended at most `days` before or after `day`."""
        return min(abs((self.first - day).days), abs((self.last - day).days)) <= days


def posting_gaps(works: Sequence[Work], last: date) -> list[Happening]:
    """The silences of at least a week and three times the usual distance between two days of posting.

    `works` newest first; the present silence counts up to `last`, the last day of data.
    """
    days = sorted({work.published_at.date() for work in works})
    if len(days) < 4:
        return []
    usual = median((later - earlier).days for earlier, later in zip(days, days[1:], strict=False))
    found = []
    for earlier, later in zip(days, [*days[1:], last + timedelta(days=1)], strict=True):
        first = earlier + timedelta(days=1)
        silent = (later - first).days
        if silent >= max(GAP_DAYS, GAP_FACTOR * usual):
            until = later - timedelta(days=1)
            name_en = f"nothing published from {first} to {until} ({silent} days)"
            found.append(Happening("posting_gap", first, until, f"{first} 至 {until} 断更 {silent} 天", name_en))
    return found


def works_far_above(works: Sequence[Work]) -> list[Happening]:
    """The works with the largest multiples of what was usual before them, at most five. `works` newest first."""
    found: list[tuple[float, Happening]] = []
    for place, work in enumerate(works):
        earlier = [other for other in works[place + 1 :] if other.plays is not None]
        usual = median_plays(earlier, work.published_at) if len(earlier) >= COMPARED_AT_LEAST else None
        if usual is None or usual < LEAST_USUAL_PLAYS or work.plays is None or work.plays < FAR_ABOVE * usual:
            continue
        day, multiple = work.published_at.date(), work.plays / usual
        plays_zh, plays_en = written(work.plays, "count", "zh"), written(work.plays, "count", "en")
        name_zh = f"{day} 发布的《{work.title}》播放 {plays_zh}，是此前中位数的 {multiple:.1f} 倍"
        name_en = f"“{work.title}”, published on {day}, has {plays_en} plays, {multiple:.1f} times the median before it"
        found.append((multiple, Happening("far_above_usual", day, day, name_zh, name_en, work.work_id)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)[:SHOWN_WORKS]]
