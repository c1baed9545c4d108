"""When rounds are due, by a clock that may be set while the house stands."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter

log = logging.getLogger(__name__)
# A clock that goes back by more was set, or summer time ended; less is its being kept right.
SET_BACK = timedelta(seconds=5)


@dataclass(frozen=True)
class Due:
    """A round and the time that it is due at. `name_of_run` is the same in every process, so that it runs once."""

    name: str
    at: datetime
    era: str

    @property
    def name_of_run(self) -> str:
        """Its time is in it, and since when that time is counted again after the clock was set back."""
        return f"round-{self.name}-{self.at.isoformat()}{self.era}"


class Timetable:
    """The times of rounds (`crons`, by name) after a moment.

    A scheduler that waits from one time to the next makes up for every minute of a day that the clock was set forward,
    and does nothing for the hour that it was set back. Here a round whose times were jumped over is due once, and a
    time that comes again is a time like any other.
    """

    def __init__(self, crons: Mapping[str, str], now: datetime) -> None:
        self._crons = crons
        self._era = ""
        self._looked_at = now
        self._begun = {name: _latest(cron, now) for name, cron in crons.items()}

    def due(self, now: datetime) -> Iterator[Due]:
        """The rounds that are due and were not `begun`."""
        if now < self._looked_at - SET_BACK:
            log.warning("The clock was set back by %.0f s; rounds follow it.", (self._looked_at - now).total_seconds())
            self._era = f"-{int(now.timestamp())}"
            self._begun = {name: _latest(cron, now) for name, cron in self._crons.items()}
        self._looked_at = now
        for name, cron in self._crons.items():
            latest = _latest(cron, now)
            if latest > self._begun[name]:
                yield Due(name, latest, self._era)

    def begun(self, due: Due) -> None:
        """It is under way: it is due again at its next time."""
        self._begun[due.name] = due.at


def _latest(cron: str, now: datetime) -> datetime:
    """The last time of `cron` before `now`."""
    time: datetime = croniter(cron, now).get_prev(datetime)
    return time
