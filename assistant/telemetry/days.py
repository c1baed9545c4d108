"""The numbers of a day: how much was asked, how it was answered, and how fast; read from the turns that are kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, func, select

from assistant.database.engine import reading
from assistant.database.learning_tables import feedback
from assistant.database.tables import threads, turns
from assistant.telemetry.meters import stood_in

HOURS = 24
MOST = 50_000  # answers of a day that are read; where there are more, Prometheus counts


@dataclass(frozen=True)
class Hour:
    """An hour of the day, 0 to 23: answers given and refused, and the milliseconds within which half and 95 % of them
    were finished (None without any)."""

    hour: int
    answered: int
    refused: int
    median_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True)
class Day:
    """The answers of one day. `ungrounded` dropped a sentence or rest on nothing; in `stood_in` the extractive model
    answered for those that failed; `tokens` are those of configured models, in and out. `is_cut` tells that only the
    newest `MOST` were read."""

    day: date
    answers: int
    refused: int
    ungrounded: int
    stood_in: int
    tokens: int
    up: int
    down: int
    median_ms: float | None
    p95_ms: float | None
    hours: Sequence[Hour]
    channels: Mapping[str, int]
    models: Mapping[str, int]
    is_cut: bool

    @property
    def refused_share(self) -> float | None:
        """Of all answers; None without any."""
        return self.refused / self.answers if self.answers else None

    @property
    def grounded_share(self) -> float | None:
        """Of all answers; None without any."""
        return 1 - self.ungrounded / self.answers if self.answers else None


class Days:
    """Reads days in one time zone. Evaluations (the channel `test`) are left out."""

    def __init__(self, engine: Engine, zone: ZoneInfo) -> None:
        self._engine = engine
        self._zone = zone

    def numbers(self, day: date) -> Day:
        """The numbers of `day`."""
        names = ("asked_at", "refused", "grounded", "model", "timings_ms", "usage")
        query = self._of(day, *(turns.c[name] for name in names), threads.c.channel, feedback.c.verdict)
        newest = query.order_by(turns.c.asked_at.desc()).limit(MOST + 1)
        with reading(self._engine).begin() as connection:
            found = connection.execute(newest).all()
        rows = found[:MOST]
        hours: list[list[Any]] = [[] for _ in range(HOURS)]
        for row in rows:
            hours[row.asked_at.replace(tzinfo=UTC).astimezone(self._zone).hour].append(row)
        median, p95 = _speed(rows)
        verdicts = Counter(row.verdict for row in rows)
        return Day(
            day=day,
            answers=len(rows),
            refused=sum(row.refused for row in rows),
            ungrounded=sum(not row.grounded for row in rows),
            stood_in=sum(stood_in(row.model, row.timings_ms) for row in rows),
            tokens=sum((row.usage or {}).get(f"{kind}_tokens", 0) for row in rows for kind in ("input", "output")),
            up=verdicts["up"],
            down=verdicts["down"],
            median_ms=median,
            p95_ms=p95,
            hours=[_hour(number, of_hour) for number, of_hour in enumerate(hours)],
            channels=Counter(row.channel for row in rows),
            models=Counter(row.model for row in rows),
            is_cut=len(found) > MOST,
        )

    def answers_until(self, day: date, moment: time) -> int:
        """How many answers `day` had at this time of the day: what the same time of the next day compares with."""
        end = self._utc(day, moment)
        query = self._of(day, func.count()).where(turns.c.asked_at < end)
        with reading(self._engine).begin() as connection:
            return connection.scalar(query) or 0

    def _of(self, day: date, *columns: Any) -> Select[Any]:
        start, end = self._utc(day, time.min), self._utc(day + timedelta(days=1), time.min)
        return (
            select(*columns)
            .select_from(turns)
            .join(threads)
            .outerjoin(feedback)
            .where(turns.c.asked_at >= start, turns.c.asked_at < end, threads.c.channel != "test")
        )

    def _utc(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self._zone).astimezone(UTC).replace(tzinfo=None)


def _hour(number: int, rows: Sequence[Any]) -> Hour:
    refused = sum(row.refused for row in rows)
    return Hour(number, len(rows) - refused, refused, *_speed(rows))


def _speed(rows: Sequence[Any]) -> tuple[float | None, float | None]:
    """Median and 95th percentile of the whole time of answers, in milliseconds."""
    taken = sorted(row.timings_ms["total"] for row in rows if "total" in row.timings_ms)
    if not taken:
        return None, None
    if len(taken) == 1:
        return taken[0], taken[0]
    parts = quantiles(taken, n=20, method="inclusive")
    return parts[9], parts[18]
