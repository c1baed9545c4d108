"""Xiaohongshu: the list of notes that 小红书创作服务平台 exports (笔记列表明细表.xlsx).

Where the names come from. Public programs and tests that read real exports agree on 笔记标题, 首次发布时间, 体裁, 曝光,
观看量, 封面点击率, 点赞, 评论, 收藏, 涨粉, 分享, 人均观看时长, newer ones with 弹幕; on a first row that says
最多导出排序后前1000条笔记 in every cell; on times such as 2026年04月01日09时30分00秒; and on 封面点击率 as 0.05 (in one
as 6.50%). 人均观看时长 is per viewer, in seconds, which is taken as the average watch time although a viewer may watch
twice. The other spellings are guesses. Views also come from elsewhere than impressions.
"""

from assistant.creators.layout import XIAOHONGSHU_DEFINITION
from connectors.feeds.columns import Column, Preset

WORKS = Preset(
    name="xiaohongshu_notes",
    definition=XIAOHONGSHU_DEFINITION,
    needs=(("title",), ("published_at",), ("play",)),
    marks=("笔记标题", "首次发布时间", "笔记ID", "笔记链接"),
    lacks=("day",),
    columns=(
        Column("work_id", ("笔记ID", "note_id"), "text"),
        Column("title", ("笔记标题", "标题", "笔记名称"), "text"),
        Column("published_at", ("首次发布时间", "发布时间", "笔记发布时间"), "moment"),
        Column("kind", ("体裁", "笔记类型", "类型"), "text"),
        Column("show", ("曝光", "曝光量", "曝光数"), "count", "impressions"),
        Column("play", ("观看量", "观看数", "阅读量", "阅读/播放量", "浏览量"), "count", "views"),
        Column("impressions_ctr", ("封面点击率",), "rate", "share of cover impressions that were clicked"),
        Column("like", ("点赞", "点赞数", "点赞量"), "count", "likes"),
        Column("comment", ("评论", "评论数", "评论量"), "count", "comments"),
        Column("collect", ("收藏", "收藏数", "收藏量"), "count", "saves to favourites"),
        Column("follow", ("涨粉", "涨粉数", "新增关注", "涨粉量"), "count", "followers the note won"),
        Column("share", ("分享", "分享数", "笔记分享数", "分享量"), "count", "shares"),
        Column("average_watch_seconds", ("人均观看时长", "平均观看时长"), "seconds", "seconds per viewer"),
    ),
)  # fmt: skip
