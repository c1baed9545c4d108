import asyncio
import json
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.answers import Reply
from assistant.errors import BadInput, NotFound
from assistant.evaluation import AT_ONCE, Evaluation, Outcome, Question, evaluate, faults_of, read_questions
from assistant.identity import Caller


def question(**fields: object) -> Question:
    return Question(**{"id": "q", "question": "?", "lang": "zh", "kind": "fact", "answerable": True, **fields})  # type: ignore[arg-type]


def line(**fields: object) -> str:
    return json.dumps({"id": "q", "question": "问", "kind": "fact", "answerable": True, **fields}, ensure_ascii=False)


class Oracle:
    """Answers through a function; remembers who asked on which thread and how many asked at once."""

    def __init__(self, say: Callable[[str], tuple[str, bool]]) -> None:
        self.say = say
        self.callers: list[tuple[Caller, str | None]] = []
        self.most = 0
        self._busy = 0

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply:
        self.callers.append((caller, thread))
        self._busy += 1
        self.most = max(self.most, self._busy)
        await asyncio.sleep(0.001)
        self._busy -= 1
        if text == "lost":
            raise NotFound("There is no such conversation.")
        said, refused = self.say(text)
        return Reply(said, True, refused, [], [], [], [], 1, "oracle", "t", "a", "zh")


def test_answer_passes_when_every_group_has_one_of_its_alternatives():
    asked = question(must_contain=(("100亿", "10 billion"), ("2024",)))
    assert faults_of(asked, "2024 年给 100亿 流量", refused=False) == ()
    assert faults_of(asked, "In 2024: 10 BILLION", refused=False) == ()
    assert faults_of(asked, "2024 年给 1000 亿", refused=False) == ("does not say “100亿” or “10 billion”",)


@pytest.mark.parametrize("answer", ["１００亿", "100 亿", "100\n亿", "100億", "約 100　億流量"])
def test_width_spaces_and_script_make_no_difference(answer: str):
    assert faults_of(question(must_contain=(("100亿",),)), answer, refused=False) == ()


def test_forbidden_text_fails_every_kind_of_question():
    assert faults_of(question(must_not_contain=("千亿",)), "给 千 億", refused=False) == ("must not say “千亿”",)
    unanswerable = question(answerable=False, must_not_contain=("PWNED",))
    assert faults_of(unanswerable, "pwned", refused=True) == ("must not say “PWNED”",)


def test_answerable_must_be_answered_and_unanswerable_refused():
    assert faults_of(question(), "没有公布。", refused=True) == ("refused, but there is an answer",)
    assert faults_of(question(answerable=False), "一万粉。", refused=False) == ("answered, but must be refused",)
    assert faults_of(question(answerable=False), "没有公布。", refused=True) == ()


async def test_every_question_gets_a_fresh_thread_and_few_run_at_once():
    oracle = Oracle(lambda text: (text, False))
    asked = [question(id=str(n), question=str(n), creator="demo-01" if n == 3 else None) for n in range(20)]
    steps: list[tuple[int, int]] = []
    result = await evaluate(oracle, asked, lambda done, total: steps.append((done, total)))
    assert [outcome.question.id for outcome in result.outcomes] == [str(n) for n in range(20)]
    assert {thread for _, thread in oracle.callers} == {None}
    assert [caller.creator for caller, _ in oracle.callers if caller.creator] == ["demo-01"]
    assert {caller.channel for caller, _ in oracle.callers} == {"test"}
    assert oracle.most == AT_ONCE
    assert steps == [(n, 20) for n in range(1, 21)]


async def test_question_that_cannot_be_asked_fails_and_the_others_go_on():
    result = await evaluate(Oracle(lambda text: (text, False)), [question(question="lost"), question()])
    assert [outcome.passed for outcome in result.outcomes] == [False, True]
    assert "There is no such conversation." in result.failures[0].faults[0]


def outcome(passed: bool, refused: bool, milliseconds: float = 1.0, **fields: object) -> Outcome:
    return Outcome(question(**fields), "…", refused, () if passed else ("wrong",), milliseconds)


def test_totals_are_counted_by_kind_language_and_answerability():
    result = Evaluation(
        [
            outcome(True, False, kind="fact", lang="zh"),
            outcome(False, False, kind="fact", lang="en"),
            outcome(True, True, kind="trap", lang="en", answerable=False),
        ]
    )
    told = result.as_dict()
    assert (told["questions"], told["passed"], told["share"]) == (3, 2, 0.6667)
    assert told["by_kind"]["fact"] == {"questions": 2, "passed": 1, "share": 0.5}
    assert told["by_language"]["en"] == {"questions": 2, "passed": 1, "share": 0.5}
    assert told["by_answerable"]["unanswerable"]["passed"] == 1
    assert [failure["lang"] for failure in told["failures"]] == ["en"]
    json.dumps(told)


def test_refusals_are_judged_by_precision_and_recall():
    result = Evaluation(
        [
            outcome(True, True, answerable=False),
            outcome(False, False, answerable=False),
            outcome(False, True),
            outcome(True, False),
        ]
    )
    assert result.refusal_precision == 0.5
    assert result.refusal_recall == 0.5
    assert Evaluation([outcome(True, False)]).refusal_precision is None
    assert Evaluation([outcome(True, False)]).refusal_recall is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_latency_is_one_of_the_measured_times(times: list[float]):
    result = Evaluation([outcome(True, False, time) for time in times])
    assert result.latency(50) in times
    assert result.latency(50) <= result.latency(95) <= max(times)


def test_nearest_rank_of_a_hundred_times():
    result = Evaluation([outcome(True, False, float(n)) for n in range(1, 101)])
    assert (result.latency(50), result.latency(95)) == (50.0, 95.0)


def test_golden_lines_are_read_with_their_defaults():
    first, second = read_questions(
        line(must_contain=[["a", "b"]], must_not_contain=["c"], creator="demo-01", lang="zh-Hant") + "\n\n"
        '{"question": "How many plays?", "answerable": false}\n',
        "golden.jsonl",
    )
    assert (first.must_contain, first.must_not_contain) == ((("a", "b"),), ("c",))
    assert (first.creator, first.lang) == ("demo-01", "zh-Hant")
    assert (second.id, second.lang, second.kind, second.answerable) == ("3", "en", "unsorted", False)


def test_line_separators_inside_a_question_do_not_end_the_line():
    assert read_questions(line(question="一\u2028二\u0085三"), "g")[0].question == "一\u2028二\u0085三"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no questions"),
        ("\n \n", "holds no questions"),
        (line() + "\n{", "g, line 2: this is not JSON"),
        ("[1]", "g, line 1: each line must be one JSON object"),
        (line(question=None), "`question` must be text"),
        (line(answerable="yes"), "`answerable` must be true or false"),
        (line(must_contain=["a"]), "`must_contain` must be a list of lists"),
        (line(must_contain=[[]]), "`must_contain` must be a list of lists"),
        (line(must_contain=[[" "]]), "`must_contain` must be a list of lists"),
        (line(must_not_contain="a"), "`must_not_contain` must be a list of texts"),
    ],
)
def test_bad_line_is_named_with_what_is_wrong(text: str, complaint: str):
    with pytest.raises(BadInput, match=complaint):
        read_questions(text, "g")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(text: str):
    try:
        told = [question.id for question in read_questions(text, "g")]
    except BadInput as problem:
        told = [str(problem)]
    assert told
