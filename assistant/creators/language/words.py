"""The words of the formula language: fields and functions, in English and Chinese.

A name is compared folded: full width, letter case and Traditional characters make no difference.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowledge.folding import fold

# What a number counts. Dividing a count by a count of the same kind leaves a bare share.
Base = Literal["times", "works", "days", "seconds"]


@dataclass(frozen=True)
class FieldWord:
    """A number of each row. `works_only`: known of a work, not of a day."""

    name: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    base: Base = "times"
    works_only: bool = False


@dataclass(frozen=True)
class FunctionWord:
    """`place` says where it may stand: around fields (it makes one number of many rows), outside only, or anywhere."""

    name: str
    zh: str
    fewest: int
    most: int
    place: Literal["aggregate", "outside", "anywhere"]
    usage: str


FIELDS = (
    FieldWord("show", "曝光", "impressions", ("曝光次数", "曝光量", "展示", "impression")),
    FieldWord("play", "播放", "plays", ("播放量", "播放数", "播放次数", "views")),
    FieldWord("completed_plays", "完播", "complete plays", ("完播数", "complete_plays", "completions")),
    FieldWord("complete_play", "平台给出的完播数", "complete plays as counted by the platform"),
    FieldWord("valid_play", "有效播放", "valid plays", ("有效播放数", "valid_plays")),
    FieldWord("long_time_play", "长播放", "long plays", ("长播", "长播数", "long_plays", "long_play")),
    FieldWord("short_time_play", "短播放", "short plays", ("短播", "短播数", "short_plays", "short_play")),
    FieldWord("like", "点赞", "likes", ("点赞数", "赞")),
    FieldWord("comment", "评论", "comments", ("评论数",)),
    FieldWord("share", "分享", "shares", ("分享数", "转发")),
    FieldWord("collect", "收藏", "favourites", ("收藏数", "favorites", "saves", "collects")),
    FieldWord("follow", "涨粉", "new followers", ("follows", "新增关注", "关注", "new_followers", "涨粉数")),
    FieldWord("cancel_follow", "取关", "lost followers", ("取消关注", "掉粉", "unfollows", "lost_followers")),
    FieldWord("net_follow", "作品净涨粉", "net followers won by works", ("net_follows",)),
    FieldWord("is_profile_enter", "进主页", "profile visits", ("主页访问", "进主页次数", "profile_visits")),
    FieldWord("dislike", "不喜欢", "dislikes"),
    FieldWord("cancel_like", "取消点赞", "withdrawn likes", ("unlikes",)),
    FieldWord("cancel_collect", "取消收藏", "withdrawn favourites"),
    FieldWord("reduce_similar", "减少此类作品", "requests for fewer such works"),
    FieldWord("report", "举报", "reports"),
    FieldWord("clicks", "点击", "plays from an impression", ("点击数", "点击量", "click")),
    FieldWord("watched_seconds", "播放总时长", "watched seconds", ("播放时长", "watch_seconds"), "seconds"),
    FieldWord("watched_shares", "播放比例之和", "shares watched, added over plays", ("播放比例",)),
    FieldWord("five_second_plays", "5 秒播放", "plays of five seconds", ("5秒播放",)),
    FieldWord("two_second_exits", "2 秒跳出", "exits within two seconds", ("2秒跳出",)),
    FieldWord("net", "净增粉", "net followers", ("净涨粉", "net_followers")),
    FieldWord("duration_seconds", "视频时长", "video length", ("作品时长", "时长", "duration"), "seconds", True),
)

FUNCTIONS = (
    FunctionWord("sum", "求和", 1, 1, "aggregate", "sum(likes)"),
    FunctionWord("avg", "平均", 1, 1, "aggregate", "avg(plays)"),
    FunctionWord("median", "中位数", 1, 1, "aggregate", "median(plays)"),
    FunctionWord("percentile", "百分位", 2, 2, "aggregate", "percentile(plays, 90)"),
    FunctionWord("count", "计数", 0, 0, "aggregate", "count()"),
    FunctionWord("count_if", "条件计数", 1, 1, "aggregate", "count_if(plays > 10000)"),
    FunctionWord("min", "最小", 1, 1, "aggregate", "min(plays)"),
    FunctionWord("max", "最大", 1, 1, "aggregate", "max(plays)"),
    FunctionWord("mean_of_ratios", "平均比率", 2, 2, "aggregate", "mean_of_ratios(likes, plays)"),
    FunctionWord("ratio", "比率", 2, 2, "anywhere", "ratio(sum(likes), sum(plays))"),
    FunctionWord("per_thousand", "每千次", 2, 2, "anywhere", "per_thousand(sum(follows), sum(plays))"),
    FunctionWord("if", "如果", 3, 3, "anywhere", "if(plays > 1000, likes, 0)"),
    FunctionWord("rolling", "滚动", 2, 2, "outside", "rolling(sum(plays), 7)"),
    FunctionWord("lag", "滞后", 2, 2, "outside", "lag(sum(plays), 7)"),
    FunctionWord("days", "天数", 0, 0, "outside", "sum(plays) / days()"),
    FunctionWord("per_week", "每周", 1, 1, "outside", "per_week(count())"),
)
FIELD_WORDS = {word.name: word for word in FIELDS}
FUNCTION_WORDS = {word.name: word for word in FUNCTIONS}


@cache
def _fields() -> dict[str, FieldWord]:
    return {
        fold(name).replace(" ", "_"): word for word in FIELDS for name in (word.name, word.zh, word.en, *word.aliases)
    }


@cache
def _functions() -> dict[str, FunctionWord]:
    return {fold(name): word for word in FUNCTIONS for name in (word.name, word.zh)}


def field_word(name: str) -> FieldWord | None:
    """The field of that name in any of its forms; None when there is none."""
    return _fields().get(fold(name).replace(" ", "_"))


def function_word(name: str) -> FunctionWord | None:
    """The function of that name, English or Chinese; None when there is none."""
    return _functions().get(fold(name))


def field_names() -> list[str]:
    """Every form of every field's name, folded: what a misspelt name is compared with."""
    return list(_fields())


def function_names() -> list[str]:
    """Every function's names."""
    return list(_functions())
