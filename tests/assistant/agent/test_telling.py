"""A figure is told with what it was before, and a difference that nobody could see is not written out."""

import pytest

from assistant.agent.telling import tell_figure
from assistant.creators.figures import Figure, Unit
from prompts.texts import load_prompts

PROMPTS = load_prompts()


@pytest.mark.parametrize(
    ("value", "baseline", "unit", "told"),
    [
        (0.0303, 0.0297, "percent", "3%，前 28 天是 3%（基本持平）"),
        (0.02948, 0.02964, "percent", "2.9%，前 28 天是 3%（基本持平）"),
        (0.193, 0.184, "percent", "19.3%，前 28 天是 18.4%（+0.9 个百分点）"),
        (0.0045, 0.0049, "percent", "0.45%，前 28 天是 0.49%（-0.04 个百分点）"),
        (12_010, 12_040, "count", "1.2万，前 28 天是 1.2万（基本持平）"),
        (1_327, 1_434, "count", "1,327，前 28 天是 1,434（-7.5%）"),
        (-191, -20, "count", "-191，前 28 天是 -20（-171）"),
        (0.03, None, "percent", "3%；"),
    ],
)
def test_a_change_is_told_as_far_as_it_can_be_seen(value: float, baseline: float | None, unit: Unit, told: str) -> None:
    figure = Figure("f", "like_rate", value, unit, "", 100, baseline, None, "点赞率", "like rate", "口径", "defined")
    assert tell_figure(figure, "zh", PROMPTS).startswith(f"点赞率：{told}")
