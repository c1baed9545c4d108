"""The twelve invented creators: who they are and what happened to them. The numbers are made in `demonstration`."""

from collections.abc import Callable
from dataclasses import dataclass, field

HISTORY_DAYS = 180
# A course over time: the day of the story (0 to 179) to a factor.
Course = Callable[[int], float]


@dataclass(frozen=True)
class Rates:
    """What becomes of a play: shares of plays, except `play`, which is the share of impressions that are played."""

    play: float = 0.62
    short: float = 0.29
    valid: float = 0.56
    complete: float = 0.19
    like: float = 0.024
    comment: float = 0.0016
    share: float = 0.0009
    collect: float = 0.003
    profile: float = 0.034
    follow: float = 0.0016


@dataclass(frozen=True)
class Story:
    """One invented creator. `shows` is the impressions of an ordinary work over its life, `posts` works a day,
    `churn` the share of followers lost a day, `live_follows` new followers a day that no work brought."""

    id: str
    name: str
    category: str
    story: str
    followers: int
    shows: float
    posts: Course
    durations: tuple[int, int]
    subjects: tuple[str, ...]
    rates: Rates = Rates()
    reach: Course = field(default=lambda day: 1.0)
    hook: Course = field(default=lambda day: 1.0)
    following: Course = field(default=lambda day: 1.0)
    churn: float = 0.0002
    live_follows: Course = field(default=lambda day: 0.0)
    hit_on: int | None = None
    days: int = HISTORY_DAYS


def _steady(works_a_day: float) -> Course:
    return lambda day: works_a_day


def _ramp(first: float, last: float) -> Course:
    return lambda day: first + (last - first) * day / (HISTORY_DAYS - 1)


def _step(until: int, before: float, after: float) -> Course:
    return lambda day: before if day < until else after


def _silent(first: int, last: int, works_a_day: float) -> Course:
    return lambda day: 0.0 if first <= day <= last else works_a_day


def _dip(first: int, last: int, low: float, after: float) -> Course:
    return lambda day: 1.0 if day < first else low if day <= last else after


STORIES = (
    Story(
        "demo-01", "阿禾的小厨房", "美食", "稳步上升：固定每周三更，播放和粉丝都在涨，快到万粉了。",
        2200, 22_000, _steady(0.45), (35, 90), ("番茄牛腩", "葱油拌面", "蒜蓉茄子", "红糖馒头", "可乐鸡翅"),
        rates=Rates(follow=0.0045), reach=_ramp(0.6, 2.0),
    ),
    Story(
        "demo-02", "林木聊历史", "知识", "停滞：更新没断，播放平了，涨粉和掉粉差不多相抵。",
        48_000, 26_000, _steady(0.4), (90, 180), ("汴京夜市", "驿站快马", "科举放榜", "丝路商队", "长安坊市"),
        rates=Rates(complete=0.1, follow=0.0011), reach=_step(70, 1.3, 0.8),
        following=_step(70, 1.6, 0.75), churn=0.00011,
    ),
    Story(
        "demo-03", "大鹏日常", "搞笑", "下滑：两个月前播放掉了七成，粉丝开始净减少。",
        268_000, 320_000, _steady(0.8), (15, 45), ("爸妈查岗", "合租室友", "相亲现场", "办公室午休", "开车送娃"),
        rates=Rates(complete=0.27, like=0.035, follow=0.0007), reach=_step(118, 1.0, 0.28), churn=0.0004,
    ),
    Story(
        "demo-04", "老周在田间", "三农", "回升：中间两个月低迷，换回自己最擅长的田间实拍后恢复了。",
        31_000, 60_000, _steady(0.5), (30, 75), ("插秧", "收玉米", "修水渠", "喂鸡", "挖红薯"),
        rates=Rates(follow=0.0013), reach=_dip(55, 128, 0.3, 1.5), churn=0.0004,
    ),
    Story(
        "demo-05", "小满手作", "手工", "新号：开通九天，发了几条，还看不出趋势。",
        0, 900, _steady(0.75), (20, 60), ("毛线杯垫", "干花书签", "纸艺台灯", "陶土小碟"),
        rates=Rates(follow=0.006), days=9,
    ),
    Story(
        "demo-06", "苏苏化妆间", "美妆", "稳定：百万粉，隔天更新，各项数据在自己的常态里。",
        1_280_000, 900_000, _steady(0.5), (40, 120), ("通勤淡妆", "遮瑕手法", "眉形修整", "底妆持妆", "新手眼线"),
        rates=Rates(follow=0.0022), churn=0.0004,
    ),
    Story(
        "demo-07", "燕姐女装", "服饰", "直播为主：短视频一周一两条用来预告，涨粉大多来自直播间。",
        152_000, 70_000, _steady(0.2), (12, 40), ("周五直播预告", "阔腿裤上身", "针织衫三色", "小个子穿搭"),
        rates=Rates(follow=0.0012), churn=0.0006, live_follows=lambda day: 420.0 if day % 7 in (1, 4, 6) else 25.0,
    ),
    Story(
        "demo-08", "背包里的风", "旅行", "一条爆款：有一条播放是平时的几十倍，之后又回到原来的水平。",
        2_100, 4_800, _steady(0.35), (30, 80), ("海边日出", "古镇雨巷", "高铁窗外", "山顶露营", "夜市小吃"),
        rates=Rates(follow=0.003), hit_on=131,
    ),
    Story(
        "demo-09", "阿凯打游戏", "游戏", "发得太密：两个月前改成一天三条，条均播放掉了一多半。",
        8_800, 9_000, _step(120, 0.7, 2.7), (15, 50), ("五杀回放", "新英雄试玩", "排位翻盘", "队友迷惑操作"),
        rates=Rates(complete=0.24, follow=0.0012), reach=_step(120, 1.0, 0.38), churn=0.0004,
    ),
    Story(
        "demo-10", "练到八十岁", "健身", "断更：停了二十六天，上周刚回来。",
        17_500, 30_000, _silent(147, 172, 0.5), (25, 70), ("十分钟核心", "肩颈放松", "居家深蹲", "跑前热身"),
        rates=Rates(follow=0.0018), reach=_step(147, 1.0, 0.75), churn=0.0005,
    ),
    Story(
        "demo-11", "数码小林", "数码", "开头留不住人：近三周改成先放片头，3 秒短播率明显变高，完播跟着掉。",
        3_800, 12_000, _steady(0.45), (45, 100), ("千元耳机", "旧手机清理", "路由器摆放", "快充真假", "相机入门"),
        rates=Rates(follow=0.002), hook=_step(155, 1.0, 1.75), reach=_step(155, 1.0, 0.85),
    ),
    Story(
        "demo-12", "豆包和团子", "宠物", "播放不错但不涨粉：近一个月追热点，看的人多了，关注的人反而少了。",
        520, 14_000, _steady(0.4), (12, 35), ("猫咪拆家", "狗子洗澡", "第一次见雪", "抢罐头", "装睡现场"),
        rates=Rates(complete=0.3, like=0.04, follow=0.0004), reach=_step(150, 0.5, 2.4),
        following=_step(150, 3.2, 0.25), churn=0.0003,
    ),
)  # fmt: skip
