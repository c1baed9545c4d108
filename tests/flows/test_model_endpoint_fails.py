"""A configured chat model answers well, invents things, or breaks. The creator gets a useful answer each time."""

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing

import pytest

from assistant.bootstrap import Services
from tests.flows.conftest import DEADLINE, SLACK
from tests.flows.talking import Person, heard
from tests.model_endpoint import Mode, ModelEndpoint

# One loop for all of them, as in a server: the model's client keeps its connections to one loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")
QUESTION = "2024 年光合计划给多少流量？"
TRUE, INVENTED = "2024 年光合计划给 100亿 流量", "每天还会送你 8888 次曝光"


def number_of(prompt: str, text: str) -> str:
    """The number under which the passage with `text` was offered to the model."""
    offered = re.findall(r"^\[(\d+)\] [^\n]*\n((?:(?!\[\d+\] ).*\n?)*)", prompt, re.M)
    return next(number for number, body in offered if text in body)


def cited(text: str) -> Callable[[str], str]:
    """Says `text`, its `{n}` being the number of the passage about 2024."""
    return lambda prompt: text.format(n=number_of(prompt, "10亿元（十亿）现金加 100亿"))


@pytest.mark.parametrize("piece", [1, 3, 1000])
async def test_a_grounded_answer_is_kept_and_an_invented_figure_is_not(
    services: Services, endpoint: ModelEndpoint, piece: int
) -> None:
    endpoint.plays(text=cited(f"{TRUE}。[{{n}}]{INVENTED}。官方规定必须先交押金。祝你顺利。"), piece=piece)
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "openai:scripted"
    assert reply.text == f"{TRUE}。[1]祝你顺利。"
    assert [citation.passage.slug for citation in reply.citations] == ["guanghe-plan"]
    assert "100亿" in reply.citations[0].passage.text
    assert not reply.grounded  # something had to be dropped
    assert not reply.refused


async def test_the_same_in_english_where_marks_follow_the_stop(services: Services, endpoint: ModelEndpoint) -> None:
    good, invented = "The Guanghe Plan of 2024 gave 10 billion (100亿) of traffic.", "You also get $8,888 a day. [1]"
    endpoint.plays(text=lambda prompt: f"{good} [{number_of(prompt, '10 billion')}] {invented} Good luck!", piece=1)
    reply = await Person(services).ask("How much traffic did the Guanghe Plan give in 2024?")
    assert reply.model == "openai:scripted"
    assert reply.text == f"{good} [1] Good luck!"


