"""Golden questions: what an answer must and must not say, asked of the assistant, judged and summed up."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, Protocol

from assistant.agent.answers import Reply
from assistant.errors import Problem
from assistant.identity import Caller
from assistant.judging import Measures, measured, missing_figures, summed
from assistant.questions import Question, bare, read_questions

__all__ = [
    "AT_ONCE",
    "Evaluation",
    "Outcome",
    "Question",
    "Totals",
    "compared",
    "evaluate",
    "faults_of",
    "read_questions",
]
AT_ONCE = 4  # questions in flight; latencies are measured under that load


class Answering(Protocol):
    """What is examined: the one door for every connector."""

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply:
        """The whole reply to one text."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of one question; `faults` is empty when it passed."""

    question: Question
    answer: str
    refused: bool
    faults: tuple[str, ...]
    milliseconds: float
    measures: Measures = Measures()

    @property
    def passed(self) -> bool:
        """Whether the answer is as it must be."""
        return not self.faults


@dataclass(frozen=True)
class Totals:
    """Counts over some of the outcomes."""

    questions: int
    passed: int

    @property
    def share(self) -> float:
        """Passed ÷ questions, 0 to 1."""
        return self.passed / self.questions if self.questions else 0.0


@dataclass(frozen=True)
class Evaluation:
    """All outcomes of one run, in the order of the questions."""

    outcomes: Sequence[Outcome]
    at_once: int = AT_ONCE

    @property
    def total(self) -> Totals:
        """Over all questions."""
        return _totals(self.outcomes)

    @property
    def failures(self) -> list[Outcome]:
        """The outcomes that did not pass."""
        return [outcome for outcome in self.outcomes if not outcome.passed]

    def tables(self) -> dict[str, dict[str, Totals]]:
        """Totals by name, for each way of grouping: `kind`, `language` and `answerable`."""
        groupings: dict[str, Callable[[Question], str]] = {
            "kind": lambda question: question.kind,
            "language": lambda question: question.lang,
            "answerable": lambda question: "answerable" if question.answerable else "unanswerable",
        }
        return {title: self._by(group) for title, group in groupings.items()}

    @property
    def refusal_precision(self) -> float | None:
        """Of what was refused, the share that had to be; None when nothing was refused."""
        return _share(not outcome.question.answerable for outcome in self.outcomes if outcome.refused)

    @property
    def refusal_recall(self) -> float | None:
        """Of what had to be refused, the share that was; None when nothing had to be."""
        return _share(outcome.refused for outcome in self.outcomes if not outcome.question.answerable)

    @property
    def measures(self) -> Measures:
        """Citations, figures and the configured model's tokens, over all answers."""
        return summed(outcome.measures for outcome in self.outcomes)

    def latency(self, percent: float) -> float:
        """The nearest-rank percentile of the answers' wall time in milliseconds, with `at_once` questions in flight."""
        times = sorted(outcome.milliseconds for outcome in self.outcomes)
        return times[max(0, ceil(len(times) * percent / 100) - 1)]

    def as_dict(self) -> dict[str, Any]:
        """The JSON of `evaluate --json`."""
        return {
            **_counted(self.total),
            **{
                f"by_{title}": {name: _counted(totals) for name, totals in table.items()}
                for title, table in self.tables().items()
            },
            "refusal_precision": self.refusal_precision,
            "refusal_recall": self.refusal_recall,
            **self.quality(),
            "model": self.cost(),
            "latency_ms": {
                "p50": round(self.latency(50), 1),
                "p95": round(self.latency(95), 1),
                "at_once": self.at_once,
            },
            "failures": [
                {
                    "id": failure.question.id,
                    "question": failure.question.question,
                    "kind": failure.question.kind,
                    "lang": failure.question.lang,
                    "faults": list(failure.faults),
                    "answer": failure.answer,
                }
                for failure in self.failures
            ],
            "outcomes": {outcome.question.id: outcome.passed for outcome in self.outcomes},
        }

    def quality(self) -> dict[str, float | None]:
        """How right citations and figures are, as shares."""
        counted = self.measures
        shares = {"citation_correctness": counted.citation_correctness, "figure_grounding": counted.figure_grounding}
        return {name: None if share is None else round(share, 4) for name, share in shares.items()}

    def cost(self) -> dict[str, float]:
        """Calls of a configured model, and its tokens, an answer."""
        counted, answers = self.measures, len(self.outcomes) or 1
        return {
            "calls_per_answer": round(counted.calls / answers, 3),
            "input_tokens_per_answer": round(counted.input_tokens / answers, 1),
            "output_tokens_per_answer": round(counted.output_tokens / answers, 1),
        }

    def _by(self, group: Callable[[Question], str]) -> dict[str, Totals]:
        names = sorted({group(outcome.question) for outcome in self.outcomes})
        return {name: _totals(o for o in self.outcomes if group(o.question) == name) for name in names}


