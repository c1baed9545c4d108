"""Every core metric, declared once: the chart, the digest, the command line and docs/metrics.md read it from here."""

from dataclasses import dataclass
from functools import reduce
from operator import add, and_
from typing import Literal

import ibis.expr.types as ir

from assistant.creators.figures import Unit
from assistant.creators.number_rows import CREATOR_DAYS, PUBLICATIONS, PUBLISHED, WORK_DAYS

Direction = Literal["higher is better", "lower is better", "neither"]
DAILY = (CREATOR_DAYS, WORK_DAYS, PUBLISHED)


@dataclass(frozen=True)
class Total:
    """The sum of a field. Its sample is the number of days it was summed over."""

    field: str
    bases: tuple[str, ...] = DAILY

    def value(self, rows: ir.Table, days: int | ir.Value) -> ir.Value:
        """The sum over `rows`; null without any number."""
        return rows[self.field].sum().cast("float64")

    def sample(self, rows: ir.Table) -> ir.Value:
        """On how many days the field has a number."""
        return rows.day.nunique(where=rows[self.field].notnull())


@dataclass(frozen=True)
class Ratio:
    """The sum of some fields over the sum of another, on the rows that have all of them; null when nothing is below.

    This is the ratio of sums: a work with many plays weighs more than one with few.
    """

    above: tuple[str, ...]
    below: str
    bases: tuple[str, ...] = DAILY

    def value(self, rows: ir.Table, days: int | ir.Value) -> ir.Value:
        """The ratio of sums over `rows`."""
        complete = self._complete(rows)
        top = reduce(add, (rows[name].sum(where=complete).cast("float64") for name in self.above))
        return top / rows[self.below].sum(where=complete).cast("float64").nullif(0)

    def sample(self, rows: ir.Table) -> ir.Value:
        """What stands below the line."""
        return rows[self.below].sum(where=self._complete(rows))

    def _complete(self, rows: ir.Table) -> ir.BooleanValue:
        return reduce(and_, (rows[name].notnull() for name in (*self.above, self.below)))


@dataclass(frozen=True)
class MedianOfWorks:
    """The median over works published in the window of a field's total since publication."""

    field: str
    bases: tuple[str, ...] = (PUBLISHED,)

    def value(self, rows: ir.Table, days: int | ir.Value) -> ir.Value:
        """The median; null without works."""
        return rows[self.field].median().cast("float64")

    def sample(self, rows: ir.Table) -> ir.Value:
        """How many works have the number."""
        return rows[self.field].count()


@dataclass(frozen=True)
class WorksAWeek:
    """Works published in the window, to the week of seven days."""

    bases: tuple[str, ...] = (PUBLICATIONS,)

    def value(self, rows: ir.Table, days: int | ir.Value) -> ir.Value:
        """Works × 7 ÷ days."""
        return rows.work_id.nunique().cast("float64") * 7 / days

    def sample(self, rows: ir.Table) -> ir.Value:
        """How many works were published."""
        return rows.work_id.nunique()


Formula = Total | Ratio | MedianOfWorks | WorksAWeek


@dataclass(frozen=True)
class Metric:
    """What a figure means. `grain` is the row it can be computed for; below `minimum_base` (of what the figure's n
    counts) it is too thin to judge by."""

    slug: str
    title_zh: str
    title_en: str
    unit: Unit
    grain: Literal["work and day", "creator and day", "work"]
    formula: Formula
    direction: Direction
    minimum_base: int
    definition_zh: str
    definition_en: str


def _count(slug: str, field: str, zh: str, en: str, definition_zh: str, definition_en: str) -> Metric:
    return Metric(
        slug, zh, en, "count", "work and day", Total(field), "higher is better", 1, definition_zh, definition_en
    )


def _rate(
    slug: str,
    above: tuple[str, ...],
    zh: str,
    en: str,
    definition_zh: str,
    definition_en: str,
    direction: Direction = "higher is better",
    below: str = "play",
) -> Metric:
    return Metric(
        slug, zh, en, "percent", "work and day", Ratio(above, below), direction, 100, definition_zh, definition_en
    )


