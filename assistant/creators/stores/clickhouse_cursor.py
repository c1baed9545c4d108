"""A ClickHouse database by address, and the cursor through which statements reach it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError

from assistant.creators.stores.clickhouse_dialect import MICROSECONDS, placed
from assistant.creators.stores.clickhouse_tables import TYPES, VIEWS, view
from assistant.creators.stores.store import OF_ARROW
from assistant.errors import Misconfigured, Unavailable

DATABASE = "heliotrope"
NOW = 2**63 - 1
SECURE = ("clickhouses", "https")
CONNECT_SECONDS, ANSWER_SECONDS = 5, 600
INSERTED = 100_000  # rows of one request
# Rows without a partner are null, a column goes before an alias of its name, times have no zone, a mutation is over
# when it returns, and a repeated block of rows is no duplicate.
_SETTINGS = {
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
    "mutations_sync": 2,
    "insert_deduplicate": 0,
    "max_partitions_per_insert_block": 0,
}
_BOUND = {str: "String", int: "Int64", float: "Float64", date: "Date32", datetime: MICROSECONDS}


class ClickHouseCursor:
    """Runs statements in a state of the numbers, with tables of its own.

    `change` is the number of the change that is under way, 0 of a reader.
    """

    def __init__(self, client: Client, at: int = NOW, change: int = 0) -> None:
        self._client = client
        self._at = at
        self.change = change
        self.without = 0
        self.entries: list[dict[str, Any]] = []
        self.description: Sequence[Any] | None = None
        self._rows: list[tuple[Any, ...]] = []
        self._own: dict[str, str] = {}

    def of(self, name: str) -> str:
        """A view, in the state that this cursor sees, or a table of its own."""
        return self._own.get(name) or view(name, self._at, self.change, self.without)

    def execute(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> "ClickHouseCursor":
        """Run a query that Ibis compiled or that names what it reads by `of`; `?` stands for a positional value."""
        found = self.arrow(sql, parameters)
        self.description = [(name,) for name in found.column_names]
        self._rows = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last query."""
        return self._rows

    def arrow(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> pa.Table:
        """The rows of a query as columns."""
        query, values = _bound(self._placed(sql), parameters)
        with _answering():
            found = self._client.query_arrow(query, values, use_strings=True)
        return found.cast(pa.schema([(field.name, _plain(field.type)) for field in found.schema]))

    def run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """A statement that gives no rows."""
        command, values = _bound(self._placed(sql), parameters)
        with _answering():
            self._client.command(command, values)

    def register(self, name: str, rows: pa.Table) -> None:
        """A table that this cursor knows by the name."""
        self.unregister(name)
        columns = ", ".join(f'"{field.name}" {TYPES[OF_ARROW[field.type]]}' for field in rows.schema)
        table = self._new(name)
        self.run(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        self._own[name] = table
        with _answering():
            for start in range(0, rows.num_rows, INSERTED):
                self._client.insert_arrow(table, rows.slice(start, INSERTED))

    def keep(self, name: str, compiled: str) -> None:
        """The rows of a query as such a table, in place of an earlier one of that name."""
        table = self._new(name)
        self.run(f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY tuple() AS {compiled}")
        self.unregister(name)
        self._own[name] = table

    def unregister(self, name: str) -> None:
        """Drop a table of one's own."""
        if table := self._own.pop(name, None):
            self.run(f"DROP TABLE IF EXISTS {table}")

    def close(self) -> None:
        """Drop all of them; what cannot be dropped now is dropped when the warehouse is opened next."""
        with suppress(Unavailable):
            for name in list(self._own):
                self.unregister(name)

    def _new(self, name: str) -> str:
        return f"own_{datetime.now():%Y%m%d}_{uuid4().hex[:12]}_{name}"

    def _placed(self, sql: str) -> str:
        return placed(sql, {name: self.of(name) for name in (*VIEWS, *self._own)})


def connected(url: str) -> Client:
    """A client of the database in the address, made when it is missing. Raises Misconfigured or Unavailable."""
    try:
        address = urlsplit(url)
        is_secure = address.scheme in SECURE
        where: dict[str, Any] = {
            "host": address.hostname or "localhost",
            "port": address.port or (8443 if is_secure else 8123),
            "username": unquote(address.username or "default"),
            "password": unquote(address.password or ""),
            "secure": is_secure,
            "connect_timeout": CONNECT_SECONDS,
            "send_receive_timeout": ANSWER_SECONDS,
            "autogenerate_session_id": False,  # a session takes one query at a time
        }
        database = address.path.strip("/") or DATABASE
        if not database.isidentifier():
            raise ValueError("the name of its database must be of letters, digits and underscores")
    except ValueError as error:
        raise Misconfigured(f"HELIOTROPE_WAREHOUSE_URL cannot be used: {error}.") from error
    with _answering():
        clickhouse_connect.get_client(**where).command(f"CREATE DATABASE IF NOT EXISTS {database}")
        return clickhouse_connect.get_client(**where, database=database, settings=_SETTINGS)


@contextmanager
def _answering() -> Iterator[None]:
    """A server that does not answer, or refuses, is Unavailable."""
    try:
        yield
    except OperationalError as error:
        raise Unavailable("The warehouse does not answer; check HELIOTROPE_WAREHOUSE_URL and the server.") from error
    except ClickHouseError as error:
        said = str(error).splitlines()[0]
        raise Unavailable("The warehouse refuses: {said}", said=said[:300]) from error


def _bound(sql: str, parameters: Sequence[object] | Mapping[str, object]) -> tuple[str, dict[str, Any]]:
    """A statement with its values apart, which the server binds."""
    if isinstance(parameters, Mapping):
        return sql, {name: str(value) for name, value in parameters.items()}
    pieces = sql.split("?")
    if len(pieces) - 1 != len(parameters):
        return sql, {}
    written, values = pieces[0], {}
    for number, (value, piece) in enumerate(zip(parameters, pieces[1:], strict=True)):
        kind = "Nullable(String)" if value is None else _BOUND[type(value)]
        values[f"v{number}"] = value
        written += f"{{v{number}:{kind}}}{piece}"
    return written, values


def _plain(kind: pa.DataType) -> pa.DataType:
    """Times without the zone that ClickHouse names."""
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind
