"""What the warehouse asks of a database: cursors, transactions, and tables that nobody else sees.

SQL that the warehouse writes itself is kept to what every database here understands; everything else is compiled by
Ibis for the store's dialect.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators.imports import Import, Merged

# Holds a lock that all processes on the warehouse know, for stores whose database has none.
Turn = Callable[[], AbstractContextManager[object]]
FULL = "The disk of the creators' numbers is full, so nothing was written; make room and try again."
COMPILING = threading.Lock()  # Ibis compiles for one thread at a time
# The kinds of `layout` by the types in which Arrow brings them.
OF_ARROW = {
    pa.string(): "string",
    pa.large_string(): "string",
    pa.int64(): "int64",
    pa.int32(): "int64",
    pa.float64(): "float64",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}


class Cursor(Protocol):
    """Runs statements one after the other. `?` stands for a value in a sequence; a mapping fills what `Store.prepared`
    left open. After a statement that changes rows `fetchall` gives their number."""

    @property
    def description(self) -> Sequence[Any] | None:
        """The columns of the last query, each with its name first."""
        ...

    def execute(self, sql: str, parameters: Any = ...) -> Any:
        """Run a statement; returns the cursor."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last statement."""
        ...

    def register(self, name: str, rows: pa.Table) -> Any:
        """Offer rows from elsewhere under a name that only this cursor knows, in place of an earlier one's."""
        ...

    def unregister(self, name: str) -> Any:
        """Take them away again."""
        ...


class Store(Protocol):
    """One database. A cursor that it is given is one of its own."""

    dialect: str  # as Ibis calls it; compiled queries are kept by it

    def make_tables(self) -> bool:
        """Make what is missing; whether derived tables must be made anew."""
        ...

    def compiled(self, expression: ir.Table) -> str:
        """An expression in the database's SQL."""
        ...

    def prepared(self, compiled: str) -> str:
        """A compiled query, its parameters (`$parameter:name`, see `warehouse.parameter`) in the database's form."""
        ...

    def cursor(self) -> AbstractContextManager[Cursor]:
        """A cursor of one's own. Raises Unavailable once the store is closed."""
        ...

    def transaction(self, keep: bool) -> AbstractContextManager[Cursor]:
        """A cursor whose statements see one state of the numbers; with `keep` they write, alone, and all of it stays
        or nothing."""
        ...

    def keep(self, cursor: Any, name: str, compiled: str) -> None:
        """Compute a query once, into a table of the cursor's own, in place of an earlier one of that name."""
        ...

    def arrow(self, cursor: Any, sql: str) -> pa.Table:
        """The rows of a query as columns."""
        ...

    def next_import(self, cursor: Any) -> int:
        """The number of the import that begins now; none is ever used again."""
        ...

    def merge(self, cursor: Any, name: str, import_id: int) -> Merged:
        """Merge the relation `incoming` into one table; a column that it does not have is null.

        Numbers of the same key are replaced as a whole row, so that a rate never divides a new number by an old one; of
        a work's description only what the new row knows is replaced. Rows that say the same as before stay as they are.
        Raises BadInput when a key occurs twice.
        """
        ...

    def record(self, cursor: Any, row: Mapping[str, Any]) -> None:
        """Keep the row of an import (see `imports.written`)."""
        ...

    def imports(self, cursor: Any, limit: int) -> list[Import]:
        """The recorded imports, newest first."""
        ...

    def undo(self, cursor: Any, import_id: int, now: datetime, actor: str) -> tuple[Import, list[str]]:
        """Take an import back; returns it and the creators of whose works something changed.

        Raises NotFound for a number that was never given, Conflict when it is undone already or a later import replaced
        some of its rows.
        """
        ...

    def derive(self, cursor: Any, name: str, compiled: str) -> None:
        """Put what the query gives in place of the rows of the creators in the relation `touched`."""
        ...

    def insert(self, cursor: Any, name: str, columns: Sequence[str], compiled: str) -> None:
        """Add the rows of a query to a table that no import fills."""
        ...

    def forget(self, cursor: Any, creator_id: str) -> dict[str, int]:
        """Delete a creator's rows, and the names in its imports; the rows deleted by stored table."""
        ...

    def tidy(self, cursor: Any) -> None:
        """Lay the rows as they are read best."""
        ...

    def close(self) -> None:
        """Write everything down and let go."""
        ...


def compiled_for(dialect: str, expression: ir.Table) -> str:
    """An expression in SQL, as Ibis has it."""
    with COMPILING:
        return str(ibis.to_sql(expression, dialect=dialect))


def listed(names: Iterable[str]) -> str:
    """Columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in names)
