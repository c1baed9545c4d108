"""Exports of YouTube Studio: one row a work, one row a work and day, or one row a day of the channel.

Where the names come from. The English ones are those of real exports of two channels and of public programs that read
them; Studio lets its users choose the columns, so any may be missing. The Traditional Chinese ones (內容, 影片標題,
觀看次數, 曝光點閱率 (%), 總計 …) are from public tests made after real exports; the Simplified ones are folded from
these where the words are the same and otherwise guesses after the interface.

“Average percentage viewed” is how much of the video a view lasts. It is not a completion rate, whatever it is called
elsewhere, and stays apart.
"""

from assistant.creators.layout import YOUTUBE_DEFINITION
from connectors.feeds.columns import Column, Preset

DEFINITION = YOUTUBE_DEFINITION
_NUMBERS = (
    Column("play", ("Views", "观看次数", "播放次数"), "count", "views"),
    Column("play_duration_seconds", ("Watch time (hours)", "观看时间 (小时)", "观看时长 (小时)"), "hours", "watched"),
    Column("show", ("Impressions", "曝光次数", "展示次数"), "count", "impressions of the thumbnail on YouTube"),
    Column("impressions_ctr",
           ("Impressions click-through rate (%)", "曝光点阅率 (%)", "曝光点击率 (%)", "展示点击率 (%)"),
           "percent", "share of impressions that were clicked; views also come from elsewhere"),
    Column("average_share_watched",
           ("Average percentage viewed (%)", "平均观看比例 (%)", "平均观看百分比 (%)"),
           "percent", "how much of the video an average view lasts; not a completion rate"),
    Column("average_watch_seconds", ("Average view duration", "平均观看时间", "平均观看时长"), "seconds", "per view"),
    Column("like", ("Likes", "喜欢次数", "喜欢的人数", "赞", "点赞次数"), "count", "likes"),
    Column("dislike", ("Dislikes", "不喜欢次数", "不喜欢的人数", "不喜欢"), "count", "dislikes"),
    Column("comment", ("Comments added", "Comments", "已新增留言", "新增评论数", "添加的评论数"), "count", "comments"),
    Column("share", ("Shares", "分享次数", "分享"), "count", "shares"),
    Column("follow", ("Subscribers gained", "获得的订阅人数", "新增订阅人数"), "count", "subscribers gained"),
    Column("cancel_follow", ("Subscribers lost", "流失的订阅人数"), "count", "subscribers lost"),
    Column("net_follow", ("Subscribers", "订阅人数", "订阅者"), "change", "subscribers gained less lost"),
)  # fmt: skip
_DAY = Column("day", ("Date", "日期"), "day")
_WORK = (
    Column("title", ("Video title", "影片标题", "视频标题", "标题"), "text"),
    Column("published_at", ("Video publish time", "影片发布时间", "视频发布时间"), "moment"),
    Column("duration_seconds", ("Duration", "时间长度", "时长"), "seconds"),
)
_VIDEO = Column("work_id", ("Video", "视频", "影片"), "text")
_CONTENT = Column("work_id", ("Content", "内容"), "text")

CONTENT = Preset(
    "youtube_studio_content", DEFINITION, (_VIDEO, *_WORK, _DAY, *_NUMBERS),
    needs=(("work_id",), ("title",), ("play", "show", "net_follow", "play_duration_seconds")), lacks=("day",),
)  # fmt: skip
CHART = Preset(
    "youtube_studio_chart", DEFINITION, (_CONTENT, _DAY, *_WORK, *_NUMBERS),
    needs=(("work_id",), ("day",), tuple(column.field for column in _NUMBERS)),
)  # fmt: skip
TABLE = Preset(
    "youtube_studio_table", DEFINITION, (_CONTENT, *_WORK, _DAY, *_NUMBERS),
    needs=(("work_id",), ("title",), ("play", "show", "net_follow", "play_duration_seconds")), lacks=("day",),
)  # fmt: skip
DAYS = Preset(
    "youtube_studio_daily_totals", DEFINITION, (_DAY, _CONTENT, _VIDEO, *_WORK, *_NUMBERS),
    needs=(("day",), ("net_follow", "play", "follow", "play_duration_seconds", "show")),
    lacks=("work_id", "title"),
    marks=tuple(name for column in _NUMBERS for name in column.names if name not in ("分享", "赞", "播放次数")),
)  # fmt: skip
PRESETS = (CONTENT, CHART, TABLE, DAYS)
