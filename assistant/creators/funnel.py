"""The steps from being shown to being followed, in the order in which viewers are lost."""

from dataclasses import dataclass
from typing import Literal

from assistant.creators.catalogue import CATALOGUE, Direction
from assistant.creators.formulas import Ratio

Topic = Literal[
    "reach", "cover_ctr", "hook_3s", "middle_retention", "completion_duration", "interaction", "profile_follow"
]


@dataclass(frozen=True)
class FunnelStep:
    """A rate of one work, and under which topic guidance about it is found."""

    slug: str
    topic: Topic
    ratio: Ratio
    direction: Direction
    title_zh: str
    title_en: str
    definition_zh: str
    definition_en: str


def _of_catalogue(slug: str, topic: Topic) -> FunnelStep:
    metric = CATALOGUE[slug]
    assert isinstance(metric.formula, Ratio)
    return FunnelStep(
        slug,
        topic,
        metric.formula,
        metric.direction,
        metric.title_zh,
        metric.title_en,
        metric.definition_zh,
        metric.definition_en,
    )


STEPS = (
    _of_catalogue("ctr", "cover_ctr"),
    _of_catalogue("short_play_rate_3s", "hook_3s"),
    _of_catalogue("valid_play_rate_7s", "middle_retention"),
    _of_catalogue("completion_rate", "completion_duration"),
    _of_catalogue("engagement_rate", "interaction"),
    FunnelStep(
        "profile_visit_rate",
        "profile_follow",
        Ratio(("is_profile_enter",), "play"),
        "higher is better",
        "进主页率",
        "profile visit rate",
        "从作品进入作者主页的次数 ÷ 播放数。",
        "Visits to the creator's profile from the work ÷ plays.",
    ),
    _of_catalogue("follow_rate", "profile_follow"),
)
