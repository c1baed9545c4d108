"""A model with its tools: asked by itself first, and in the graph where it wants tools run."""

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from assistant.agent.running import Agent
from tests.assistant.agent.turns import turn
from tests.fakes import calls, look, says, scripted_model


async def test_an_answer_that_wants_no_tool_takes_one_call() -> None:
    model = scripted_model(says("好。"))
    messages = await Agent(model, [look]).run([HumanMessage("在吗？")], turn())
    assert [message.content for message in messages] == ["在吗？", "好。"]
    assert model.offered == [["look"]]


async def test_the_tools_that_are_wanted_first_are_run_without_asking_for_them_again() -> None:
    model = scripted_model(calls("look"), says("好。"))
    messages = await Agent(model, [look]).run([HumanMessage("在吗？")], turn())
    assert [type(message) for message in messages] == [HumanMessage, AIMessage, ToolMessage, AIMessage]
    assert len(model.offered) == 2
    assert [message.content for message in model.seen[1]] == ["在吗？", "", "这里什么都没有。"]


async def test_the_model_of_one_turn_is_not_given_what_that_of_another_wanted() -> None:
    model = scripted_model(calls("look"), says("好。"), says("再见。"))
    agent = Agent(model, [look])
    await agent.run([HumanMessage("在吗？")], turn())
    messages = await agent.run([HumanMessage("走了。")], turn())
    assert [message.content for message in messages] == ["走了。", "再见。"]
