"""Metrics as expressions over many creators agree with the figures of each."""

from datetime import timedelta

import ibis
import pytest

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.custom import as_metric
from assistant.creators.expressions import metric_base, metric_expression
from assistant.creators.language.trees import looks_back
from assistant.creators.metrics import series_of
from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.language.test_checking import understood

END = TODAY - timedelta(days=1)
START = END - timedelta(days=27)


def test_one_query_gives_every_metric_of_every_creator(demonstration: Warehouse) -> None:
    days = demonstration.daily_sums
    days = days.filter(days.day.between(START, END))
    lives = demonstration.lifetimes
    lives = lives.mutate(basis=ibis.literal(""), day=lives.published_at.cast("date"))
    lives = lives.filter(lives.day.between(START, END))
    for metric in CATALOGUE.values():
        rows = lives if metric.expression.rows == "work" else days
        computed = demonstration.rows(
            rows.group_by("creator_id", "basis").agg(
                value=metric_expression(metric, rows, 28), base=metric_base(metric, rows, 28)
            )
        )
        of_creator = {(row["creator_id"], row["basis"]): row for row in computed}
        assert len({creator for creator, _ in of_creator}) == 12
        for creator in ("demo-01", "demo-05", "demo-11"):
            told = series_of(demonstration, creator, metric, END, 28, 1)
            row = of_creator[creator, told.basis]
            assert row["value"] == pytest.approx(told.values[0]), (metric.slug, creator)
            assert round(row["base"]) == told.samples[0]


def test_a_custom_metric_that_looks_back_is_one_query_too(demonstration: Warehouse) -> None:
    found = understood("sum(plays) / lag(sum(plays), 28)")
    metric = as_metric("growth", "growth", found.formula, found.unit, 1)
    days = demonstration.daily_sums
    rows = days.filter(days.basis == "creator days", days.day <= END)
    rows = rows.mutate(back=ibis.literal(END).delta(rows.day, unit="day"))
    computed = demonstration.rows(rows.group_by("creator_id").agg(value=metric_expression(metric, rows, 28)))
    values = {row["creator_id"]: row["value"] for row in computed}
    assert values["demo-01"] == pytest.approx(series_of(demonstration, "demo-01", metric, END, 28, 1).values[0])
    # Nine days of data do not reach back that far.
    assert values["demo-05"] is None


def test_what_a_metric_needs_is_asked_for(demonstration: Warehouse) -> None:
    with pytest.raises(BadInput, match="width"):
        metric_expression(CATALOGUE["posting_frequency"], demonstration.lifetimes)
    found = understood("sum(plays) - lag(sum(plays), 7)")
    assert looks_back(found.formula)
    with pytest.raises(BadInput, match="back"):
        metric_expression(as_metric("x", "x", found.formula, found.unit, 1), demonstration.daily_sums, 7)
