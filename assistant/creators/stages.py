"""Lifecycle stages: 孵化, 成长, 稳定, 风险, 沉默. An editorial division; a verdict carries the rule that decided it."""

from dataclasses import dataclass

from assistant.creators.figures import written

SILENT_DAYS = 30
INCUBATION_FOLLOWERS = 1_000
INCUBATION_DAYS = 30
YOUNG_ACCOUNT_FOLLOWERS = 10_000
GROWING_SHARE = 0.01
RISK_SHARE = -0.002
RISK_PLAYS = 0.6
GROWING_PLAYS = 1.2
# The names of all stages in Chinese and English, in the order of a lifecycle.
STAGES = (("孵化", "incubating"), ("成长", "growing"), ("稳定", "steady"), ("风险", "at risk"), ("沉默", "silent"))


@dataclass(frozen=True)
class Stage:
    """A stage and, in a sentence of each language, the rule that led to it with the numbers it looked at."""

    zh: str
    en: str
    rule_zh: str
    rule_en: str


@dataclass(frozen=True)
class Signs:
    """What the rules look at. None means unknown, and a rule that needs it is passed over.

    `plays_ratio` is the last 28 days' plays over the creator's own median of the earlier windows of 28 days.
    """

    days_of_data: int
    days_since_work: int | None
    followers: int | None
    net_28: int | None
    plays_ratio: float | None


def stage_of(signs: Signs) -> Stage | None:
    """The first rule that applies decides: silent, incubating, at risk, growing, else steady; None without the data."""
    return _silent(signs) or _incubating(signs) or _by_followers(signs) or _by_plays(signs)


def _silent(signs: Signs) -> Stage | None:
    if signs.days_since_work is None or signs.days_since_work < SILENT_DAYS:
        return None
    return Stage(
        "沉默",
        "silent",
        f"已有 {signs.days_since_work} 天没有发布作品，达到 {SILENT_DAYS} 天。",
        f"Nothing was published for {signs.days_since_work} days ({SILENT_DAYS} or more).",
    )


def _incubating(signs: Signs) -> Stage | None:
    if signs.followers is None:
        return None
    if signs.followers < INCUBATION_FOLLOWERS:
        return Stage(
            "孵化",
            "incubating",
            f"粉丝 {signs.followers:,}，不足 {INCUBATION_FOLLOWERS:,}。",
            f"{signs.followers:,} followers, fewer than {INCUBATION_FOLLOWERS:,}.",
        )
    if signs.days_of_data < INCUBATION_DAYS and signs.followers < YOUNG_ACCOUNT_FOLLOWERS:
        return Stage(
            "孵化",
            "incubating",
            f"只有 {signs.days_of_data} 天数据，不足 {INCUBATION_DAYS} 天，粉丝不足 {YOUNG_ACCOUNT_FOLLOWERS:,}。",
            f"Only {signs.days_of_data} days of data (fewer than {INCUBATION_DAYS}) "
            f"and fewer than {YOUNG_ACCOUNT_FOLLOWERS:,} followers.",
        )
    return None


def _by_followers(signs: Signs) -> Stage | None:
    if signs.followers is None or signs.net_28 is None or signs.followers - signs.net_28 <= 0:
        return None
    before = signs.followers - signs.net_28
    share = signs.net_28 / before
    told_zh = f"近 28 天净增粉 {signs.net_28:,}，是期初 {before:,} 粉丝的 {written(share, 'percent', 'zh')}"
    told_en = f"Net followers of the last 28 days are {signs.net_28:,}, {written(share, 'percent', 'en')} of {before:,}"
    if share <= RISK_SHARE:
        return Stage(
            "风险", "at risk", f"{told_zh}，不高于 {RISK_SHARE:.1%}。", f"{told_en}, which is {RISK_SHARE:.1%} or less."
        )
    if signs.plays_ratio is not None and signs.plays_ratio < RISK_PLAYS:
        return _plays_at_risk(signs.plays_ratio)
    if share >= GROWING_SHARE:
        return Stage(
            "成长",
            "growing",
            f"{told_zh}，达到 {GROWING_SHARE:.0%}。",
            f"{told_en}, which is {GROWING_SHARE:.0%} or more.",
        )
    return Stage(
        "稳定",
        "steady",
        f"{told_zh}，在 {RISK_SHARE:.1%} 和 {GROWING_SHARE:.0%} 之间。",
        f"{told_en}, between {RISK_SHARE:.1%} and {GROWING_SHARE:.0%}.",
    )


def _by_plays(signs: Signs) -> Stage | None:
    ratio = signs.plays_ratio
    if ratio is None:
        return None
    if ratio < RISK_PLAYS:
        return _plays_at_risk(ratio)
    is_growing = ratio >= GROWING_PLAYS
    return Stage(
        "成长" if is_growing else "稳定",
        "growing" if is_growing else "steady",
        f"没有粉丝数据；近 28 天播放是自己此前中位数的 {ratio:.0%}。",
        f"No follower data; plays of the last 28 days are {ratio:.0%} of the creator's own earlier median.",
    )


def _plays_at_risk(ratio: float) -> Stage:
    return Stage(
        "风险",
        "at risk",
        f"近 28 天播放是自己此前中位数的 {ratio:.0%}，低于 {RISK_PLAYS:.0%}。",
        f"Plays of the last 28 days are {ratio:.0%} of the creator's own earlier median, below {RISK_PLAYS:.0%}.",
    )
