"""`metrics define`, `metrics preview`, and custom metrics wherever a metric is."""

import pytest

from tests.connectors.cli.conftest import Cli

INTERACTION = "互动转粉率 = ratio(sum(follows), sum(likes + comments + shares))"


def test_a_defined_metric_is_told_back_listed_and_computed(starter_cli: Cli):
    told = starter_cli("metrics", "define", "interaction_follow", INTERACTION, "--creator", "demo-01")
    assert told.code == 0
    assert "互动转粉率 = 涨粉之和 ÷ （点赞 + 评论 + 分享）之和" in told.out
    kept = starter_cli("metrics", "define", "interaction_follow", INTERACTION, "--creator", "demo-01", "--json").json
    assert (kept["version"], kept["unit"], kept["canonical"]) == (
        1, "percent", "ratio(sum(follow), sum(like + comment + share))",
    )  # fmt: skip
    got = starter_cli("metrics", "get", "interaction_follow", "--creator", "demo-01", "--json").json
    assert got["metric"] == "interaction_follow@1"
    assert 0 < got["value"] < 1
    assert len(got["daily"]) == 28
    assert "interaction_follow@1" in starter_cli("metrics", "list", "--creator", "demo-01").out
    assert "interaction_follow" not in starter_cli("metrics", "list").out
    other = starter_cli("metrics", "get", "interaction_follow", "--creator", "demo-02")
    assert (other.code, "no metric" in other.err) == (1, True)


def test_a_preview_shows_days_and_works_and_keeps_nothing(starter_cli: Cli):
    shown = starter_cli("metrics", "preview", INTERACTION, "--creator", "demo-01", "--days", "7", "--json").json
    assert (len(shown["days"]), len(shown["works"])) == (7, 10)
    assert shown["n"] == sum(n for _, _, n in shown["days"])
    text = starter_cli("metrics", "preview", "percentile(播放, 90)", "--creator", "demo-01", "--days", "2").out
    assert "第 90 百分位数" in text
    assert "each with the 28 days that end on it" in text
    assert starter_cli("metrics", "get", "preview", "--creator", "demo-01").code == 1


def test_the_agent_answers_by_the_title_of_a_custom_metric(starter_cli: Cli):
    starter_cli("metrics", "define", "interaction_follow", INTERACTION, "--creator", "demo-01")
    asked = starter_cli("ask", "我最近的互动转粉率怎么样", "--creator", "demo-01", "--json").json
    assert "interaction_follow@1" in [figure["metric"] for figure in asked["figures"]]
    assert "自定义指标第 1 版" in asked["text"]


@pytest.mark.parametrize(
    ("formula", "complaint"),
    [
        ("sum(plays) + sum(watched_seconds)", "(character 12)\n  sum(plays) + sum(watched_seconds)\n             ^"),
        ("__import__('os').system('x')", "has no place here"),
        ("=cmd()", "only follows the name at the beginning"),
        ("(" * 10_000 + "1" + ")" * 10_000, "may have 2000"),
        ("", "The formula is empty"),
    ],
)
def test_a_bad_formula_is_a_sentence_and_changes_nothing(starter_cli: Cli, formula: str, complaint: str):
    ran = starter_cli("metrics", "define", "bad", formula)
    assert ran.code == 1
    assert complaint in ran.err
    assert "Traceback" not in ran.err
    assert "bad@" not in starter_cli("metrics", "list").out
