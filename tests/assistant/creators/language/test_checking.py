"""Names, rows and units of a formula."""

import time
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from assistant.creators import layout
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.custom import CustomMetrics
from assistant.creators.language.checking import Understood
from assistant.creators.language.faults import FormulaFault, sentences
from assistant.creators.language.trees import Rows
from assistant.creators.language.units import is_total, shown_unit
from assistant.creators.language.words import FIELD_WORDS, FIELDS, FUNCTIONS
from assistant.creators.language.writing import write
from assistant.database import schema
from assistant.errors import BadInput

_PIECES = (
    "sum(", "avg(", "ratio(", "if(", "rolling(", "lag(", "percentile(", "mean_of_ratios(", "count()", "count_if(",
    "days()", "per_week(", "plays", "播放", "likes", "时长", "follow_rate", "posting_frequency", "1", "7", "30%", "+",
    "-", "*", "/", ">", ",", ")", " by day",
)  # fmt: skip


def understood(text: str) -> Understood:
    """A formula read with the names of the catalogue alone."""
    return _metrics().understood(text, None)


@cache
def _metrics() -> CustomMetrics:
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    return CustomMetrics(engine)


@pytest.mark.parametrize(
    ("text", "unit", "rows"),
    [
        ("sum(plays)", "count", "sums"),
        ("sum(likes + 2 * comments - shares / 3)", "count", "sums"),
        ("ratio(sum(follows), sum(likes + comments + shares))", "percent", "sums"),
        ("sum(follows) / sum(plays)", "ratio", "sums"),
        ("per_thousand(sum(follows), sum(plays))", "per_thousand", "sums"),
        ("ratio(sum(watched_seconds), sum(plays))", "seconds", "sums"),
        ("plays / days()", "count", "sums"),
        ("sum(plays) - lag(sum(plays), 28)", "count", "sums"),
        ("(like_rate + share_rate) / 2", "percent", "sums"),
        ("ratio(average_watch_seconds * 1, rolling(average_watch_seconds, 28))", "percent", "sums"),
        ("avg(plays)", "count", "work"),
        ("avg(plays) by day", "count", "day"),
        ("sum(plays) by work", "count", "work"),
        ("sum(if(plays > 1万, 1, 0))", "count", "work"),
        ("sum(plays) / count()", "count", "work"),
        ("ratio(count_if(plays > 1万), count())", "percent", "work"),
        ("percentile(ratio(likes, plays), 90)", "percent", "work"),
        ("mean_of_ratios(likes, plays)", "percent", "work"),
        ("avg(duration)", "seconds", "work"),
        ("per_week(count())", "per_week", "work"),
        ("median_plays_per_work / 2", "count", "work"),
        ("“click-through rate” * 2", "percent", "sums"),
        ("點擊率 + 5%", "percent", "sums"),
    ],
)
def test_unit_and_rows_follow_from_the_formula(text: str, unit: str, rows: Rows) -> None:
    found = understood(text)
    assert (found.unit, found.formula.rows) == (unit, rows)


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("sum(plays) + sum(watched_seconds)", "units_differ", 11),
        ("sum(plays) > count()", "units_differ", 11),
        ("if(plays > 3, sum(plays), sum(watched_seconds))", "branches_differ", 0),
        ("sum(plays) * sum(plays)", "no_unit", 11),
        ("per_week(sum(plays))", "per_week", 0),
        ("sum(plys)", "unknown_field", 4),
        ("folow_rate * 2", "unknown_metric", 0),
        ("plays + likes", "field_outside", 8),
        ("ratio(likes, plays)", "ratio_outside", 0),
        ("sum(avg(plays))", "aggregate_inside", 4),
        ("sum(lag(plays, 7))", "aggregate_inside", 4),
        ("sum(like_rate)", "metric_inside", 4),
        ("suum(plays)", "unknown_function", 0),
        ("avg(plays, 2)", "arguments", 0),
        ("rolling(sum(plays), 1.5)", "literal_days", 20),
        ("lag(sum(plays), 0)", "literal_days", 16),
        ("percentile(plays, 101)", "literal_percentile", 18),
        ("1 + 1", "nothing_counted", 2),
        ("days()", "nothing_counted", 0),
        ("count_if(plays)", "needs_condition", 9),
        ("sum(plays > 3)", "needs_number", 10),
        ("plays > 3", "needs_number", 6),
        ("plays + median_plays_per_work", "rows_differ", 0),
        ("avg(时长) 按天", "works_only", 4),
        ("like_rate@2", "unknown_version", 0),
    ],
)
def test_a_fault_points_at_its_character_and_says_what_to_do(text: str, kind: str, at: int) -> None:
    with pytest.raises(FormulaFault) as fault:
        understood(text)
    assert (fault.value.kind, fault.value.at) == (kind, at)
    for lang in ("zh", "en"):
        assert "{" not in fault.value.told(lang)


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    with pytest.raises(FormulaFault, match="did you mean “plays”"):
        understood("sum(plys)")
    with pytest.raises(FormulaFault, match="did you mean “follow_rate”"):
        understood("folow_rate * 2")


