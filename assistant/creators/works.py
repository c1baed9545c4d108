"""One creator's works with their totals since publication."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir

from assistant.creators.catalogue import CATALOGUE, SUMMED
from assistant.creators.formulas import DayFormula
from assistant.creators.warehouse import Row, Warehouse, parameter

NEWEST = 30  # works by which the source is chosen; as many as a work is compared with
# Besides what metrics need, the steps of a diagnosis.
_NUMBERS = (*SUMMED, "is_profile_enter", "cancel_follow")


@dataclass(frozen=True)
class Work:
    """A work and its totals, all from one source. `through` is the last day in them, None when the source gave totals
    as of its export. A number that the source does not know is None."""

    work_id: str
    title: str
    published_at: datetime
    duration_seconds: float | None
    source: str
    through: date | None
    numbers: dict[str, float | None]

    @property
    def plays(self) -> float | None:
        """Plays since publication."""
        return self.numbers["play"]

    def rate(self, slug: str) -> float | None:
        """A day metric of the catalogue, computed on this work alone."""
        formula = CATALOGUE[slug].formula
        assert isinstance(formula, DayFormula)
        return formula.value(self.numbers)

    def age_at(self, now: datetime) -> timedelta:
        """How long it has been out. When only its day is known, the age counts from the end of that day."""
        known_from = self.published_at
        if known_from.time() == time():
            known_from += timedelta(days=1)
        return now - known_from


def works_between(warehouse: Warehouse, creator: str, first: date, last: date) -> list[Work]:
    """The works published on [first, last], the newest first.

    Their numbers come from one source, so that they compare: the one that knows most of the 30 newest works, so that an
    old export does not outweigh what comes in now; then most fields, then the one imported last, then the first by
    name. A work which that source does not have is there with unknown numbers.
    """
    rows = warehouse.prepared_rows(_works_with_totals, creator=creator, first=first.isoformat(), last=last.isoformat())
    chosen = _source(rows)
    works: dict[str, Work] = {}
    for row in rows:
        if row["source"] == chosen or row["work_id"] not in works:
            works[row["work_id"]] = _work(row, chosen)
    return sorted(works.values(), key=lambda work: (work.published_at, work.work_id), reverse=True)


def titles_of_works(warehouse: Warehouse, creator: str) -> list[str]:
    """The titles of all works of a creator."""
    return sorted({row["title"] for row in warehouse.prepared_rows(_titles, creator=creator)} - {"", None})


def _titles(warehouse: Warehouse) -> ir.Table:
    """Parameter: creator."""
    return warehouse.works.filter(warehouse.works.creator_id == parameter("creator")).select("title")


def _source(rows: list[Row]) -> str | None:
    """The source that tells most about the newest of these works."""
    published = {row["work_id"]: row["published_at"] for row in rows}
    newest = frozenset(sorted(published, key=lambda work: (published[work], work), reverse=True)[:NEWEST])
    told: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    imported: dict[str, datetime] = {}
    for row in rows:
        source = row["source"]
        if source is not None and row["play"] is not None and row["work_id"] in newest:
            told[source] += 1
            fields[source] += sum(row[name] is not None for name in _NUMBERS)
            imported[source] = max(imported.get(source, datetime.min), row["imported_at"])
    return max(sorted(told), key=lambda source: (told[source], fields[source], imported[source]), default=None)


def _work(row: Row, chosen: str | None) -> Work:
    told = row["source"] == chosen
    return Work(
        work_id=row["work_id"],
        title=row["title"] or row["work_id"],
        published_at=row["published_at"],
        duration_seconds=row["duration_seconds"],
        source=row["source"] or "",
        through=row["through"] if told else None,
        numbers={name: row[name] if told else None for name in _NUMBERS},
    )


def _works_with_totals(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, first, last. One row a work and source that has totals of it, or one without a source."""
    lives = warehouse.lifetimes
    return lives.filter(
        lives.creator_id == parameter("creator"),
        lives.published_at >= parameter("first").cast("date").cast("timestamp"),
        lives.published_at < (parameter("last").cast("date") + ibis.interval(days=1)).cast("timestamp"),
    ).select("work_id", "title", "published_at", "duration_seconds", "source", "through", "imported_at", *_NUMBERS)
