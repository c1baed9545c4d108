"""Douyin: the list of works that 抖音创作者中心 exports (作品列表导出.xlsx).

Where the names come from. The header 作品名称, 发布时间, 体裁, 审核状态, 播放量, 完播率, 5s完播率, 封面点击率,
2s跳出率, 平均播放时长, 点赞量, 评论量, 分享量, 收藏量, 主页访问量, 粉丝增量 is read by several public programs that
process real exports; one of 2026 has 发布状态 and 作品时长 beside it and no 封面点击率. Those programs check that rates
lie between 0 and 1 and take 平均播放时长 as seconds. The spellings 5秒完播率, 点赞数 and the like are guesses after
the platform's pages. No text of the platform says whether 粉丝增量 is after unfollows; it is taken as the followers
that the work won.
"""

from connectors.feeds.columns import Column, Preset

DEFINITION = "douyin"

WORKS = Preset(
    name="douyin_works",
    definition=DEFINITION,
    needs=(("title",), ("published_at",), ("play",)),
    marks=("5s完播率", "2s跳出率", "粉丝增量", "审核状态", "主页访问量"),
    lacks=("day",),
    columns=(
        Column("work_id", ("作品ID", "视频ID", "item_id", "aweme_id"), "text"),
        Column("title", ("作品名称", "作品标题", "视频名称", "视频标题", "作品描述"), "text"),
        Column("published_at", ("发布时间", "发布日期", "作品发布时间"), "moment"),
        Column("kind", ("体裁", "作品类型", "类型"), "text"),
        Column("duration_seconds", ("作品时长", "视频时长", "时长"), "seconds"),
        Column("play", ("播放量", "播放次数", "播放数", "播放"), "count", "plays, counted by times"),
        Column("completion_rate", ("完播率", "整体完播率"), "rate", "share of plays that reached the end"),
        Column("five_second_rate", ("5s完播率", "5秒完播率"), "rate", "share of plays that lasted five seconds"),
        Column("impressions_ctr", ("封面点击率", "点击率"), "rate", "share of cover impressions that were clicked"),
        Column("two_second_exit_rate", ("2s跳出率", "2秒跳出率"), "rate", "share of plays left within two seconds"),
        Column("average_watch_seconds", ("平均播放时长", "平播时长", "平均播放时长(秒)"), "seconds", "time per play"),
        Column("like", ("点赞量", "点赞数", "点赞"), "count", "likes"),
        Column("comment", ("评论量", "评论数", "评论"), "count", "comments"),
        Column("share", ("分享量", "分享数", "分享", "转发量"), "count", "shares"),
        Column("collect", ("收藏量", "收藏数", "收藏"), "count", "saves to favourites"),
        Column("is_profile_enter", ("主页访问量", "主页访问", "主页访问数"), "count", "visits to the profile"),
        Column("follow", ("粉丝增量", "涨粉量", "新增粉丝", "增粉"), "count", "followers the work won"),
    ),
)  # fmt: skip
