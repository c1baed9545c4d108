"""Custom metrics: versions, owners, references."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.creators.custom import MOST_METRICS, STAFF, CustomMetrics, is_named
from assistant.creators.digest import digest_of
from assistant.creators.language.faults import FormulaFault
from assistant.creators.metrics import daily, measure
from assistant.creators.previewing import preview
from assistant.creators.warehouse import Batch, Warehouse
from assistant.database.engine import open_database
from assistant.errors import BadInput, Conflict, NotFound
from knowledge.audit import Trail
from knowledge.folding import fold
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import FIRST, creator_day, number, work

END = TODAY - timedelta(days=1)
START = END - timedelta(days=27)
NOW = datetime(2026, 4, 10)
INTERACTION = "互动转粉率 = ratio(sum(follows), sum(likes + comments + shares))"


@pytest.fixture
def custom(tmp_path: Path) -> CustomMetrics:
    return CustomMetrics(open_database(f"sqlite:///{tmp_path}/home.db"))


def test_a_defined_metric_is_a_figure_with_its_definition_and_version(
    custom: CustomMetrics, demonstration: Warehouse
) -> None:
    kept = custom.define("interaction_follow", INTERACTION, "demo-01")
    assert (kept.title, kept.version, kept.unit) == ("互动转粉率", 1, "percent")
    figure = measure(demonstration, "demo-01", custom.metric("interaction_follow", "demo-01"), START, END)
    raw = demonstration.rows(demonstration.work_numbers.filter(demonstration.work_numbers.creator_id == "demo-01"))
    inside = [row for row in raw if START <= row["day"] <= END]
    below = sum(row["like"] + row["comment"] + row["share"] for row in inside)
    assert figure.value == pytest.approx(sum(row["follow"] for row in inside) / below)
    assert (figure.n, figure.metric) == (below, "interaction_follow@1")
    assert figure.id == f"interaction_follow@1@{START}..{END}"
    assert "第 1 版：涨粉之和 ÷ （点赞 + 评论 + 分享）之和" in figure.definition_zh
    assert figure.baseline is not None
    assert figure.percentile is not None


def test_defining_again_adds_a_version_and_the_same_again_none(custom: CustomMetrics) -> None:
    custom.define("mine", "sum(plays)", "ann")
    assert custom.define("mine", "求和（播放）", "ann").version == 1
    assert custom.define("mine", "sum(likes)", "ann").version == 2
    assert custom.metric("mine", "ann").name == "mine@2"
    assert "播放" in custom.metric("mine@1", "ann").definition_zh
    with pytest.raises(NotFound):
        custom.metric("mine@3", "ann")


def test_a_creators_metrics_are_seen_by_nobody_else(custom: CustomMetrics) -> None:
    custom.define("mine", "sum(plays)", "ann", "我的")
    custom.define("ours", "sum(likes)", STAFF, "大家的")
    assert [kept.slug for kept in custom.visible_to("ann")] == ["mine", "ours"]
    assert [kept.slug for kept in custom.visible_to("bob")] == ["ours"]
    assert [kept.slug for kept in custom.visible_to(None)] == ["ours"]
    for name in ("mine", "mine@1", "我的"):
        with pytest.raises(NotFound) as refused:
            custom.metric(name, "bob")
        assert "mine," not in str(refused.value)
    with pytest.raises(FormulaFault, match="no metric “mine”"):
        custom.understood("mine * 2", "bob")
    with pytest.raises(FormulaFault) as fault:
        custom.understood("min * 2", "bob")
    assert "mine" not in str(fault.value)
    assert custom.named_in("我的 和 大家的", "bob")[0].slug == "ours"


def test_two_creators_may_use_the_same_slug(custom: CustomMetrics) -> None:
    custom.define("mine", "sum(plays)", "ann")
    assert custom.define("mine", "sum(likes)", "bob").version == 1
    assert "播放" in custom.metric("mine", "ann").definition_zh


def test_a_reference_keeps_the_version_it_was_made_with(custom: CustomMetrics, demonstration: Warehouse) -> None:
    custom.define("base", "sum(plays)", STAFF)
    custom.define("double", "base * 2", "demo-01")
    custom.define("base", "sum(likes)", STAFF)
    plays = measure(demonstration, "demo-01", "plays", START, END).value
    assert plays is not None
    assert measure(demonstration, "demo-01", custom.metric("double", "demo-01"), START, END).value == 2 * plays
    assert "第 1 版" in custom.metric("double", "demo-01").definition_zh


def test_a_staff_metric_refers_to_staff_metrics_whatever_a_creator_calls_the_own_one(custom: CustomMetrics) -> None:
    custom.define("base", "sum(likes)", "ann")
    custom.define("base", "sum(plays)", STAFF)
    custom.define("double", "base * 2", STAFF)
    doubled = next(kept for kept in custom.visible_to("ann") if kept.slug == "double")
    reference = doubled.formula.expression.left  # type: ignore[union-attr]
    assert reference.meaning == custom.metric("plays", None).expression  # type: ignore[union-attr]


def test_cycles_are_refused_by_name(custom: CustomMetrics) -> None:
    custom.define("one", "sum(plays)", "ann")
    custom.define("two", "one + 1", "ann")
    custom.define("three", "two * 2", "ann")
    with pytest.raises(FormulaFault, match="one → three → two → one"):
        custom.define("one", "three / 2", "ann")
    with pytest.raises(FormulaFault, match="one → one"):
        custom.define("one", "one + 1", "ann")
    assert custom.metric("one", "ann").version == 1


def test_references_to_references_cannot_grow_without_end(custom: CustomMetrics) -> None:
    custom.define("m0", "sum(plays)", "ann")
    for index in range(1, 6):
        custom.define(f"m{index}", f"m{index - 1} + m{index - 1}", "ann")
    with pytest.raises(FormulaFault, match="more than 300 parts"):
        custom.define("m6", "m5 + m5", "ann")


def test_names_that_are_taken_or_cannot_be_are_refused(custom: CustomMetrics) -> None:
    custom.define("ours", "sum(likes)", STAFF, "大家的")
    for slug in ("plays", "ours"):
        with pytest.raises(Conflict):
            custom.define(slug, "sum(shares)", "ann", "别的")
    for title in ("完播率", "大家的", "ＰＬＡＹＳ"):
        with pytest.raises(Conflict):
            custom.define("mine", "sum(shares)", "ann", title)
    for slug in ("", "Mine", "1st", "a b", "not", "x" * 61, "=cmd()"):
        with pytest.raises(BadInput, match="slug"):
            custom.define(slug, "sum(shares)", "ann")
    with pytest.raises(BadInput, match="title"):
        custom.define("mine", "sum(shares)", "ann", "\u200b ")
    assert custom.visible_to("ann") == custom.visible_to(None)


def test_a_creator_has_at_most_a_hundred_metrics(custom: CustomMetrics) -> None:
    for index in range(MOST_METRICS):
        custom.define(f"m{index}", "sum(plays)", "ann")
    with pytest.raises(Conflict, match="100"):
        custom.define("more", "sum(plays)", "ann")
    assert custom.define("m1", "sum(likes)", "ann").version == 2


def test_leaderboards_take_what_staff_allow_and_a_new_version_asks_again(custom: CustomMetrics) -> None:
    custom.define("mine", "sum(plays)", "ann", "我的")
    custom.define("ours", "sum(likes)", STAFF, "大家的", allowed=True)
    assert [kept.slug for kept in custom.on_leaderboards()] == ["ours"]
    custom.allow("mine", "ann", True, "eve")
    assert {kept.slug for kept in custom.on_leaderboards()} == {"mine", "ours"}
    custom.define("mine", "sum(shares)", "ann", "我的")
    assert [kept.slug for kept in custom.on_leaderboards()] == ["ours"]
    with pytest.raises(NotFound):
        custom.allow("none", "ann", True, "eve")


def test_definitions_leave_a_trail(custom: CustomMetrics, tmp_path: Path) -> None:
    custom.define("ours", "sum(likes)", actor="eve", allowed=True)
    entry = Trail(open_database(f"sqlite:///{tmp_path}/home.db")).entries()[0]
    assert (entry.actor, entry.action, entry.subject) == ("eve", "metrics.define", "metric:ours@1")


def test_a_digest_carries_the_custom_metrics_it_is_asked_for(custom: CustomMetrics, demonstration: Warehouse) -> None:
    custom.define("interaction_follow", INTERACTION, "demo-01")
    named = custom.named_in("我的互动转粉率怎么样？", "demo-01")
    digest = digest_of(demonstration, "demo-01", TODAY, named)
    assert digest.figures[-1] == measure(demonstration, "demo-01", named[0], START, END)


def test_two_sources_are_never_added(custom: CustomMetrics, warehouse: Warehouse) -> None:
    metric = custom.define("mine", "sum(plays) * 1", "ann").metric
    short = number(play=7) | {"source": "short"}
    long = [number(FIRST + timedelta(days=shift), play=10) | {"source": "long"} for shift in range(5)]
    warehouse.store(Batch([work()], [short, *long]), NOW)
    figure = measure(warehouse, "ann", metric, FIRST, FIRST + timedelta(days=27))
    assert (figure.value, figure.n) == (50, 5)


def test_totals_of_published_works_serve_where_there_are_no_days_and_are_no_days(
    custom: CustomMetrics, warehouse: Warehouse
) -> None:
    warehouse.store(Batch([work()], [number(None, play=200, like=50)]), NOW)
    adding = custom.define("adding", "sum(plays) / 2", "ann").metric
    by_day = custom.define("by_day", "avg(plays) by day", "ann").metric
    end = FIRST + timedelta(days=27)
    figure = measure(warehouse, "ann", adding, FIRST, end)
    assert figure.value == 100
    assert "累计" in figure.definition_zh
    assert measure(warehouse, "ann", by_day, FIRST, end).value is None


def test_rolling_and_lag_look_back_from_each_day(custom: CustomMetrics, warehouse: Warehouse) -> None:
    warehouse.store(Batch(creator_days=[creator_day(shift, play=shift) for shift in range(10)]), NOW)
    end = FIRST + timedelta(days=9)
    rolling = custom.define("rolled", "rolling(sum(plays), 3)", "ann").metric
    lagged = custom.define("lagged", "sum(plays) - lag(sum(plays), 7)", "ann").metric
    sums = [None, None, 3, 6, 9, 12, 15, 18, 21, 24]
    assert [value for _, value in daily(warehouse, "ann", rolling, 10, end)] == sums
    assert [value for _, value in daily(warehouse, "ann", lagged, 4, end)] == [None, 7, 7, 7]
    assert measure(warehouse, "ann", rolling, FIRST + timedelta(days=5), end).value == 24


def test_a_preview_shows_days_and_last_works_and_keeps_nothing(
    custom: CustomMetrics, demonstration: Warehouse
) -> None:
    understood = custom.understood(INTERACTION, "demo-01")
    metric = custom.define("tried", INTERACTION, "demo-01").metric
    shown = preview(demonstration, metric, "demo-01", 28, TODAY)
    assert understood.formula == metric.expression
    assert shown.figure == measure(demonstration, "demo-01", metric, START, END)
    by_day = daily(demonstration, "demo-01", metric, 28, END)
    assert [(line.name, line.value) for line in shown.days] == [(day.isoformat(), value) for day, value in by_day]
    assert sum(line.n for line in shown.days) == shown.figure.n
    assert len(shown.works) == 10
    lives = demonstration.rows(demonstration.lifetimes.filter(demonstration.lifetimes.creator_id == "demo-01"))
    newest = max((row for row in lives if row["published_at"].date() <= END), key=lambda row: row["published_at"])
    below = newest["like"] + newest["comment"] + newest["share"]
    assert shown.works[0].n == below
    assert shown.works[0].value == pytest.approx(newest["follow"] / below)


def test_a_preview_of_nobody_is_empty(custom: CustomMetrics, warehouse: Warehouse) -> None:
    shown = preview(warehouse, custom.define("mine", "avg(plays)", "ann").metric, "ann", 3, TODAY)
    assert shown.figure.value is None
    assert [line.value for line in shown.days] == [None] * 3
    assert shown.works == []


def test_a_title_is_named_as_words_of_its_own() -> None:
    assert is_named("互动转粉率", fold("我的互动轉粉率怎么样"))
    assert is_named("saves", "how are my saves?")
    assert not is_named("ave", "how are my saves?")
    assert not is_named("赞", "我的点赞率")


def test_a_metric_defined_by_its_title_alone_gets_a_slug(custom: CustomMetrics) -> None:
    assert custom.slug_for("Saves per play", "ann") == "saves_per_play"
    assert custom.slug_for("互动转粉率", "ann") == "metric_1"
    assert custom.slug_for("Plays", "ann") == "metric_1"
    custom.define("metric_1", "sum(plays)", STAFF, "大家的")
    custom.define("mine", "sum(likes)", "ann", "我的")
    assert custom.slug_for("我的", "ann") == "mine"
    assert custom.slug_for("大家的", "ann") == "metric_2"
    assert custom.titles("bob") == ["大家的"]
