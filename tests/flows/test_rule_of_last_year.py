"""The Guanghe Plan promised one thing in 2022 and another in 2024, and nothing since. No year answers for another."""

from datetime import date

import pytest

from assistant.bootstrap import Services
from tests.flows.talking import Person


async def test_each_year_gets_its_own_figures(starter: Services) -> None:
    creator = Person(starter)

    then = await creator.ask("2022年光合计划给多少流量？")
    assert "千亿流量" in then.text
    assert "100亿" not in then.text
    assert "今天已不再适用" in then.text
    assert not then.citations[0].in_force

    later = await creator.ask("24年那个光合补贴，流量是多少来着？")
    assert "100亿" in later.text
    assert "千亿" not in later.text


async def test_today_the_last_published_figures_are_named_as_such(starter: Services) -> None:
    reply = await Person(starter).ask("光合计划现在给多少钱、多少流量？")
    assert "2024" in reply.text
    assert "没有可核实" in reply.text


@pytest.mark.parametrize("question", ["2025年光合计划给多少现金", "2026年光合计划给多少流量", "明年光合计划有多少钱"])
async def test_a_year_without_publication_is_refused(starter: Services, question: str) -> None:
    reply = await Person(starter).ask(question)
    assert reply.refused
    assert "没有" in reply.text


async def test_the_answer_of_a_day_is_the_text_in_force_on_that_day(starter: Services) -> None:
    creator = Person(starter)
    question = "光合计划给多少流量？"

    in_2022 = await creator.ask(question, as_of=date(2022, 10, 1))
    assert "千亿流量" in in_2022.text
    assert "2022-10-01" in in_2022.text
    assert in_2022.citations[0].in_force

    in_2024 = await creator.ask(question, as_of=date(2024, 10, 1))
    assert "100亿" in in_2024.text
    assert "千亿" not in in_2024.text

    before = await creator.ask(question, as_of=date(2015, 1, 1))
    assert "亿" not in before.text


async def test_a_wrong_figure_in_a_question_is_put_right(starter: Services) -> None:
    reply = await Person(starter).ask("2024年光合计划给了1000亿流量，对吧？")
    assert "“1000亿”" in reply.text
    assert "100亿" in reply.text


async def test_english_questions_get_the_year_they_ask_about(starter: Services) -> None:
    reply = await Person(starter).ask("How much traffic did the Guanghe Plan promise in 2022?")
    assert "100 billion" in reply.text
    assert "10 billion" not in reply.text.replace("100 billion", "")