async def test_an_answer_that_follows_the_rules_is_grounded_labels_and_all(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays(text=cited(f"**政策与事实**\n{TRUE}。[{{n}}]\n\n**建议**\n祝你顺利。"))
    reply = await Person(services).ask(QUESTION)
    assert reply.text == f"**政策与事实**\n{TRUE}。[1]\n\n**建议**\n祝你顺利。"
    assert reply.grounded


async def test_sentences_stream_before_the_answer_ends(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays(text=cited(f"{TRUE}。[{{n}}]祝你顺利。还有问题吗？"), piece=1)
    events = await Person(services).hear(QUESTION)
    sentences = [event.data["text"] for event in events if event.kind == "sentence"]
    assert sentences == [f"{TRUE}。[1]", "祝你顺利。", "还有问题吗？"]
    assert events[-1].reply is not None
    assert heard(events) == events[-1].reply.text


async def test_an_answer_that_nobody_listens_to_any_more_is_not_written_on(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays("slow", text=cited(f"{TRUE}。[{{n}}]" * 40), piece=12)
    async with aclosing(services.assistant.reply(Person(services).caller, None, QUESTION)) as answer:
        async for event in answer:
            if event.kind == "sentence":
                break
    async with asyncio.timeout(SLACK):
        while not endpoint.left:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "mode", ["http 500", "http 401", "html", "empty", "not json", "cut", "no finish", "length", "tool loop", "hang"]
)
async def test_a_model_that_fails_is_replaced_within_the_turn(
    services: Services, endpoint: ModelEndpoint, mode: Mode
) -> None:
    endpoint.plays(mode, text=cited(f"{TRUE}。[{{n}}]") if mode == "length" else "祝你顺利。" * 20)
    events = await Person(services).hear(QUESTION)
    reply = events[-1].reply
    assert reply is not None
    assert reply.model == "extractive"
    assert "100亿" in reply.text
    assert "祝你顺利" not in reply.text
    assert reply.citations[0].passage.slug == "guanghe-plan"
    assert reply.grounded
    assert heard(events) == reply.text
    assert reply.timings_ms["total"] < (DEADLINE + SLACK) * 1000
    assert "secret-key" not in str(reply.as_dict())


async def test_a_model_that_says_nothing_true_is_replaced(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays(text=f"{INVENTED}。官方规定必须先交 500 元押金。")
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "extractive"
    assert "8888" not in reply.text
    assert "100亿" in reply.text


async def test_what_was_shown_before_the_cut_is_taken_back(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("cut", text="祝你顺利。" * 20)
    events = await Person(services).hear(QUESTION)
    kinds = [event.kind for event in events]
    assert kinds.index("sentence") < kinds.index("restart")
    assert "祝你顺利" not in heard(events)


async def test_a_tool_that_does_not_exist_is_refused_and_the_answer_goes_on(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays("ghost tool", text=cited(f"{TRUE}。[{{n}}]"))
    reply = await Person(services).ask(QUESTION)
    assert reply.model == "openai:scripted"
    assert reply.text == f"{TRUE}。[1]"
    assert len(endpoint.requests) == 2


async def test_endless_tool_calls_end(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays("tool loop", text=cited(f"{TRUE}。[{{n}}]"))
    reply = await Person(services).ask(QUESTION)
    assert reply.text == f"{TRUE}。[1]"  # without tools to call it has to answer
    assert len(endpoint.requests) <= 5


async def test_a_model_that_names_the_tools_of_a_linked_creator_for_somebody_unknown_gets_nothing(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays(text="我看不到你的数据。")
    endpoint.tool = ("my_numbers", {"creator_id": "demo-06"})
    reply = await Person(services).ask("我的数据怎么样？")
    assert reply.figures == []
    assert "This tool is not available here." in endpoint.prompts[-1]
    assert "粉丝，属于" not in endpoint.prompts[-1]
    assert "my_numbers" not in str(endpoint.requests[0]["tools"])


async def test_a_linked_creators_numbers_reach_the_answer_and_a_wrong_number_does_not(
    services: Services, endpoint: ModelEndpoint
) -> None:
    followers = "4.8万"
    endpoint.plays(text=f"你现在有 {followers} 粉丝。你一共有 77.7万 播放。")
    endpoint.tool = ("my_numbers", {"creator_id": "demo-06"})
    reply = await Person(services, "demo-02").ask("我的数据怎么样？")
    assert followers in endpoint.prompts[-1]
    assert reply.model == "openai:scripted"
    assert reply.text == f"你现在有 {followers} 粉丝。"
    assert reply.figures


async def test_an_address_and_a_picture_that_nobody_published_are_dropped(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays(
        text=cited(f"{TRUE}。[{{n}}]请到 https://gift.evil.test/claim 领取。![x](https://evil.test/p.png?q=1)\n祝你顺利。")
    )
    reply = await Person(services).ask(QUESTION)
    assert "evil" not in reply.text
    assert "祝你顺利" in reply.text


async def test_earlier_turns_are_remembered_and_the_key_is_in_no_prompt(
    services: Services, endpoint: ModelEndpoint
) -> None:
    endpoint.plays(text=cited(f"{TRUE}。[{{n}}]"))
    person = Person(services)
    first = await person.ask(QUESTION)
    await person.ask("那 2022 年呢？", thread=first.thread)
    assert QUESTION in endpoint.prompts[-1]
    assert TRUE in endpoint.prompts[-1]
    assert "secret-key" not in "".join(endpoint.prompts)


async def test_a_phone_number_stays_here(services: Services, endpoint: ModelEndpoint) -> None:
    endpoint.plays()
    await Person(services).ask("我的手机 13812345678，光合计划给多少流量？")
    assert endpoint.requests
    assert "13812345678" not in str(endpoint.requests)
    assert "[phone]" in endpoint.prompts[0]