_METRICS = (
    _count("impressions", "show", "曝光次数", "impressions", "作品被展示的次数，按次数不按人数。", "How many times works were shown, counted by times, not by people."),
    _count("plays", "play", "播放量", "plays", "播放次数，按次计数，同一人重播也计入。", "How many times works were played; a replay by the same person counts."),
    _rate("ctr", ("clicks",), "点击率", "click-through rate", "播放 ÷ 曝光；YouTube 的播放不全来自曝光，用其自带的曝光点击率按曝光加权。", "Plays ÷ impressions. On YouTube not every play comes from an impression, so its own impressions click-through rate is used, weighted by impressions.", below="show"),
    _rate("completion_rate", ("complete_play",), "完播率", "completion rate", "完播数 ÷ 播放数；完播指播放时长大于或等于视频时长。", "Complete plays ÷ plays; a play is complete when it lasts at least as long as the video."),
    _rate("short_play_rate_3s", ("short_time_play",), "3 秒短播率", "3-second short-play rate", "短播放数 ÷ 播放数；短播放指播放时长小于 3 秒与视频时长两者中的较小值，越低越好。", "Short plays ÷ plays; a play is short when it lasts less than 3 seconds, or less than a video that is shorter. Lower is better.", "lower is better"),
    _rate("valid_play_rate_7s", ("valid_play",), "7 秒有效播放率", "7-second valid-play rate", "有效播放数 ÷ 播放数；视频不超过 7 秒的要播完，超过 7 秒的播放超过 7 秒即计入。", "Valid plays ÷ plays; a play is valid after more than 7 seconds, or at the end of a video of up to 7 seconds."),
    _rate("long_play_rate_18s", ("long_time_play",), "18 秒长播率", "18-second long-play rate", "长播放数 ÷ 播放数；视频不超过 18 秒的要播完，超过 18 秒的播放达到 18 秒即计入。", "Long plays ÷ plays; a play is long from 18 seconds, or at the end of a video of up to 18 seconds."),
    _rate("like_rate", ("like",), "点赞率", "like rate", "点赞次数 ÷ 播放数。", "Likes ÷ plays."),
    _rate("comment_rate", ("comment",), "评论率", "comment rate", "评论次数 ÷ 播放数。", "Comments ÷ plays."),
    _rate("share_rate", ("share",), "分享率", "share rate", "分享成功次数 ÷ 播放数。", "Successful shares ÷ plays."),
    _rate("favourite_rate", ("collect",), "收藏率", "favourite rate", "收藏次数 ÷ 播放数。", "Saves to favourites ÷ plays."),
    _rate("follow_rate", ("follow",), "转粉率", "follow rate", "作品带来的新增关注 ÷ 播放数。", "New followers won by works ÷ plays."),
    _rate("engagement_rate", ("like", "comment", "share", "collect"), "互动率", "engagement rate", "（点赞 + 评论 + 分享 + 收藏）÷ 播放数，分母是播放，不是曝光或粉丝。", "(Likes + comments + shares + favourites) ÷ plays; not by impressions and not by followers."),
    Metric("net_followers", "净增粉", "net followers", "count", "creator and day", Total("net"), "higher is better", 1, "新增关注 − 取消关注，所以会比涨粉量小。", "New followers − lost followers, so it is smaller than the followers gained."),
    Metric("posting_frequency", "发布频率", "posting frequency", "per_week", "work", WorksAWeek(), "neither", 1, "窗口内发布的作品数 ÷ 天数 × 7。", "Works published in the window ÷ days × 7."),
    Metric("median_plays_per_work", "条均播放（中位数）", "median plays per work", "count", "work", MedianOfWorks("play"), "higher is better", 3, "窗口内发布的作品，各自发布以来累计播放的中位数；用中位数是因为一两条爆款会把平均数拉高。", "The median over works published in the window of their plays since publication; the median, because one hit pulls the mean up."),
    _rate("average_share_watched", ("watched_shares",), "平均播放比例", "average share watched", "平均每次播放看了视频时长的多少，即播放时长 ÷ 视频时长按播放加权；有人重播，可能超过 100%。它不是完播率。", "How much of the video an average play lasts: watched time ÷ video length, weighted by plays; above 100% with replays. It is not the completion rate."),
    Metric("average_watch_seconds", "平均播放时长", "average watch time", "seconds", "work and day", Ratio(("watched_seconds",), "play"), "higher is better", 100, "播放总时长 ÷ 播放数，单位秒。", "Total watched time ÷ plays, in seconds."),
)  # fmt: skip

CATALOGUE: dict[str, Metric] = {metric.slug: metric for metric in _METRICS}
