"""Ibis's SQL for ClickHouse where it means something else than for the other databases.

Ibis takes ClickHouse's approximate functions for quantiles and counts of what is different, dates that end in 2149 and
times in whole seconds. Figures must be the same on every database, so the exact functions and wide types stand here.
"""

import re
from collections.abc import Mapping
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.datatypes import ClickHouseType
from sqlglot.expressions import DataType

from assistant.creators.stores.store import COMPILING

# ClickHouse's names of what the queries call by DuckDB's.
_FUNCTIONS = {"bit_count": "bitCount", "arg_max": "argMax", "hash": "sipHash64"}
_PARAMETER = re.compile(r"'\$parameter:(\w+)'")
# How a compiled query names a relation: Ibis gives each an alias of its own.
_RELATION = re.compile(r'(?<![.\w])"(\w+)"( AS "t\d+")')
MICROSECONDS = "DateTime64(6, 'UTC')"


class _Types(ClickHouseType):
    """Days from 1900 to 2299 and microseconds, without a time zone of their own."""

    @classmethod
    def _from_ibis_Date(cls, _dtype: dt.Date) -> DataType:
        return DataType(this=DataType.Type.DATE32)

    @classmethod
    def _from_ibis_Timestamp(cls, _dtype: dt.Timestamp) -> DataType:
        given = sge.DataTypeParam(this=sge.Literal.number(6)), sge.DataTypeParam(this=sge.Literal.string("UTC"))
        return DataType(this=DataType.Type.DATETIME64, expressions=list(given))


class _Compiler(ClickHouseCompiler):
    __slots__ = ()

    type_mapper = _Types

    SIMPLE_OPS = {
        ops.CountDistinct: "uniqExact",
        ops.Date: "toDate32",
        ops.ExtractEpochSeconds: "toUnixTimestamp",
        ops.Median: "quantileExactInclusive",
    }

    def visit_Quantile(self, op: ops.Quantile, *, arg: Any, quantile: Any, where: Any) -> Any:
        """Between two values it is interpolated, as `percentile_cont` of the other databases does."""
        assert isinstance(op.quantile, ops.Literal)  # ClickHouse takes no other
        return self._visit_quantile("quantileExactInclusive", arg, sge.convert(op.quantile.value), where)

    def visit_ArgMax(self, op: ops.ArgMax, *, arg: Any, key: Any, where: Any) -> Any:
        """Of the rows where it is known."""
        return self.agg.argMax(arg, key, where=where)

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: dt.DataType) -> Any:
        """A literal is of the type it was given: left to itself ClickHouse takes the smallest that holds it."""
        if dtype.is_date():
            return self.f.toDate32(value.isoformat())
        written = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        return self.cast(written, dtype(nullable=False)) if dtype.is_integer() else written

    def visit_BitAndOrXor(self, op: ops.BitOr, *, arg: Any, where: Any) -> Any:
        """The bits stay those of a signed number."""
        return self.cast(super().visit_BitAndOrXor(op, arg=arg, where=where), op.dtype)

    visit_BitOr = visit_BitAndOrXor

    def __sql_name__(self, op: Any) -> str:
        name = super().__sql_name__(op)
        return _FUNCTIONS.get(name, name)


_COMPILER = _Compiler()


def compiled(expression: ir.Table) -> str:
    """An expression in ClickHouse's SQL; every relation in it has an alias (see `placed`)."""
    with COMPILING:
        if isinstance(expression.op(), ops.UnboundTable):
            expression = expression.select(*expression.columns)
        return str(_COMPILER.to_sqlglot(expression.unbind()).sql(dialect=_COMPILER.dialect, pretty=True))


def placed(query: str, places: Mapping[str, str]) -> str:
    """A compiled query with other relations in place of those that it names."""
    return _RELATION.sub(lambda found: f"{places.get(found[1], found[0][: -len(found[2])])}{found[2]}", query)


def prepared(query: str) -> str:
    """A compiled query with its parameters (see `warehouse.parameter`) as ClickHouse names them."""
    return _PARAMETER.sub(r"{\1:String}", query)
