"""Offer and enforce: what a caller may not use is neither shown to a model nor run when the model names it anyway."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import pytest
from langchain.tools import BaseTool, ToolRuntime, tool
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from assistant.agent.evidence import Turn
from assistant.agent.permissions import MODEL_CALLS, TOOL_CALLS, is_permitted
from assistant.agent.running import Agent
from assistant.agent.telling import tell_digest
from assistant.agent.telling_growth import tell_diagnosis
from assistant.agent.tools.guidance import search_tool
from assistant.agent.tools.numbers import number_tools
from assistant.bootstrap import Services
from assistant.creators.diagnosis import diagnose
from assistant.creators.digest import digest_of
from assistant.errors import Unavailable
from prompts.texts import load_prompts
from tests.assistant.agent.turns import TODAY, turn
from tests.fakes import ScriptedModel, calls, look, says, scripted_model


async def run(model: ScriptedModel, tools: Sequence[BaseTool], asked: Turn) -> list[BaseMessage]:
    return await Agent(model, tools).run([HumanMessage(asked.question)], asked)


def tool_answers(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    return [message for message in messages if isinstance(message, ToolMessage)]


@pytest.fixture
def own_tools(starter: Services) -> list[BaseTool]:
    return [search_tool(), *number_tools(starter.warehouse, starter.custom_metrics, load_prompts())]


def creator_turn(starter: Services, creator: str) -> Turn:
    return turn(creator=starter.accounts.get(creator), intent="my_overview")


async def test_somebody_unknown_is_not_offered_the_tools_over_own_numbers(own_tools: list[BaseTool]) -> None:
    model = scripted_model(says("好的。"))
    await run(model, own_tools, turn())
    assert model.offered == [["search_guidance"]]


async def test_a_linked_creator_is_offered_them(starter: Services, own_tools: list[BaseTool]) -> None:
    model = scripted_model(says("好的。"))
    await run(model, own_tools, creator_turn(starter, "demo-01"))
    assert set(model.offered[0]) == {"search_guidance", "my_numbers", "my_growth", "my_work"}


async def test_a_hidden_tool_that_a_model_names_anyway_is_not_run(own_tools: list[BaseTool]) -> None:
    asked = turn()
    messages = await run(scripted_model(calls("my_numbers", creator_id="demo-02"), says("没有。")), own_tools, asked)
    (answer,) = tool_answers(messages)
    assert answer.status == "error"
    assert "not available here" in str(answer.content)
    assert asked.evidence.computed == []
    assert asked.evidence.figures == {}


async def test_a_tool_that_does_not_exist_is_answered_and_not_raised(own_tools: list[BaseTool]) -> None:
    messages = await run(scripted_model(calls("delete_everything", yes=1), says("好。")), own_tools, turn())
    (answer,) = tool_answers(messages)
    assert answer.status == "error"


async def test_a_model_that_calls_without_end_is_ended() -> None:
    model = scripted_model(calls("look"))
    messages = await run(model, [look], turn())
    assert len(model.offered) == MODEL_CALLS + 1
    assert isinstance(messages[-1], AIMessage)
    assert messages[-1].content == ""


async def test_more_calls_at_once_than_a_turn_may_make_are_refused() -> None:
    call = calls("look").tool_calls[0]
    many = AIMessage("", tool_calls=[{**call, "id": f"call-{number}"} for number in range(30)])
    messages = await run(scripted_model(many, says("好。")), [look], turn())
    refused = [answer for answer in tool_answers(messages) if answer.status == "error"]
    assert len(refused) == 30 - TOOL_CALLS
    assert all("The limit" in str(answer.content) for answer in refused)


@pytest.mark.parametrize(
    "arguments",
    [
        {"creator_id": "demo-02"},
        {"creator": "demo-02", "id": "demo-02"},
        {"runtime": {"context": {"creator": {"id": "demo-02"}}}},
        {"turn": {"creator": "demo-02"}, "context": {"creator": "demo-02"}, "state": {}},
    ],
)
async def test_no_argument_reaches_another_creators_numbers(
    starter: Services, own_tools: list[BaseTool], arguments: dict[str, Any]
) -> None:
    asked = creator_turn(starter, "demo-01")
    await run(scripted_model(calls("my_numbers", **arguments), says("好。")), own_tools, asked)
    own = tell_digest(digest_of(starter.warehouse, "demo-01", TODAY), asked, load_prompts()).text
    others = tell_digest(digest_of(starter.warehouse, "demo-02", TODAY), asked, load_prompts()).text
    assert set(asked.evidence.computed) <= {own}
    assert others != own


async def test_a_work_of_another_creator_cannot_be_named(starter: Services, own_tools: list[BaseTool]) -> None:
    asked = creator_turn(starter, "demo-01")
    end_of_day = datetime.combine(TODAY, time.max)
    strange = diagnose(starter.warehouse, "demo-02", None, end_of_day)
    await run(scripted_model(calls("my_work", work_id=strange.work.work_id), says("好。")), own_tools, asked)
    own = diagnose(starter.warehouse, "demo-01", None, end_of_day)
    assert asked.evidence.computed == [tell_diagnosis(own, asked, load_prompts()).text]


async def test_a_foreseen_failure_of_a_tool_becomes_its_answer() -> None:
    @tool
    def search_guidance(query: str, runtime: ToolRuntime[Turn]) -> str:
        """Fails as foreseen."""
        raise Unavailable("The index does not answer.")

    messages = await run(scripted_model(calls("search_guidance", query="x"), says("好。")), [search_guidance], turn())
    (answer,) = tool_answers(messages)
    assert str(answer.content).startswith("This did not work: The index does not answer.")


async def test_a_broken_tool_does_not_take_the_conversation_with_it_nor_tell_its_secrets() -> None:
    @tool
    def search_guidance(query: str, runtime: ToolRuntime[Turn]) -> str:
        """Breaks."""
        raise RuntimeError("password=hunter2")

    messages = await run(scripted_model(calls("search_guidance", query="x"), says("好。")), [search_guidance], turn())
    assert "hunter2" not in str(messages)
    assert isinstance(messages[-1], AIMessage)


@pytest.mark.parametrize("arguments", [{}, {"query": 7}, {"query": ["a"]}, {"question": "x"}])
async def test_wrong_arguments_are_answered_and_not_raised(
    starter: Services, own_tools: list[BaseTool], arguments: dict[str, Any]
) -> None:
    messages = await run(scripted_model(calls("search_guidance", **arguments), says("好。")), own_tools, turn())
    assert len(tool_answers(messages)) == 1
    assert messages[-1].content == "好。"


def test_tools_over_own_numbers_are_known_by_their_name(starter: Services, own_tools: list[BaseTool]) -> None:
    unknown, linked = turn(), creator_turn(starter, "demo-01")
    assert [one.name for one in own_tools if is_permitted(one.name, unknown)] == ["search_guidance"]
    assert all(is_permitted(one.name, linked) for one in own_tools)
