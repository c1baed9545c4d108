"""Releases as staff make them: the gate's golden questions go through the very code that answers creators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import anyio.from_thread
from anyio.to_thread import run_sync

from assistant.agent.answers import Reply
from assistant.agent.understanding import Setting
from assistant.conversation import Assistant
from assistant.errors import Conflict
from assistant.evaluation import Evaluation, Outcome, Question, evaluate
from assistant.golden import GoldenQuestions
from assistant.identity import Caller
from knowledge.gate.findings import Finding
from knowledge.gate.links import Check as LinkCheck
from knowledge.library import Checked, Library
from knowledge.shelf import Shelf

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Rehearsal:
    """The assistant on one release and day, as golden questions and replays ask it; nothing is written down."""

    assistant: Assistant
    setting: Setting

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply:
        """The whole reply to one text; there are no threads here."""
        reply, _ = await self.assistant.rehearse(caller, text, as_of, self.setting)
        return reply


class Releasing:
    """Checks candidates and switches releases."""

    def __init__(
        self, library: Library, assistant: Assistant, golden: GoldenQuestions, check_link: LinkCheck | None = None
    ) -> None:
        self._library = library
        self._assistant = assistant
        self._golden = golden
        self._check_link = check_link

    async def check(self, note: str, author: str, progress: Progress = lambda step, done, total: None) -> Checked:
        """Build a candidate and let the gate judge it, golden questions included; see `Library.check`."""

        def examine(before: Shelf | None, after: Shelf) -> tuple[list[Finding], dict[str, Any]]:
            return anyio.from_thread.run(self._examine, before, after, progress)

        return await run_sync(partial(self._library.check, note, author, examine, progress, self._check_link))

    async def publish(self, number: int, publisher: str, waiver: str = "") -> None:
        """Serve a checked candidate; see `Library.publish`."""
        await run_sync(self._library.publish, number, publisher, waiver)

    async def check_and_publish(
        self, note: str, author: str, waiver: str = "", progress: Progress = lambda step, done, total: None
    ) -> Checked:
        """Both in one go. Raises Conflict that names the first findings when the gate stops it and nobody waives."""
        checked = await self.check(note, author, progress)
        if not checked.is_green and not waiver:
            told = " ".join(finding.message for finding in checked.report.blocking[:5])
            raise Conflict(
                "The gate stopped release {release}. {told} Mend it, or waive with a reason.",
                release=checked.release, told=told,
            )
        await self.publish(checked.release, author, "" if checked.is_green else waiver)
        return checked

    async def rollback(self, number: int, publisher: str, reason: str = "") -> None:
        """Serve an earlier release again; see `Library.rollback`."""
        await run_sync(self._library.rollback, number, publisher, reason)

    async def _examine(
        self, before: Shelf | None, after: Shelf, progress: Progress
    ) -> tuple[list[Finding], dict[str, Any]]:
        """Ask every golden question of the candidate, and of the served release for comparison."""
        questions = [golden.question for golden in await run_sync(self._golden.all)]
        if not questions:
            return [], {}
        asked_after = await self._asked(after, questions, partial(progress, "golden questions"))
        asked_before = (await self._asked(before, questions)).outcomes if before else [None] * len(questions)
        pairs = list(zip(asked_before, asked_after.outcomes, strict=True))
        findings = [_finding(first, second) for first, second in pairs if second.faults]
        refusals = {"refusal_precision": asked_after.refusal_precision, "refusal_recall": asked_after.refusal_recall}
        counted = {"questions": len(questions), "passed": asked_after.total.passed, **refusals, **asked_after.quality()}
        return findings, {"golden": {**counted, "asked": [_compared(first, second) for first, second in pairs]}}

    async def _asked(
        self,
        shelf: Shelf,
        questions: Sequence[Question],
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Evaluation:
        rehearsal = Rehearsal(self._assistant, Setting(shelf, self._library.today()))
        return await evaluate(rehearsal, questions, progress)


def _compared(before: Outcome | None, after: Outcome) -> dict[str, Any]:
    """One golden question's line in the report."""
    return {
        "id": after.question.id,
        "question": after.question.question,
        "kind": after.question.kind,
        "faults": list(after.faults),
        "after": {"passed": after.passed, "refused": after.refused, "answer": after.answer},
        "before": before and {"passed": before.passed, "refused": before.refused, "answer": before.answer},
    }


def _finding(before: Outcome | None, after: Outcome) -> Finding:
    question = after.question
    was = "It passed before." if before and before.passed else "It did not pass before either." if before else ""
    was_zh = "发布前是通过的。" if before and before.passed else "发布前也没有通过。" if before else ""
    faults = "; ".join(after.faults)
    return Finding(
        "golden",
        True,
        question.id,
        f"Golden question “{question.question}” fails: {faults}. {was}".strip(),
        f"标准问题“{question.question}”没有通过：{faults}。{was_zh}",
    )
