"""Golden questions: what an answer must and must not say, asked of the assistant, judged and summed up."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from math import ceil
from typing import Any, Protocol

from assistant.agent.answers import Reply
from assistant.errors import BadInput, Problem
from assistant.identity import Caller
from knowledge.folding import fold
from knowledge.reading.markdown import language_of

AT_ONCE = 4  # questions in flight; latencies are measured under that load


class Answering(Protocol):
    """What is examined: the one door for every connector."""

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply:
        """The whole reply to one text."""
        ...


@dataclass(frozen=True)
class Question:
    """A golden question. Of each group in `must_contain` the answer says at least one alternative."""

    id: str
    question: str
    lang: str
    kind: str
    answerable: bool
    must_contain: tuple[tuple[str, ...], ...] = ()
    must_not_contain: tuple[str, ...] = ()
    creator: str | None = None
    as_of: date | None = None

    def as_dict(self) -> dict[str, Any]:
        """The line of a golden file that `read_questions` reads back."""
        return {**asdict(self), "as_of": self.as_of and self.as_of.isoformat()}


@dataclass(frozen=True)
class Outcome:
    """What became of one question; `faults` is empty when it passed."""

    question: Question
    answer: str
    refused: bool
    faults: tuple[str, ...]
    milliseconds: float

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
        }

    def _by(self, group: Callable[[Question], str]) -> dict[str, Totals]:
        names = sorted({group(outcome.question) for outcome in self.outcomes})
        return {name: _totals(o for o in self.outcomes if group(o.question) == name) for name in names}


def read_questions(text: str, name: str) -> list[Question]:
    """The questions of a golden file, one JSON object a line. Raises BadInput that names the line and what is wrong."""
    questions = list(_read(text, name))
    if not questions:
        raise BadInput(f"{name} holds no questions.")
    return questions


def faults_of(question: Question, answer: str, refused: bool) -> tuple[str, ...]:
    """What is wrong with an answer, a phrase each. Texts are compared folded and without white space."""
    said = _bare(answer)
    faults = [f"must not say “{text}”" for text in question.must_not_contain if _bare(text) in said]
    if question.answerable and refused:
        faults.append("refused, but there is an answer")
    if question.answerable:
        missing = (group for group in question.must_contain if not any(_bare(text) in said for text in group))
        faults += ["does not say " + " or ".join(f"“{text}”" for text in group) for group in missing]
    elif not refused:
        faults.append("answered, but must be refused")
    return tuple(faults)


async def evaluate(
    assistant: Answering, questions: Sequence[Question], progress: Callable[[int, int], None] = lambda done, total: None
) -> Evaluation:
    """Ask every question on a fresh thread, as nobody in particular unless the question names a creator."""
    turns = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def ask(question: Question) -> Outcome:
        nonlocal done
        async with turns:
            outcome = await _outcome(assistant, question)
        done += 1
        progress(done, len(questions))
        return outcome

    return Evaluation(await asyncio.gather(*(ask(question) for question in questions)))


async def _outcome(assistant: Answering, question: Question) -> Outcome:
    started = time.perf_counter()
    try:
        reply = await assistant.answer(Caller("test", question.creator), None, question.question, question.as_of)
    except Problem as problem:
        return Outcome(question, "", False, (f"no answer: {problem}",), 1000 * (time.perf_counter() - started))
    milliseconds = 1000 * (time.perf_counter() - started)
    return Outcome(question, reply.text, reply.refused, faults_of(question, reply.text, reply.refused), milliseconds)


def _read(text: str, name: str) -> Iterator[Question]:
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: JSON texts may hold its other separators
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"{place}: this is not JSON.") from error
        if not isinstance(row, dict):
            raise BadInput(f"{place}: each line must be one JSON object.")
        yield _question(row, number, place)


def _question(row: Mapping[str, Any], number: int, place: str) -> Question:
    text, answerable = row.get("question"), row.get("answerable")
    if not isinstance(text, str):
        raise BadInput(f"{place}: `question` must be text.")
    if not isinstance(answerable, bool):
        raise BadInput(f"{place}: `answerable` must be true or false.")
    groups = row.get("must_contain", [])
    if not isinstance(groups, list) or not all(_is_texts(group) and group for group in groups):
        raise BadInput(f"{place}: `must_contain` must be a list of lists of alternatives.")
    forbidden = row.get("must_not_contain", [])
    if not _is_texts(forbidden):
        raise BadInput(f"{place}: `must_not_contain` must be a list of texts.")
    as_of = row.get("as_of")
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except (TypeError, ValueError) as error:
        raise BadInput(f"{place}: `as_of` must be a day such as 2026-11-30.") from error
    return Question(
        as_of=day,
        id=str(row.get("id") or number),
        question=text,
        lang=str(row.get("lang") or language_of(text)),
        kind=str(row.get("kind") or "unsorted"),
        answerable=answerable,
        must_contain=tuple(tuple(group) for group in groups),
        must_not_contain=tuple(forbidden),
        creator=str(row["creator"]) if row.get("creator") else None,
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and _bare(text) for text in value)


def _bare(text: str) -> str:
    return "".join(fold(text).split())


def _totals(outcomes: Iterable[Outcome]) -> Totals:
    passed = [outcome.passed for outcome in outcomes]
    return Totals(len(passed), sum(passed))


def _share(held: Iterable[bool]) -> float | None:
    flags = list(held)
    return sum(flags) / len(flags) if flags else None


def _counted(totals: Totals) -> dict[str, float]:
    return {"questions": totals.questions, "passed": totals.passed, "share": round(totals.share, 4)}
