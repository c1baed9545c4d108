"""What the warehouse asks of a database: cursors, transactions, and tables that nobody else sees.

SQL that the warehouse writes itself is kept to what every database here understands; everything else is compiled by
Ibis for the store's dialect.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa


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
        """Offer rows from elsewhere under a name that only this cursor knows."""
        ...

    def unregister(self, name: str) -> Any:
        """Take them away again."""
        ...


class Store(Protocol):
    """One database. A cursor that it is given is one of its own."""

    dialect: str  # as Ibis calls it

    def make_tables(self) -> bool:
        """Make what is missing; whether derived tables must be made anew."""
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

    def tidy(self, cursor: Any) -> None:
        """Lay the rows as they are read best."""
        ...

    def close(self) -> None:
        """Write everything down and let go."""
        ...


def listed(names: Iterable[str]) -> str:
    """Columns as SQL names them."""
    return ", ".join(f'"{name}"' for name in names)
