"""The project's own golden questions: well-formed, kept apart, and answered by the model that needs no key."""

import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.bootstrap import Services
from assistant.evaluation import Question, evaluate, read_questions
from knowledge.folding import fold
from prompts.texts import load_prompts

HERE = Path(__file__).parent
SETS = ("knowledge.jsonl", "heldout.jsonl", "fresh.jsonl")
SHARED = HERE.parents[2] / "shared" / "golden.jsonl"
ANSWERABLE, UNANSWERABLE = 0.90, 0.85


def questions(name: str) -> list[Question]:
    return read_questions((HERE / name).read_text("utf-8"), name)


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_well_formed_and_covers_languages_and_both_kinds_of_outcome(name: str) -> None:
    found = questions(name)
    assert len({question.id for question in found}) == len(found)
    assert len({fold(question.question) for question in found}) == len(found)
    languages = Counter(question.lang for question in found)
    assert set(languages) == {"zh", "zh-Hant", "en"}
    assert 0.2 < sum(not question.answerable for question in found) / len(found) < 0.6
    for question in found:
        assert bool(question.must_contain) <= question.answerable, question.id


@pytest.mark.parametrize("name", SETS)
def test_facts_that_a_question_rests_on_are_numbers_of_facts(name: str) -> None:
    for line in (HERE / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        assert all(1 <= fact <= 296 for fact in row["facts"]), row["id"]
        assert row["facts"] or not row["answerable"], row["id"]


def test_held_out_questions_are_held_out(starter: Services) -> None:
    held = {fold(question.question) for question in questions("heldout.jsonl")}
    learnt = {fold(question.question) for question in questions("knowledge.jsonl")}
    learnt |= {fold(example) for _, example in load_prompts().examples}
    learnt |= {fold(form) for passage in starter.library.shelf.passages for form in passage.asked}
    assert held.isdisjoint(learnt)


async def test_the_held_out_questions_are_answered(starter: Services) -> None:
    outcome = await evaluate(starter.assistant, questions("heldout.jsonl"))
    shares = {name: totals.share for name, totals in outcome.tables()["answerable"].items()}
    failures = "\n".join(f"{one.question.id} {one.question.question}: {one.faults}" for one in outcome.failures)
    assert shares["answerable"] >= ANSWERABLE, failures
    assert shares["unanswerable"] >= UNANSWERABLE, failures


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/golden.jsonl is not here")
def test_golden_questions_of_others_have_the_same_shape() -> None:
    assert read_questions(SHARED.read_text("utf-8"), SHARED.name)
