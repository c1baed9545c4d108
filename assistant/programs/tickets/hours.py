"""Service hours: when staff answer, and how long something took or may take within them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from assistant.errors import Misconfigured

_WRITTEN = re.compile(r"([1-7])-([1-7]) (\d{2}):(\d{2})-(\d{2}):(\d{2})")


@dataclass(frozen=True)
class ServiceHours:
    """From `opens` to `closes` on the weekdays `first` to `last` (1 is Monday), in the house's time zone."""

    first: int
    last: int
    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def of(cls, written: str, zone: ZoneInfo) -> Self:
        """From a setting such as `1-5 09:00-18:00`. Raises Misconfigured for anything else."""
        found = _WRITTEN.fullmatch(written.strip())
        try:
            if not found:
                raise ValueError(written)
            first, last, *clock = map(int, found.groups())
            made = cls(first, last, time(clock[0], clock[1]), time(clock[2], clock[3]), zone)
            if first > last or made.opens >= made.closes:
                raise ValueError(written)
        except ValueError as error:
            raise Misconfigured("HELIOTROPE_SERVICE_HOURS is written as 1-5 09:00-18:00 (1 is Monday).") from error
        return made

    def are_open(self, moment: datetime) -> bool:
        """Whether staff answer at this moment (UTC without a zone)."""
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """`moment` within the hours, else when they begin next."""
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            if not self.first <= day.isoweekday() <= self.last:
                continue
            begins, ends = (datetime.combine(day, clock, self.zone) for clock in (self.opens, self.closes))
            if local < ends:
                return moment if local >= begins else _utc(begins)
        raise AssertionError("every week has service hours")

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The moment at which so many minutes of service have passed since `moment`."""
        left = timedelta(minutes=minutes)
        at = self.next_open(moment)
        while (room := self._until_close(at)) < left:
            left -= room
            at = self.next_open(at + room)
        return at + left

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """How many whole minutes of service lie between two moments."""
        passed, at = timedelta(), self.next_open(start)
        while at < end:
            room = min(self._until_close(at), end - at)
            passed += room
            at = self.next_open(at + room)
        return int(passed.total_seconds() // 60)

    def _until_close(self, moment: datetime) -> timedelta:
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        return _utc(datetime.combine(local.date(), self.closes, self.zone)) - moment


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC).replace(tzinfo=None)
