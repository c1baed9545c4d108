"""What Ibis computes is what the formula means: random formulas on random rows, beside a direct computation."""

from collections.abc import Iterator

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.creators.language.compiling import covered, value_of
from assistant.creators.language.trees import Expression, Formula, fields_of
from tests.assistant.creators.language.formulas import FIELDS, Row, direct, formulas

WIDTH = 7
SCHEMA = pa.schema([("back", pa.int64()), *((name, pa.int64()) for name in FIELDS)])

_row = {"back": st.integers(0, 20), **dict.fromkeys(FIELDS, st.none() | st.integers(0, 5))}
rows_of_works = st.lists(st.fixed_dictionaries(_row), max_size=8)


@pytest.fixture(scope="module")
def database() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(formulas, rows_of_works)
def test_a_compiled_formula_gives_what_the_formula_means(
    database: ibis.BaseBackend, expression: Expression, rows: list[Row]
) -> None:
    table = ibis.memtable(pa.Table.from_pylist(rows, SCHEMA))
    formula = Formula(expression, "work")
    computed = database.to_pyarrow(table.agg(value=value_of(formula, table, WIDTH), n=covered(formula, table, WIDTH)))
    names = fields_of(expression)
    known = [row for row in rows if all(row[name] is not None for name in names)]
    expected = direct(expression, _with_reach(known, rows), WIDTH)
    value = computed["value"][0].as_py()
    assert value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9))
    assert computed["n"][0].as_py() == sum(row["back"] < WIDTH for row in known)


def _with_reach(known: list[Row], rows: list[Row]) -> list[Row]:
    """How far back the data reach is a matter of all rows; an unknown row stands for itself outside every window."""
    oldest = max((row["back"] for row in rows), default=-1)
    reach = {"back": oldest, **dict.fromkeys(FIELDS)}
    return known if any(row["back"] == oldest for row in known) or oldest < 0 else [*known, reach | {"is_reach": True}]
