"""The model that needs no key: it plans by intent, quotes, labels what it rests on, and refuses politely."""

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import BaseTool

from assistant.agent.composing import Composer
from assistant.agent.evidence import Turn
from assistant.agent.extractive import SIMPLE, ExtractiveModel
from assistant.agent.guide import Guide, Limits, Outcome
from assistant.agent.kinds import KINDS
from assistant.agent.leaving import ALL, Leaving
from assistant.agent.reading import in_traditional
from assistant.agent.tools.guidance import search_tool
from assistant.agent.tools.metrics import metrics_tool
from assistant.agent.tools.numbers import number_tools
from assistant.bootstrap import Services
from assistant.errors import Misconfigured
from knowledge.library import Library
from prompts.texts import load_prompts
from tests.assistant.agent.turns import TODAY, turn

PROMPTS = load_prompts()
COUNTED = ("my_overview", "my_growth", "my_work", "my_metrics")


def found_turn(small: Library, question: str, lang: str = "zh", **told: object) -> Turn:
    return turn(question, found=small.search(question, 8, TODAY, "zh"), shelf=small.shelf, lang=lang, **told)


def number_tools_of(starter: Services) -> list[BaseTool]:
    numbers = (starter.warehouse, starter.custom_metrics, PROMPTS)
    return [search_tool(), *number_tools(*numbers), metrics_tool(*numbers)]


async def answered(
    composer: Composer, small: Library, asked: Turn, tools: list[BaseTool] | None = None
) -> tuple[str, Outcome]:
    guide = Guide(PROMPTS, composer, tools or [search_tool()], [], Limits(), Leaving(ALL, lambda creator: []))
    outcome = Outcome()
    said = [part async for part in guide.answer(asked, [], outcome)]
    return "".join(part.text for part in said), outcome  # type: ignore[union-attr]


async def test_a_question_is_answered_in_the_words_of_the_passage_with_its_source(
    composer: Composer, small: Library
) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "完播率怎么算"))
    assert text == "完播率 = 完播数 ÷ 播放数。分母是播放数，不是曝光。[1]"
    assert [citation.passage.slug for citation in outcome.citations] == ["rate"]
    assert (outcome.model, outcome.refused, outcome.dropped) == ("extractive", False, 0)


async def test_a_year_that_is_over_is_answered_with_its_text_and_marked(composer: Composer, small: Library) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "2022 年光合计划给多少流量"))
    assert text.startswith(PROMPTS.say("dated", "zh", period="2022-07-29 – 2023-08-09"))
    assert "千亿流量。[1]" in text
    assert [citation.in_force for citation in outcome.citations] == [False]


async def test_a_year_of_which_nothing_was_published_is_refused_with_the_nearest_text_quoted(
    composer: Composer, small: Library
) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "2026 年光合计划的额度是多少"))
    assert outcome.refused
    assert text.startswith(PROMPTS.say("not_covered", "zh", period="2026"))
    assert outcome.citations
    assert outcome.dropped == 0


async def test_what_is_not_published_is_said_to_be_so(composer: Composer, small: Library) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "快手之星的门槛是多少粉"))
    assert outcome.refused
    assert text == "快手之星的粉丝门槛没有可核实的官方公布。[1]"


async def test_a_rumour_put_up_for_confirmation_is_answered_and_not_refused(composer: Composer, small: Library) -> None:
    asked = found_turn(small, "听说完播率过 30% 就有流量", is_claim=True)
    text, outcome = await answered(composer, small, asked)
    assert not outcome.refused
    assert "没有官方出处" in text


async def test_a_wrong_figure_in_a_question_is_named(composer: Composer, small: Library) -> None:
    asked = found_turn(small, "2024 年光合计划给 900亿流量，对吧", is_claim=True)
    text, outcome = await answered(composer, small, asked)
    assert text.startswith(PROMPTS.say("claim", "zh", figures=["900亿"]))
    assert "100亿流量" in text
    assert outcome.dropped == 0


async def test_an_address_that_no_passage_holds_is_not_made_up(composer: Composer, small: Library) -> None:
    _, outcome = await answered(composer, small, found_turn(small, "完播率的网址发我", asks=("address",)))
    assert outcome.refused


