"""The steps from being shown to being followed, in the order in which viewers are lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.creators.catalogue import CATALOGUE, Direction
from assistant.creators.formulas import Ratio

Topic = Literal[
    "reach", "cover_ctr", "hook_3s", "middle_retention", "completion_duration", "interaction", "profile_follow"
]


@dataclass(frozen=True)
class FunnelStep:
    """A rate of one work, and under which topic guidance about it is found.

    `depends_on_length`: it falls with the length of the video, so it is compared among works of like length.
    `counts_zh`/`counts_en` name what there would be more of if the rate were better.
    """

    slug: str
    topic: Topic
    ratio: Ratio
    direction: Direction
    title_zh: str
    title_en: str
    definition_zh: str
    definition_en: str
    counts_zh: str
    counts_en: str
    depends_on_length: bool = False

    def value(self, numbers: Mapping[str, float | None]) -> float | None:
        """The rate of a work with these numbers; None when its source does not tell it."""
        if any(name not in numbers for name in self.ratio.fields):
            return None
        return self.ratio.value(numbers)


def _of_catalogue(
    slug: str, topic: Topic, counts_zh: str, counts_en: str, depends_on_length: bool = False
) -> FunnelStep:
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
        counts_zh,
        counts_en,
        depends_on_length,
    )


# Sources tell the beginning of a video in different ways: whoever tells 3 and 7 seconds does not tell 2 and 5.
STEPS = (
    _of_catalogue("ctr", "cover_ctr", "次播放", "plays"),
    _of_catalogue("short_play_rate_3s", "hook_3s", "次看过 3 秒的播放", "plays of more than 3 seconds"),
    FunnelStep(
        "two_second_exit_rate",
        "hook_3s",
        Ratio(("two_second_exits",), "play"),
        "lower is better",
        "2 秒跳出率",
        "2-second exit rate",
        "播放不到 2 秒就离开的次数 ÷ 播放数，来自平台导出，越低越好。",
        "Plays left within 2 seconds ÷ plays, as the platform exports it. Lower is better.",
        "次看过 2 秒的播放",
        "plays of more than 2 seconds",
    ),
    FunnelStep(
        "five_second_rate",
        "middle_retention",
        Ratio(("five_second_plays",), "play"),
        "higher is better",
        "5 秒完播率",
        "5-second rate",
        "看到 5 秒的播放次数 ÷ 播放数，来自平台导出；它不是完播率。",
        "Plays that reach 5 seconds ÷ plays, as the platform exports it; not the completion rate.",
        "次看到 5 秒的播放",
        "plays that reach 5 seconds",
        depends_on_length=True,
    ),
    _of_catalogue("valid_play_rate_7s", "middle_retention", "次有效播放", "valid plays", depends_on_length=True),
    _of_catalogue("completion_rate", "completion_duration", "次完播", "complete plays", depends_on_length=True),
    _of_catalogue("engagement_rate", "interaction", "次互动", "interactions"),
    FunnelStep(
        "profile_visit_rate",
        "profile_follow",
        Ratio(("is_profile_enter",), "play"),
        "higher is better",
        "进主页率",
        "profile visit rate",
        "从作品进入作者主页的次数 ÷ 播放数。",
        "Visits to the creator's profile from the work ÷ plays.",
        "次进主页",
        "profile visits",
    ),
    _of_catalogue("follow_rate", "profile_follow", "个关注", "follows"),
)
