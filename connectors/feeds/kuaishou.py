"""Kuaishou: works and the creator's days as the data centre of 快手创作者服务平台 (cp.kuaishou.com) exports them.

Where the names come from. No real file is public. The names of a work's columns follow third parties' records of the
page and its interface (作品标题, 发布时间, 播放量, 平均播放时长 in milliseconds, 封面点击率, 2秒跳出率, 5秒完播率,
完播率, 点赞量, 评论量, 分享量, 收藏量, 涨粉量, 净增粉; percentages as 22.1 for 22.1 %); those of a day follow the
six cards of its overview (播放量, 点赞, 净增粉丝量, 完播率, 评论, 分享). All other spellings are guesses. A watch time
whose column does not say 毫秒 is taken as seconds.
"""

from connectors.feeds.columns import Column, Preset

DEFINITION = "kuaishou"

_NUMBERS = (
    Column("show", ("曝光量", "曝光次数", "曝光"), "count", "impressions, counted by times"),
    Column("play", ("播放量", "播放次数", "播放数", "总播放量"), "count", "plays, counted by times"),
    Column("average_watch_seconds", ("平均播放时长(毫秒)", "平均播放时长(ms)"), "milliseconds", "time per play"),
    Column("average_watch_seconds", ("平均播放时长(秒)", "平均播放时长", "平均观看时长"), "seconds", "time per play"),
    Column("impressions_ctr", ("封面点击率",), "rate", "share of cover impressions that were clicked"),
    Column("two_second_exit_rate", ("2秒跳出率", "2s跳出率"), "rate", "share of plays left within two seconds"),
    Column("five_second_rate", ("5秒完播率", "5s完播率"), "rate", "share of plays that lasted five seconds"),
    Column("completion_rate", ("完播率", "整体完播率"), "rate", "share of plays that reached the end"),
    Column("like", ("点赞量", "点赞数", "点赞", "获赞"), "count", "likes"),
    Column("comment", ("评论量", "评论数", "评论"), "count", "comments"),
    Column("share", ("分享量", "分享数", "分享"), "count", "shares"),
    Column("collect", ("收藏量", "收藏数", "收藏"), "count", "saves to favourites"),
    Column("is_profile_enter", ("主页访问量", "进主页数", "主页访问"), "count", "visits to the profile"),
)  # fmt: skip

WORKS = Preset(
    name="kuaishou_works",
    definition=DEFINITION,
    needs=(("title",), ("published_at",), ("play",)),
    marks=("平均播放时长(毫秒)", "涨粉量", "净增粉", "净增粉丝", "净增粉丝量"),
    lacks=("day",),
    columns=(
        Column("work_id", ("作品ID", "photoId", "photo_id"), "text"),
        Column("title", ("作品标题", "作品名称", "作品描述", "标题"), "text"),
        Column("published_at", ("发布时间", "上传时间", "发布日期"), "moment"),
        Column("duration_seconds", ("作品时长", "视频时长"), "seconds"),
        Column("kind", ("作品类型", "类型", "体裁"), "text"),
        *_NUMBERS,
        Column("follow", ("涨粉量", "涨粉", "涨粉数", "新增粉丝"), "count", "followers the work won"),
        Column("cancel_follow", ("掉粉量", "取关量", "取关数"), "count", "followers lost after the work"),
        Column("net_follow", ("净增粉", "净增粉丝", "净增粉丝量", "净涨粉"), "change", "followers won less lost"),
    ),
)

DAYS = Preset(
    name="kuaishou_days",
    definition=DEFINITION,
    needs=(("day",), ("play",), ("net_followers", "new_followers", "followers")),
    marks=("净增粉丝量", "净增粉丝", "净增粉", "涨粉量", "新增粉丝", "粉丝总数"),
    lacks=("title", "work_id"),
    columns=(
        Column("day", ("日期", "时间", "统计日期", "数据日期"), "day"),
        Column("title", ("作品标题", "作品名称", "笔记标题", "标题"), "text"),
        Column("work_id", ("作品ID", "photoId"), "text"),
        *_NUMBERS,
        Column("followers", ("粉丝总数", "粉丝数", "粉丝总量", "总粉丝量"), "count", "followers at the day's end"),
        Column("new_followers", ("新增粉丝", "新增粉丝量", "涨粉量", "涨粉"), "count", "followers won that day"),
        Column("lost_followers", ("取关粉丝", "流失粉丝", "掉粉量", "取关数"), "count", "followers lost that day"),
        Column("net_followers", ("净增粉丝量", "净增粉丝", "净增粉", "粉丝净增"), "change", "followers won less lost"),
    ),
)  # fmt: skip
