"""A formula told back in words."""

import pytest

from assistant.creators.language.explaining import explain
from tests.assistant.creators.language.test_checking import understood


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "ratio(sum(follows), sum(likes + comments + shares))",
            "涨粉之和 ÷ （点赞 + 评论 + 分享）之和；把窗口内各天的数加起来算；只算这些数都有的日子；分母为 0 时为空。",
            "the sum of new followers ÷ the sum of (likes + comments + shares); the days of the window are added up; "
            "only days on which all these numbers are known count; empty where the denominator is 0.",
        ),
        (
            "percentile(播放, 90)",
            "播放的第 90 百分位数；窗口内发布的每条作品算一行，用它发布以来的累计数。",
            "percentile 90 of plays; each work published in the window is one row, with its totals since publication.",
        ),
        (
            "rolling(plays, 7) / 7",
            "指标“播放量”［截至窗口最后一天的 7 天］ ÷ 7；把窗口内各天的数加起来算；数据不够长时为空。",
            "the metric “plays” [over the 7 days to the last day of the window] ÷ 7; the days of the window are "
            "added up; empty where the data do not reach back that far.",
        ),
    ],
)
def test_a_formula_is_explained_in_chinese_and_english(text: str, zh: str, en: str) -> None:
    formula = understood(text).formula
    assert explain(formula, "zh") == zh
    assert explain(formula, "en") == en


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max(likes / (plays - 1) * 2) by day", "（点赞 ÷ （播放 − 1） × 2）的最大值"),
        ("count_if(播放 > 1万 and (点赞 > 3 or 分享 >= 2))", "满足“播放 > 10000 且 （点赞 > 3 或 分享 ≥ 2）”的作品数"),
        ("avg(if(时长 < 30, 播放, 0))", "（如果 视频时长 < 30，取 播放，否则取 0）的平均值"),
        ("per_week(count())", "作品数 ÷ 窗口天数 × 7"),
        ("lag(follow_rate, 28)", "指标“转粉率”［窗口往前移 28 天］"),
        ("(like_rate - 5%) / 2", "（指标“点赞率” − 5%） ÷ 2"),
    ],
)
def test_brackets_stand_where_they_change_the_meaning(text: str, words: str) -> None:
    assert explain(understood(text).formula, "zh").split("；")[0] == words
