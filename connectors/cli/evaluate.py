"""`evaluate`: golden questions asked of the assistant, with totals and a readable report."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import BadInput
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from assistant.evaluation import Evaluation, Outcome

CHANGED = {"broken": "passed before, fails now", "mended": "failed before, passes now", "only_now": "asked only now"}


def evaluate(
    golden: Annotated[Path, typer.Argument(metavar="GOLDEN.jsonl", help="Lines of questions with what they must say.")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Also write a report in Markdown.")
    ] = None,
    min_pass: Annotated[
        float,
        typer.Option(
            "--min-pass", metavar="SHARE", min=0.0, max=1.0, help="The share of all that must pass for exit code 0."
        ),
    ] = 0.9,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Compare with what --json printed earlier.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask golden questions and count what passes.

    Beside that: how right refusals, citations and figures are, and how long answers take. The exit code is 1 under
    --min-pass.
    """
    from assistant import evaluation

    console = session.console()
    file = console.path(golden)
    try:
        questions = evaluation.read_questions(file.read_text("utf-8-sig"), file.name)
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.") from error
    earlier = None if against is None else _earlier(console.path(against))
    services = session.services()
    for creator in sorted({question.creator for question in questions if question.creator}):
        known_creator(services, creator)
    progress = partial(console.progress, "evaluating")
    result = session.wait_for(evaluation.evaluate(services.assistant, questions, progress))
    if report is not None:
        console.path(report).write_text(markdown(result, file.name, services.settings.chat_model), "utf-8")
    compared = {} if earlier is None else {"against": evaluation.compared(earlier, result)}
    if as_json:
        console.data({**result.as_dict(), **compared})
    else:
        _tell(result)
        for line in _changes(compared.get("against")):
            console.say(line)
    if result.total.share < min_pass:
        console.note(f"{result.total.share:.1%} passed, less than the {min_pass:.1%} asked for.")
        raise typer.Exit(1)


def markdown(result: "Evaluation", name: str, model: str) -> str:
    """The evaluation as a report in Markdown."""
    lines = [f"# Evaluation of {name}", "", f"Model `{model}`. {_summary(result)}"]
    for title, totals in result.tables().items():
        lines += ["", f"| {title} | questions | passed | share |", "|---|---:|---:|---:|"]
        lines += [
            f"| {key} | {total.questions} | {total.passed} | {total.share:.1%} |" for key, total in totals.items()
        ]
    lines += ["", "## Failures", ""]
    for failure in result.failures:
        lines += [f"### {_title(failure)}", "", failure.question.question, ""]
        lines += [f"- {fault}" for fault in failure.faults]
        lines += ["", *(f"> {line}".rstrip() for line in failure.answer.splitlines()), ""]
    if not result.failures:
        lines.append("None.")
    return "\n".join(lines).rstrip() + "\n"


def _earlier(file: Path) -> dict[str, Any]:
    """An earlier run. Raises BadInput for a file that is none."""
    try:
        run = json.loads(file.read_text("utf-8-sig"))
        if not isinstance(run["outcomes"], dict):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} is no run of evaluate; write one with `heliotrope evaluate … --json`.") from error
    return dict(run)


def _changes(compared: dict[str, Any] | None) -> list[str]:
    """What changed since an earlier run, in lines."""
    if compared is None:
        return []
    lines = [f"{title}: {', '.join(compared[name]) or 'none'}" for name, title in CHANGED.items()]
    return [*lines, *(f"{name}: {_written(was)} → {_written(now)}" for name, (was, now) in compared["shares"].items())]


def _tell(result: "Evaluation") -> None:
    console = session.console()
    for failure in result.failures:
        console.say(_title(failure))
        console.say(f"  asked:    {failure.question.question}")
        for fault in failure.faults:
            console.say(f"  expected: {fault}")
        console.say(f"  answered: {' '.join(failure.answer.split())}")
        console.say()
    for title, totals in result.tables().items():
        for line in aligned(
            (title, key, f"{total.passed}/{total.questions}", f"{total.share:.1%}") for key, total in totals.items()
        ):
            console.say(line)
    console.say(_summary(result))


def _title(failure: "Outcome") -> str:
    return f"{failure.question.id} ({failure.question.kind}, {failure.question.lang})"


def _cost(result: "Evaluation") -> str:
    """What a configured model took for an answer; nothing without one."""
    cost = result.cost()
    if not cost["calls_per_answer"]:
        return ""
    tokens = f"{cost['input_tokens_per_answer']:.0f} tokens in, {cost['output_tokens_per_answer']:.0f} out"
    return f" An answer took {cost['calls_per_answer']:.2f} calls of the model, {tokens}."


def _summary(result: "Evaluation") -> str:
    counted = result.measures
    latency = (
        f"p50 {result.latency(50):.0f} ms, p95 {result.latency(95):.0f} ms with {result.at_once} questions at once"
    )
    return (
        f"{result.total.passed} of {result.total.questions} passed ({result.total.share:.1%}). "
        f"Refusal precision {_written(result.refusal_precision)}, recall {_written(result.refusal_recall)}. "
        f"Citation correctness {_written(counted.citation_correctness)}, "
        f"figure grounding {_written(counted.figure_grounding)}. Latency: {latency}.{_cost(result)}"
    )


def _written(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
