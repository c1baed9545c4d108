"""Whatever a model makes up or does, nothing false is shown and the answer comes in time.

One question a lie here; `python -m tests.lying` asks every question under every lie, more than 200 runs.
"""

import pytest

from assistant.bootstrap import Services
from tests.flows.conftest import DEADLINE, SLACK
from tests.lying import LIES, QUESTIONS, Lie, asked
from tests.model_endpoint import ModelEndpoint

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("place", range(len(LIES)), ids=[lie.name for lie in LIES])
async def test_nothing_false_is_shown(services: Services, endpoint: ModelEndpoint, place: int) -> None:
    lie, question = LIES[place], QUESTIONS[place % len(QUESTIONS)]
    run = await asked(services, endpoint, lie, *question)
    assert not run.faults, run.shown
    assert run.seconds < DEADLINE + SLACK


async def test_what_is_false_would_be_seen_if_it_were_shown(services: Services, endpoint: ModelEndpoint) -> None:
    said = Lie("told", "2024 年光合计划给 100亿 流量。", ("100亿",))
    run = await asked(services, endpoint, said, "2024 年光合计划给多少流量？", None)
    assert run.faults == ["100亿"]
