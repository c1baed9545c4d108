"""Follower tiers, left-closed: exactly 10,000 followers are 万粉. An editorial division, not a platform's."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A range of followers from `floor` up to the next tier's."""

    zh: str
    en: str
    floor: int


TIERS = (
    Tier("新手", "newcomer", 0),
    Tier("千粉", "1K+ followers", 1_000),
    Tier("万粉", "10K+ followers", 10_000),
    Tier("十万粉", "100K+ followers", 100_000),
    Tier("百万粉", "1M+ followers", 1_000_000),
)


def tier_of(followers: int) -> Tier:
    """The tier that this number of followers is in."""
    return max((tier for tier in TIERS if tier.floor <= max(followers, 0)), key=lambda tier: tier.floor)


def rule_of(followers: int) -> tuple[str, str]:
    """Why this number of followers is in its tier, in Chinese and English."""
    above = next_tier(followers)
    floor = tier_of(followers).floor
    if above is None:
        return f"粉丝 {followers:,}，达到 {floor:,}。", f"{followers:,} followers, {floor:,} or more."
    return (
        f"粉丝 {followers:,}，在 {floor:,}（含）到 {above.floor:,}（不含）之间。",
        f"{followers:,} followers, from {floor:,} to below {above.floor:,}.",
    )


def next_tier(followers: int) -> Tier | None:
    """The next tier above, or None in the highest."""
    return next((tier for tier in TIERS if tier.floor > followers), None)