async def test_nothing_found_is_an_honest_refusal_that_says_where_to_ask(composer: Composer, small: Library) -> None:
    text, outcome = await answered(composer, small, turn("完全没有的东西"))
    assert outcome.refused
    assert "创作者中心" in text
    assert outcome.citations == []
    assert outcome.suggestions


@pytest.mark.parametrize("intent", SIMPLE)
@pytest.mark.parametrize("lang", ["zh", "en", "zh-Hant"])
async def test_small_talk_is_answered_in_the_language_of_the_question(
    composer: Composer, small: Library, intent: str, lang: str
) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "你好", intent=intent, lang=lang))
    assert text
    assert outcome.dropped == 0
    assert any(character in text for character in "请請你不這") is (lang != "en")


@pytest.mark.parametrize("intent", ["out_of_scope", "abuse", "injection"])
@pytest.mark.parametrize("lang", ["zh", "en", "zh-Hant"])
async def test_what_is_not_our_business_is_refused_politely(
    composer: Composer, small: Library, intent: str, lang: str
) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "随便什么", intent=intent, lang=lang))
    assert outcome.refused
    assert text
    assert outcome.suggestions
    assert outcome.dropped == 0


async def test_a_template_is_given_whole_and_an_idea_with_its_source(composer: Composer, small: Library) -> None:
    text, _ = await answered(composer, small, found_turn(small, "来个探店脚本", intent="templates"))
    assert "**模板**\n{地点}，人均{数字}元。[" in text
    text, outcome = await answered(composer, small, found_turn(small, "给我几个选题", intent="ideas"))
    assert "早餐摊的一天" in text
    assert outcome.citations[0].passage.kind == "topic"


@pytest.mark.parametrize("intent", COUNTED)
async def test_own_numbers_without_a_link_ask_to_link_first(
    starter: Services, composer: Composer, small: Library, intent: str
) -> None:
    asked = found_turn(small, "我的数据怎么样", intent=intent)
    text, outcome = await answered(composer, small, asked, number_tools_of(starter))
    assert outcome.refused
    assert "绑定码" in text


@pytest.mark.parametrize("intent", [name for name in KINDS if name != "ideas"])
@pytest.mark.parametrize("lang", ["zh", "en", "zh-Hant"])
async def test_what_a_house_has_no_tool_for_is_said_to_be_not_there(
    starter: Services, composer: Composer, small: Library, intent: str, lang: str
) -> None:
    creator = starter.accounts.get("demo-04")
    asked = found_turn(small, "这件事帮我办一下", creator=creator, intent=intent, lang=lang, confidence=0.1)
    text, outcome = await answered(composer, small, asked)
    absent = PROMPTS.say(KINDS[intent].absent, lang)
    assert text == (in_traditional(absent) if lang == "zh-Hant" else absent)
    assert (outcome.refused, outcome.dropped) == (True, 0)


async def test_what_is_published_about_a_missing_service_is_quoted_beside(composer: Composer, small: Library) -> None:
    text, outcome = await answered(composer, small, found_turn(small, "完播率怎么算", intent="campaigns"))
    assert text.startswith(PROMPTS.say("absent_campaigns", "zh"))
    assert "完播数 ÷ 播放数" in text
    assert not outcome.refused


@pytest.mark.parametrize("intent", COUNTED)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_own_numbers_are_told_with_guidance_and_nothing_is_dropped(
    starter: Services, composer: Composer, small: Library, intent: str, lang: str
) -> None:
    asked = turn(
        "我的账号怎么样",
        found=small.search("完播率", 8, TODAY, "zh"),
        shelf=small.shelf,
        creator=starter.accounts.get("demo-04"),
        intent=intent,
        lang=lang,
    )
    text, outcome = await answered(composer, small, asked, number_tools_of(starter))
    assert text.startswith("**你的数据**" if lang == "zh" else "**Your data**")
    assert len(asked.evidence.computed) == len(KINDS[intent].tools)
    assert (outcome.refused, outcome.dropped) == (False, 0)


def test_the_model_knows_which_tools_it_may_plan_with(composer: Composer, small: Library) -> None:
    model = ExtractiveModel(composer=composer)
    assert model.bind_tools([search_tool()]).offered == ("search_guidance",)
    assert model.offered == ()


def test_outside_the_guide_it_says_what_is_wrong(composer: Composer) -> None:
    with pytest.raises(Misconfigured, match="only inside the guide"):
        ExtractiveModel(composer=composer).invoke([HumanMessage("完播率怎么算")])
