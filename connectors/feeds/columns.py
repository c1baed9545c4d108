"""What a column of a platform's file is: the names it goes by, the field it fills, how it is read and what it means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.creators.layout import COUNTS, FOLLOWERS, RATES
from knowledge.folding import fold

# `change` is a count that may be negative; `percent` is 26.61 for 26.61 %; `rate` says nothing of its unit, which the
# whole column has to show.
Reads = Literal[
    "text", "count", "change", "percent", "fraction", "rate", "seconds", "milliseconds", "hours", "moment", "day"
]
PLACES = ("creator_id", "work_id", "day")
DESCRIPTION = ("title", "published_at", "duration_seconds", "kind", "tags")


@dataclass(frozen=True)
class Column:
    """A column that a platform is known to export. `names` are compared folded, so script and spacing do not matter."""

    field: str
    names: tuple[str, ...]
    reads: Reads
    meaning: str = ""


@dataclass(frozen=True)
class MappedColumn:
    """A column of one file, by the name it has there."""

    column: str
    field: str
    reads: Reads
    meaning: str = ""


@dataclass(frozen=True)
class Mapping:
    """How the columns of one header are read. `name` is the source under which the numbers are stored, `definition`
    how that source counts."""

    name: str
    definition: str
    columns: tuple[MappedColumn, ...]
    unused: tuple[str, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """The fields it fills."""
        return frozenset(column.field for column in self.columns)

    @property
    def is_about_works(self) -> bool:
        """Whether its rows can be about works: they have an id, or a title to know them by."""
        return bool(self.fields & {"work_id", "title"})

    def column_of(self, name: str) -> str | None:
        """The file's column that fills a field."""
        return next((column.column for column in self.columns if column.field == name), None)

    def as_record(self) -> dict[str, dict[str, str]]:
        """What is kept with the import: of each field the column, how it was read and what it means."""
        return {
            one.field: {"column": one.column, "reads": one.reads, "meaning": one.meaning} for one in self.columns
        }


@dataclass(frozen=True)
class Preset:
    """A known export of a platform.

    A header fits when of every group in `needs` a field is there, none of `lacks`, and, where `marks` are given, one
    of these column names, which no other platform uses.
    """

    name: str
    definition: str
    columns: tuple[Column, ...]
    needs: tuple[tuple[str, ...], ...]
    lacks: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    names_creators: bool = False

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file with this header is one of these."""
        there = self.mapping(header).fields
        folded = {folded_name(name) for name in header}
        return (
            all(any(name in there for name in group) for group in self.needs)
            and not there & set(self.lacks)
            and (not self.marks or any(folded_name(mark) in folded for mark in self.marks))
        )

    def mapping(self, header: Sequence[str]) -> Mapping:
        """The columns of `header` that are known; of two for one field, the one that the preset names first."""
        by_name = {folded_name(name): name for name in reversed(header)}
        found: dict[str, MappedColumn] = {}
        for column in self.columns:
            for name in column.names:
                at = by_name.get(folded_name(name))
                if at is not None and column.field not in found:
                    found[column.field] = MappedColumn(at, column.field, column.reads, column.meaning)
        used = {one.column for one in found.values()}
        unused = tuple(name for name in header if name not in used)
        return Mapping(self.name, self.definition, tuple(found.values()), unused)

    @property
    def shown_columns(self) -> str:
        """Some of its columns, as they are named in a sentence about what is known."""
        return ", ".join(column.names[0] for column in self.columns[:5]) + " …"


@lru_cache(maxsize=4096)
def folded_name(name: str) -> str:
    """A column name as it is compared: no case, width, spaces, or difference of Traditional and Simplified."""
    return re.sub(r"[\s_]+", "", fold(name))


def usual_reading(name: str) -> Reads:
    """How a field is read where nothing else is known of its column."""
    if name in ("net_follow", "net_followers"):
        return "change"
    if name in COUNTS or name in FOLLOWERS:
        return "count"
    if name in RATES:
        return "rate"
    readings: dict[str, Reads] = {"day": "day", "published_at": "moment"}
    return readings.get(name, "seconds" if name.endswith("_seconds") else "text")


def repeated(names: Iterable[str]) -> str | None:
    """A name that occurs twice, if there is one."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
