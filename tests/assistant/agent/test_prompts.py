"""The prompt files: complete in both languages, rendered strictly, and naming only what exists."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from jinja2 import Environment, UndefinedError, meta

from assistant.agent.extractive import SIMPLE
from assistant.agent.kinds import KINDS
from assistant.agent.permissions import OWN_NUMBERS
from assistant.agent.tools.guidance import search_tool
from assistant.agent.tools.metrics import metrics_tool
from assistant.agent.tools.numbers import number_tools
from assistant.bootstrap import Services
from assistant.creators.funnel import Topic
from assistant.creators.leaderboards.periods import PERIODS
from assistant.programs.cases.states import STATES
from assistant.programs.notices.notice import MUTABLE
from knowledge.folding import fold
from prompts.texts import FOLDER, load_prompts

PROMPTS = load_prompts()
DEEDS = (*get_args(Topic), "return", "rhythm", "slower", "repeat", "test", "join", "when")  # see PlanStep
CODE = Path(__file__).parents[3] / "assistant"
SAID = re.compile(r"""say\(\s*(?:turn,\s*)?(f?)["']([a-z0-9_{}]+)["']""")
REFUSALS = [intent.name for intent in PROMPTS.intents if intent.refuses or intent.outright]


def texts(lang: str) -> dict[str, str]:
    return yaml.safe_load((FOLDER / f"answers.{lang}.yaml").read_text("utf-8"))


def variables(text: str) -> set[str]:
    return meta.find_undeclared_variables(Environment().parse(text))


def names_in_code() -> set[str]:
    files = (file for file in CODE.rglob("*.py") if "programs" not in file.parts)  # notices have words of their own
    said = [found for file in files for found in SAID.findall(file.read_text("utf-8"))]
    return {name for is_composed, name in said if not is_composed and not name.endswith("_")}


def names_that_are_composed() -> set[str]:
    """The names that code puts together from a list: intents that are answered by a text, topics, labels."""
    composed = {*SIMPLE, *REFUSALS, *(f"topic_{topic}" for topic in get_args(Topic))}
    composed |= {f"board_{period}" for period in PERIODS}
    composed |= {text for kind in KINDS.values() for text in (kind.absent, kind.seeks, kind.then) if text}
    rules = PROMPTS.question_words["title_rules"]
    composed |= {f"{before}_{name}" for before in ("title", "seek_title") for name in rules}
    composed |= {f"{before}_{do}" for do in DEEDS for before in ("do", "topic") if f"{before}_{do}" in texts("zh")}
    composed |= {f"case_state_{state}" for state in STATES}
    composed |= {f"case_do_{act}" for act in ("supply", "counter", "appeal", "withdraw")}
    composed |= {f"weekday_{day}" for day in range(1, 8)} | {f"notice_kind_{kind}" for kind in MUTABLE}
    return composed | {f"label_{basis}" for basis in ("policy", "guidance", "data")}


def test_both_languages_have_the_same_texts_with_the_same_variables() -> None:
    chinese, english = texts("zh"), texts("en")
    assert chinese.keys() == english.keys()
    for name, text in chinese.items():
        assert variables(text) == variables(english[name]), name
        assert text.strip(), name
        assert english[name].strip(), name


def test_every_text_that_the_code_says_exists_and_none_is_left_over() -> None:
    assert names_in_code() | names_that_are_composed() == set(texts("zh"))


def test_a_missing_variable_or_name_is_an_error_and_never_an_empty_text() -> None:
    with pytest.raises(UndefinedError):
        PROMPTS.say("too_long", "zh", length=5)
    with pytest.raises(KeyError):
        PROMPTS.say("no_such_text", "zh")


def test_english_texts_are_english() -> None:
    quoted = re.compile(r"“[^”]*”|`[^`]*`|\([^)]*\)|（[^）]*）")
    for name, text in texts("en").items():
        assert not re.search("[一-鿿]", quoted.sub("", text)), name


def test_starters_are_questions_that_the_product_answers(starter: Services) -> None:
    for name in ("starters", "own_starters"):
        for lang in ("zh", "en"):
            for question in PROMPTS.say(name, lang).split("\n"):
                assert starter.assistant.read(question).intent not in REFUSALS, question


def test_intents_have_examples_of_their_own() -> None:
    owners: dict[str, str] = {}
    for intent in PROMPTS.intents:
        assert len(intent.examples) >= 5, intent.name
        assert intent.outright or intent.refuses or not intent.unlike, intent.name
        for example in (*intent.examples, *intent.unlike):
            assert owners.setdefault(example, intent.name) == intent.name, example
    assert len(owners) == len(PROMPTS.examples)


def test_every_intent_is_handled() -> None:
    handled = {*KINDS, *SIMPLE, *REFUSALS, "templates"}
    assert {intent.name for intent in PROMPTS.intents} == handled


def test_kinds_that_need_a_creator_are_told_by_tools_that_need_one() -> None:
    needing = {intent.name for intent in PROMPTS.intents if intent.needs_creator}
    told = {name for name, kind in KINDS.items() if all(tool.startswith(OWN_NUMBERS) for tool in kind.tools)}
    assert needing == told - {"ideas"}  # there are ideas for everybody; a creator's begin with what worked


def test_signs_are_regular_expressions_that_nothing_of_another_kind_shows() -> None:
    for intent in PROMPTS.intents:
        for sign in (*intent.signs, *intent.signs_unless_creating):
            strange = [one.name for one in PROMPTS.intents for text in one.examples
                       if one is not intent and re.search(sign, fold(text))]  # fmt: skip
            if sign in intent.signs:
                strange += [text for text in intent.unlike if re.search(sign, fold(text))]
            assert not strange, (intent.name, sign, strange)


def test_question_words_are_regular_expressions() -> None:
    words = PROMPTS.question_words
    patterns = [pattern for entry in words["asks"].values() for pattern in (entry["question"], entry["answer"])]
    patterns += [pattern for name in ("metric_words", "board_periods") for pattern in words[name].values()]
    patterns += [*words["metric_words"].values(), *words["title_rules"].values()]
    for pattern in [*patterns, *(text for text in words.values() if isinstance(text, str))]:
        assert re.compile(pattern)


def test_boards_are_named_by_periods_that_there_are() -> None:
    assert set(PROMPTS.question_words["board_periods"]) <= set(PERIODS)


def test_calibration_weighs_only_features_that_are_read(starter: Services) -> None:
    assert set(PROMPTS.calibration) - {"bias"} == set(starter.assistant.read("完播率怎么算").features)


@pytest.mark.parametrize("creator", [True, False])
def test_the_system_prompt_renders_and_names_only_tools_that_exist(starter: Services, creator: bool) -> None:
    prompt = PROMPTS.system.render(
        today="2026-11-23", day="2026-11-23", creator=creator, labels="**政策**", language="English", sentences=8
    )
    numbers = (starter.warehouse, starter.custom_metrics, PROMPTS)
    tools = [search_tool(), *number_tools(*numbers), metrics_tool(*numbers)]
    names = {tool.name for tool in tools}
    assert set(re.findall(r"`(\w+)`", prompt)) - {OWN_NUMBERS} <= names
    assert f"`{OWN_NUMBERS}`" in prompt or not creator
    assert any(name.startswith(OWN_NUMBERS) for name in names)
    with pytest.raises(UndefinedError):
        PROMPTS.system.render(today="2026-11-23")
