"""A configured model is busy, slow or gone: it is asked again while there is time, then another one answers."""

import time
from collections.abc import Callable

import pytest

from assistant.agent.breaker import FAILURES
from assistant.bootstrap import Services
from tests.flows.conftest import DEADLINE, FIRST, SLACK
from tests.flows.talking import Person, heard
from tests.flows.test_model_endpoint_fails import QUESTION, TRUE, cited
from tests.model_endpoint import Mode, ModelEndpoint

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOOD: Callable[[str], str] = cited(f"{TRUE}。[{{n}}]祝你顺利。")


@pytest.mark.parametrize("mode", ["http 429", "http 503"])
async def test_a_busy_endpoint_is_asked_again(services: Services, endpoint: ModelEndpoint, mode: Mode) -> None:
    endpoint.plays(mode, text=GOOD)
    endpoint.fails = 1
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "openai:scripted"
    assert len(endpoint.requests) == 2
    assert (reply.usage["calls"], reply.usage["retries"]) == (1, 1)


async def test_the_pause_that_the_endpoint_asks_for_is_kept(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("http 429", text=GOOD)
    endpoint.fails, endpoint.retry_after = 1, "0.7"
    started = time.monotonic()
    assert (await Person(services).ask(QUESTION)).model == "openai:scripted"
    assert time.monotonic() - started >= 0.7


async def test_nobody_waits_for_a_pause_that_is_too_long(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("http 429", text=GOOD)
    endpoint.fails, endpoint.retry_after = 1, "600"
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "extractive"
    assert len(endpoint.requests) == 1
    assert reply.timings_ms["total"] < SLACK * 1000


@pytest.mark.parametrize("mode", ["http 401", "http 500", "cut", "no finish", "length", "html"])
async def test_the_second_model_answers_when_the_first_fails(
    services: Services, endpoint: ModelEndpoint, second_endpoint: ModelEndpoint, mode: Mode
) -> None:
    endpoint.plays(mode, text="祝你顺利。" * 20)
    second_endpoint.plays(text=GOOD)
    events = await Person(services).hear(QUESTION)
    reply = events[-1].reply
    assert reply is not None
    assert reply.model == "openai:second"
    assert heard(events) == reply.text == f"{TRUE}。[1]祝你顺利。"


async def test_when_both_fail_the_published_text_is_quoted_and_nothing_is_said_about_it(
    services: Services, endpoint: ModelEndpoint, second_endpoint: ModelEndpoint
) -> None:
    endpoint.plays("http 500")
    second_endpoint.plays("cut", text="祝你顺利。" * 20)
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "extractive"
    assert "100亿" in reply.text
    assert "现在只能" not in reply.text


async def test_where_a_model_might_have_done_better_the_answer_says_so(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays("http 401")
    reply = await Person(services).ask("快手之星的粉丝门槛是多少？")
    assert reply.refused
    assert "现在只能按已发布的原文回答" in reply.text


async def test_an_endpoint_that_fails_again_and_again_is_left_alone(
    services: Services, endpoint: ModelEndpoint, second_endpoint: ModelEndpoint
) -> None:
    endpoint.plays("http 401")
    second_endpoint.plays(text=GOOD)
    for _ in range(FAILURES + 2):
        assert (await Person(services).ask(QUESTION)).model == "openai:second"
    assert len(endpoint.requests) == FAILURES


async def test_the_first_sentence_is_not_waited_for_longer_than_its_deadline(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays("hang")
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "extractive"
    assert FIRST * 1000 <= reply.timings_ms["first"] < (FIRST + SLACK) * 1000


async def test_the_whole_answer_is_not_waited_for_longer_than_its_own(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays("slow", text="祝你顺利。" * 40, piece=5)
    events = await Person(services).hear(QUESTION)
    reply = events[-1].reply
    assert reply is not None
    assert [event.kind for event in events].count("restart") == 1
    assert reply.model == "extractive"
    assert reply.timings_ms["total"] < (DEADLINE + SLACK) * 1000


async def test_what_an_answer_costs_is_told_by_the_endpoint_and_kept(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays(text=GOOD)
    endpoint.usage = (1234, 56)
    person = Person(services)
    reply = await person.ask(QUESTION)
    told = {"calls": 1, "retries": 0, "input_tokens": 1234, "output_tokens": 56, "budget": 16_000, "estimated": False}
    assert reply.usage == told
    assert services.assistant.history(person.caller, reply.thread)[0]["reply"]["usage"] == told


async def test_the_digest_is_there_before_the_only_call(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays(text="你现在有 4.8万 粉丝。")
    reply = await Person(services, "demo-02").ask("我的数据怎么样？")
    assert len(endpoint.requests) == 1
    assert "4.8万" in endpoint.prompts[0]
    assert reply.model == "openai:scripted"
    assert reply.text == "你现在有 4.8万 粉丝。"


async def test_tools_are_limited_in_number(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("tool flood")
    await Person(services).ask(QUESTION)
    refused = sum("limit" in str(message.get("content")).lower() for message in endpoint.requests[1]["messages"])
    assert refused >= 30


async def test_a_turn_that_has_used_up_its_tokens_calls_no_more(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("tool loop", text=GOOD)
    endpoint.usage = (15_900, 10)
    reply = await Person(services).ask(QUESTION)
    assert (len(endpoint.requests), reply.model) == (1, "extractive")
    assert reply.usage["input_tokens"] + reply.usage["output_tokens"] <= reply.usage["budget"]


async def test_the_last_call_that_the_tokens_allow_has_no_tools(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("tool loop", text=GOOD)
    endpoint.usage = (12_800, 10)
    reply = await Person(services).ask(QUESTION)
    assert [bool(request.get("tools")) for request in endpoint.requests] == [True, False]
    assert reply.model == "openai:scripted"
