"""Mappings that staff confirmed, kept by the header they are for: the next file with it imports by itself."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from assistant.database.engine import reading
from assistant.database.number_tables import column_mappings
from assistant.errors import NotFound
from connectors.feeds.columns import MappedColumn, Mapping, folded_name
from connectors.feeds.deciding import Choices
from knowledge.audit import record

# How a source counts that nobody described: nothing is taken for granted about it.
MAPPED_DEFINITION = "mapped"


@dataclass(frozen=True)
class Remembered:
    """A confirmed mapping, with what was said of dates and rates, by whom and when."""

    fingerprint: str
    mapping: Mapping
    choices: Choices
    confirmed_by: str
    confirmed_at: datetime


class ColumnMappings:
    """The mappings in SQL. There is one for a header; confirming another takes its place."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, header: Sequence[str]) -> Remembered | None:
        """The mapping confirmed for this header, in whatever order its columns stand; None without one."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(
                select(column_mappings).where(column_mappings.c.fingerprint == fingerprint(header))
            ).first()
        if row is None:
            return None
        by_name = {folded_name(name): name for name in header}
        columns = tuple(
            MappedColumn(by_name[folded_name(one["column"])], one["field"], one["reads"], one["meaning"])
            for one in row.columns
        )
        used = {one.column for one in columns}
        unused = tuple(name for name in header if name not in used)
        mapping = Mapping(row.name, MAPPED_DEFINITION, columns, unused)
        choices = Choices(row.dates, row.rates)
        return Remembered(row.fingerprint, mapping, choices, row.confirmed_by, row.confirmed_at)

    def confirm(self, header: Sequence[str], mapping: Mapping, choices: Choices, actor: str) -> None:
        """Keep a mapping for this header from now on."""
        key = fingerprint(header)
        columns = [
            {"column": one.column, "field": one.field, "reads": one.reads, "meaning": one.meaning}
            for one in mapping.columns
        ]
        with self._engine.begin() as connection:
            connection.execute(delete(column_mappings).where(column_mappings.c.fingerprint == key))
            connection.execute(
                insert(column_mappings).values(
                    fingerprint=key,
                    name=mapping.name,
                    header=list(header),
                    columns=columns,
                    dates=choices.dates,
                    rates=choices.rates,
                    confirmed_by=actor,
                    confirmed_at=datetime.now(UTC).replace(tzinfo=None),
                )
            )
            record(connection, actor, "mapping.confirmed", mapping.name, columns=columns)

    def forget(self, name: str, actor: str) -> None:
        """Ask anew for files with this header. Raises NotFound when there is no mapping of that name."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(column_mappings).where(column_mappings.c.name == name)).rowcount
            if not gone:
                raise NotFound(f"There is no mapping {name!r}.")
            record(connection, actor, "mapping.forgotten", name)

    def all(self) -> list[tuple[str, list[str]]]:
        """The mappings' names and headers."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(column_mappings).order_by(column_mappings.c.name)).all()
        return [(row.name, row.header) for row in rows]


def fingerprint(header: Sequence[str]) -> str:
    """What a header is known by: its folded column names, in any order."""
    return hashlib.sha256("\n".join(sorted(map(folded_name, header))).encode()).hexdigest()
