"""The rows of a query as columns, for the many rows that the warehouse is asked about."""

from operator import itemgetter
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, Select

from assistant.database.engine import reading

AT_ONCE = 20_000


def columns_of(engine: Engine, query: Select[Any], schema: pa.Schema) -> pa.Table:
    """The rows of `query` in the columns of `schema`, in its order.

    They are taken from the driver as it gives them, in parts: of a million rows SQLAlchemy would make as many objects,
    and whoever holds so many at once keeps the garbage collector busy. So a column has to be a number or text in SQL.
    """
    parts = []
    with reading(engine).begin() as connection:
        cursor = connection.execute(query).cursor
        assert cursor is not None  # a SELECT has one
        while rows := cursor.fetchmany(AT_ONCE):
            # Not zip(*rows), which makes an iterator of every row: four times as long.
            columns = [pa.array(list(map(itemgetter(at), rows)), kind) for at, kind in enumerate(schema.types)]
            parts.append(pa.record_batch(columns, schema=schema))
    return pa.Table.from_batches(parts, schema)