def compared(earlier: Mapping[str, Any], now: Evaluation) -> dict[str, Any]:
    """What changed since an earlier run (its `as_dict`): the questions that broke, were mended or are new, and the
    shares then and now."""
    before: Mapping[str, bool] = earlier["outcomes"]
    after = {outcome.question.id: outcome.passed for outcome in now.outcomes}
    told: dict[str, float | None] = {"passed": now.total.share}
    told |= {"refusal_precision": now.refusal_precision, "refusal_recall": now.refusal_recall, **now.quality()}
    return {
        "broken": [name for name, passed in after.items() if not passed and before.get(name) is True],
        "mended": [name for name, passed in after.items() if passed and before.get(name) is False],
        "only_now": [name for name in after if name not in before],
        "shares": {name: [earlier.get("share" if name == "passed" else name), told[name]] for name in told},
    }


def faults_of(question: Question, answer: str, refused: bool) -> tuple[str, ...]:
    """What is wrong with an answer, a phrase each. Texts are compared folded and without white space."""
    said = bare(answer)
    faults = [f"must not say “{text}”" for text in question.must_not_contain if bare(text) in said]
    if question.answerable and refused:
        faults.append("refused, but there is an answer")
    if question.answerable:
        missing = (group for group in question.must_contain if not any(bare(text) in said for text in group))
        faults += ["does not say " + " or ".join(f"“{text}”" for text in group) for group in missing]
    elif not refused:
        faults.append("answered, but must be refused")
    return tuple(faults)


async def evaluate(
    assistant: Answering, questions: Sequence[Question], progress: Callable[[int, int], None] = lambda done, total: None
) -> Evaluation:
    """Ask every question on a fresh thread, the questions of a script one after the other on theirs; as nobody in
    particular unless the question names a creator."""
    turns = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def ask(conversation: Sequence[Question]) -> list[Outcome]:
        nonlocal done
        outcomes: list[Outcome] = []
        thread: str | None = None
        async with turns:
            for question in conversation:
                outcome, thread = await _outcome(assistant, question, thread)
                outcomes.append(outcome)
                done += 1
                progress(done, len(questions))
        return outcomes

    asked = await asyncio.gather(*(ask(conversation) for conversation in _conversations(questions)))
    return Evaluation([outcome for outcomes in asked for outcome in outcomes])


def _conversations(questions: Sequence[Question]) -> list[list[Question]]:
    """The questions by conversation, in their order."""
    found: list[list[Question]] = []
    for question in questions:
        if question.script and found and found[-1][0].script == question.script:
            found[-1].append(question)
        else:
            found.append([question])
    return found


async def _outcome(assistant: Answering, question: Question, thread: str | None) -> tuple[Outcome, str | None]:
    """What became of a question, and the thread in which the next one of its script is asked."""
    started = time.perf_counter()
    try:
        reply = await assistant.answer(Caller("test", question.creator), thread, question.question, question.as_of)
    except Problem as problem:
        taken = 1000 * (time.perf_counter() - started)
        return Outcome(question, "", False, (f"no answer: {problem}",), taken), thread
    taken = 1000 * (time.perf_counter() - started)
    faults = (*faults_of(question, reply.text, reply.refused), *missing_figures(question, reply))
    measures = measured(reply, question.question)
    outcome = Outcome(question, reply.text, reply.refused, faults, taken, measures)
    return outcome, reply.thread if question.script else None


def _totals(outcomes: Iterable[Outcome]) -> Totals:
    passed = [outcome.passed for outcome in outcomes]
    return Totals(len(passed), sum(passed))


def _share(held: Iterable[bool]) -> float | None:
    flags = list(held)
    return sum(flags) / len(flags) if flags else None


def _counted(totals: Totals) -> dict[str, float]:
    return {"questions": totals.questions, "passed": totals.passed, "share": round(totals.share, 4)}