def test_ratio_of_sums_and_mean_of_ratios_are_different_words() -> None:
    assert write(understood("ratio(sum(likes), sum(plays))").formula) == "ratio(sum(like), sum(play))"
    assert write(understood("mean_of_ratios(likes, plays)").formula) == "mean_of_ratios(like, play)"
    with pytest.raises(FormulaFault) as fault:
        understood("ratio(点赞, 播放)")
    assert "ratio(sum(点赞), sum(播放))" in fault.value.sentence("zh")
    assert "mean_of_ratios(点赞, 播放)" in fault.value.sentence("zh")


@pytest.mark.parametrize(
    "text",
    ["ratio(sum(涨粉), sum(播放))", "avg(播放) 按天", "lag(follow_rate, 7) - 3%", "count_if(not (时长 > 9))"],
)
def test_a_checked_formula_is_read_again_as_the_same(text: str) -> None:
    formula = understood(text).formula
    assert understood(write(formula)).formula == formula


def test_every_metric_of_the_catalogue_is_a_formula_of_the_same_unit() -> None:
    for metric in CATALOGUE.values():
        formula = metric.expression
        assert shown_unit(formula.expression, formula.rows, "") == metric.unit, metric.slug
        assert understood(write(formula)).formula == formula, metric.slug
    formulas = {slug: metric.expression for slug, metric in CATALOGUE.items()}
    totals = {slug for slug, formula in formulas.items() if is_total(formula.expression, formula.rows)}
    assert totals == {"impressions", "plays", "net_followers"}


def test_completed_plays_and_share_watched_are_never_mixed() -> None:
    completion, watched = CATALOGUE["completion_rate"].expression, CATALOGUE["average_share_watched"].expression
    assert write(completion) == "ratio(sum(completed_plays), sum(play))"
    assert write(watched) == "ratio(sum(watched_shares), sum(play))"
    assert write(understood("ratio(sum(完播), sum(播放))").formula) == write(completion)


def test_every_field_of_the_warehouse_has_words_and_none_is_said_twice() -> None:
    assert set(FIELD_WORDS) == {*layout.FIELDS, "duration_seconds"}
    names = [name for word in FIELDS for name in {word.name, word.zh, word.en, *word.aliases}]
    assert len(set(names)) == len(names)
    functions = [name for word in FUNCTIONS for name in (word.name, word.zh)]
    assert len(set(functions)) == len(functions)


def test_every_sentence_stands_in_both_languages() -> None:
    catalogue = sentences()
    texts = {key: text for section in ("faults", "bases", "told") for key, text in catalogue[section].items()}
    for key, text in {**texts, "places": catalogue["places"], "close": catalogue["close"]}.items():
        assert set(text) == {"zh", "en"}, key


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=16).map("".join))
def test_any_text_is_understood_or_bad_input_and_quickly_so(text: str) -> None:
    began = time.process_time()
    with suppress(BadInput):
        assert understood(text).unit
    assert time.process_time() - began < 1
