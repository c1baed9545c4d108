"""When the next tier may be reached, or one sentence that says why no date is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.creators.forecast import (
    LEAST_DAYS,
    LONG_DAYS,
    PACE_DAYS,
    SHORT_HORIZON_DAYS,
    Milestone,
    Outlook,
    date_after,
    horizon_of,
)
from assistant.creators.tiers import next_tier

# A forecast from older data would give days that may have passed.
STALE_DAYS = 28


@dataclass(frozen=True)
class Refusal:
    """Why something is not said, as a sentence for the creator."""

    zh: str
    en: str


def milestone_of(
    followers: int | None, changes: Sequence[int], outlook: Outlook | None, last: date, today: date
) -> Milestone | Refusal:
    """The dates of the tier above `followers`, or why there are none.

    `changes` are the net followers of consecutive days up to `last`; `outlook` is made of them, None when there are
    fewer than 30. Without growth over the last 28 days no date is given.
    """
    if followers is None or outlook is None:
        return Refusal(
            f"连续的粉丝数据只有 {len(changes)} 天，不足 {LEAST_DAYS} 天，不预测到达日期。",
            f"There are {len(changes)} consecutive days of follower data, fewer than {LEAST_DAYS}: no forecast.",
        )
    if (today - last).days > STALE_DAYS:
        return Refusal(
            f"粉丝数据只到 {last}，已过去 {(today - last).days} 天；更新数据后再预测。",
            f"The follower data end on {last}, {(today - last).days} days ago; import newer ones for a forecast.",
        )
    target = next_tier(followers)
    if target is None:
        return Refusal(
            "已在最高的粉丝层级，没有下一个层级。", "This is the highest follower tier; there is no next one."
        )
    recent = sum(changes[-PACE_DAYS:])
    if recent <= 0:
        return Refusal(
            f"近 {PACE_DAYS} 天净增粉为 {recent:,}，按当前速度到不了{target.zh}（{target.floor:,}）。",
            f"Net followers of the last {PACE_DAYS} days are {recent:,}: this pace does not lead to {target.floor:,}.",
        )
    horizon = horizon_of(len(changes))
    early, middle, late = outlook.arrival_days(target.floor - followers, horizon)
    if middle is None:
        return _too_far(len(changes), horizon, target.floor)
    return Milestone(
        target=target.floor,
        title_zh=target.zh,
        title_en=target.en,
        early=date_after(last, early),
        middle=date_after(last, middle),
        late=date_after(last, late),
        horizon_days=horizon,
        days_used=PACE_DAYS,
        backtest=outlook.backtest(),
    )


def _too_far(days: int, horizon: int, target: int) -> Refusal:
    if horizon == SHORT_HORIZON_DAYS:
        return Refusal(
            f"按近况半年内多半到不了 {target:,} 粉丝；连续数据只有 {days} 天，不足 {LONG_DAYS} 天，不预测半年以后。",
            f"At this pace {target:,} followers are not likely within six months; with {days} days of data (fewer than "
            f"{LONG_DAYS}) nothing is said beyond that.",
        )
    return Refusal(
        f"按近况两年内多半到不了 {target:,} 粉丝，再远不预测。",
        f"At this pace {target:,} followers are not likely within two years; nothing is forecast beyond that.",
    )
