"""Every core metric, declared once: the chart, the digest, the command line and docs/metrics.md read it from here."""

from dataclasses import dataclass
from typing import Literal

from assistant.creators.figures import Unit
from assistant.creators.formulas import DayFormula, MedianOfWorks, Ratio, Total, WorkFormula, WorksAWeek, WorksPublished
from assistant.creators.language.trees import Formula

Direction = Literal["higher is better", "lower is better", "neither"]
# A rate of fewer plays says little: two plays that were both watched to the end are 100 %.
PLAYS_TO_JUDGE = 100


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a figure means. `grain` is the row it can be computed for; below `minimum_base` (of what the figure's n
    counts) it is too thin to judge by. `version` is that of a custom metric, None of a built-in one."""

    slug: str
    title_zh: str
    title_en: str
    unit: Unit
    formula: DayFormula | WorkFormula | Formula
    definition_zh: str
    definition_en: str
    grain: Literal["work and day", "creator and day", "work"] = "work and day"
    direction: Direction = "higher is better"
    minimum_base: int = 1
    version: int | None = None

    @property
    def name(self) -> str:
        """The slug, of a custom metric with its version."""
        return self.slug if self.version is None else f"{self.slug}@{self.version}"

    @property
    def expression(self) -> Formula:
        """Its formula in the formula language."""
        return self.formula if isinstance(self.formula, Formula) else self.formula.formula


_METRICS = (
    Metric(
        slug="impressions",
        title_zh="曝光次数",
        title_en="impressions",
        unit="count",
        formula=Total("show"),
        definition_zh="作品被展示的次数，按次数不按人数。",
        definition_en="How many times works were shown, counted by times, not by people.",
    ),
    Metric(
        slug="plays",
        title_zh="播放量",
        title_en="plays",
        unit="count",
        formula=Total("play"),
        definition_zh="播放次数，按次计数，同一人重播也计入。",
        definition_en="How many times works were played; a replay by the same person counts.",
    ),
    Metric(
        slug="ctr",
        title_zh="点击率",
        title_en="click-through rate",
        unit="percent",
        formula=Ratio(("clicks",), "show"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="播放 ÷ 曝光；YouTube 的播放不全来自曝光，用其自带的曝光点击率按曝光加权。",
        definition_en=(
            "Plays ÷ impressions. On YouTube not every play comes from an impression, so its own impressions "
            "click-through rate is used, weighted by impressions."
        ),
    ),
    Metric(
        slug="completion_rate",
        title_zh="完播率",
        title_en="completion rate",
        unit="percent",
        formula=Ratio(("completed_plays",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="完播数 ÷ 播放数；完播指播放时长大于或等于视频时长。平台只给完播率时，按播放数加权。",
        definition_en=(
            "Complete plays ÷ plays; a play is complete when it lasts at least as long as the video. Where a source "
            "tells only the rate, it is weighted by plays."
        ),
    ),
    Metric(
        slug="short_play_rate_3s",
        title_zh="3 秒短播率",
        title_en="3-second short-play rate",
        unit="percent",
        formula=Ratio(("short_time_play",), "play"),
        direction="lower is better",
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="短播放数 ÷ 播放数；短播放指播放时长小于 3 秒与视频时长两者中的较小值，越低越好。",
        definition_en=(
            "Short plays ÷ plays; a play is short when it lasts less than 3 seconds, or less than a video that "
            "is shorter. Lower is better."
        ),
    ),
    Metric(
        slug="valid_play_rate_7s",
        title_zh="7 秒有效播放率",
        title_en="7-second valid-play rate",
        unit="percent",
        formula=Ratio(("valid_play",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="有效播放数 ÷ 播放数；视频不超过 7 秒的要播完，超过 7 秒的播放超过 7 秒即计入。",
        definition_en=(
            "Valid plays ÷ plays; a play is valid after more than 7 seconds, or at the end of a video of up to 7 "
            "seconds."
        ),
    ),
    Metric(
        slug="long_play_rate_18s",
        title_zh="18 秒长播率",
        title_en="18-second long-play rate",
        unit="percent",
        formula=Ratio(("long_time_play",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="长播放数 ÷ 播放数；视频不超过 18 秒的要播完，超过 18 秒的播放达到 18 秒即计入。",
        definition_en=(
            "Long plays ÷ plays; a play is long from 18 seconds, or at the end of a video of up to 18 seconds."
        ),
    ),
    Metric(
        slug="like_rate",
        title_zh="点赞率",
        title_en="like rate",
        unit="percent",
        formula=Ratio(("like",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="点赞次数 ÷ 播放数。",
        definition_en="Likes ÷ plays.",
    ),
    Metric(
        slug="comment_rate",
        title_zh="评论率",
        title_en="comment rate",
        unit="percent",
        formula=Ratio(("comment",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="评论次数 ÷ 播放数。",
        definition_en="Comments ÷ plays.",
    ),
    Metric(
        slug="share_rate",
        title_zh="分享率",
        title_en="share rate",
        unit="percent",
        formula=Ratio(("share",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="分享成功次数 ÷ 播放数。",
        definition_en="Successful shares ÷ plays.",
    ),
    Metric(
        slug="favourite_rate",
        title_zh="收藏率",
        title_en="favourite rate",
        unit="percent",
        formula=Ratio(("collect",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="收藏次数 ÷ 播放数。",
        definition_en="Saves to favourites ÷ plays.",
    ),
    Metric(
        slug="follow_rate",
        title_zh="转粉率",
        title_en="follow rate",
        unit="percent",
        formula=Ratio(("follow",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="作品带来的新增关注 ÷ 播放数。",
        definition_en="New followers won by works ÷ plays.",
    ),
    Metric(
        slug="engagement_rate",
        title_zh="互动率",
        title_en="engagement rate",
        unit="percent",
        formula=Ratio(("like", "comment", "share", "collect"), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="（点赞 + 评论 + 分享 + 收藏）÷ 播放数，分母是播放，不是曝光或粉丝。",
        definition_en="(Likes + comments + shares + favourites) ÷ plays; not by impressions and not by followers.",
    ),
    Metric(
        slug="net_followers",
        title_zh="净增粉",
        title_en="net followers",
        unit="count",
        grain="creator and day",
        formula=Total("net"),
        definition_zh="新增关注 − 取消关注，所以会比涨粉量小。",
        definition_en="New followers − lost followers, so it is smaller than the followers gained.",
    ),
    Metric(
        slug="posting_frequency",
        title_zh="发布频率",
        title_en="posting frequency",
        unit="per_week",
        grain="work",
        formula=WorksAWeek("play"),
        direction="neither",
        definition_zh="窗口内发布的作品数 ÷ 天数 × 7。",
        definition_en="Works published in the window ÷ days × 7.",
    ),
    Metric(
        slug="works_published",
        title_zh="发布作品数",
        title_en="works published",
        unit="count",
        grain="work",
        formula=WorksPublished(),
        direction="neither",
        definition_zh="窗口内发布的作品数。",
        definition_en="Works published in the window.",
    ),
    Metric(
        slug="median_plays_per_work",
        title_zh="条均播放（中位数）",
        title_en="median plays per work",
        unit="count",
        grain="work",
        formula=MedianOfWorks("play"),
        minimum_base=3,
        definition_zh="窗口内发布的作品，各自发布以来累计播放的中位数；用中位数是因为一两条爆款会把平均数拉高。",
        definition_en=(
            "The median over works published in the window of their plays since publication; the median, because "
            "one hit pulls the mean up."
        ),
    ),
    Metric(
        slug="average_share_watched",
        title_zh="平均播放比例",
        title_en="average share watched",
        unit="percent",
        formula=Ratio(("watched_shares",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh=(
            "平均每次播放看了视频时长的多少，即播放时长 ÷ 视频时长按播放加权；有人重播，可能超过 100%。它不是完播率。"
        ),
        definition_en=(
            "How much of the video an average play lasts: watched time ÷ video length, weighted by plays; above "
            "100% with replays. It is not the completion rate."
        ),
    ),
    Metric(
        slug="average_watch_seconds",
        title_zh="平均播放时长",
        title_en="average watch time",
        unit="seconds",
        formula=Ratio(("watched_seconds",), "play"),
        minimum_base=PLAYS_TO_JUDGE,
        definition_zh="播放总时长 ÷ 播放数，单位秒。",
        definition_en="Total watched time ÷ plays, in seconds.",
    ),
)

CATALOGUE: dict[str, Metric] = {metric.slug: metric for metric in _METRICS}
# The fields that the day metrics need; the warehouse sums these and no others.
SUMMED = tuple(
    dict.fromkeys(
        field for metric in _METRICS if isinstance(metric.formula, DayFormula) for field in metric.formula.fields
    )
)
