"""Asks every question of the project's own sets on a starter home and prints what passes and what does not.

    python -m tests.evaluation.everything
"""

import asyncio
import statistics
import tempfile
from pathlib import Path

from assistant.bootstrap import Services, initialise, open_services
from assistant.evaluation import evaluate, read_questions
from assistant.settings import Settings
from tests.evaluation import test_creators, test_dialogues
from tests.evaluation.test_sets import SETS, SHARED

HERE = Path(__file__).parent


async def report(services: Services) -> None:
    """A line a set, and a line a failure."""
    lengths = []
    for path in [*(HERE / name for name in SETS), *([SHARED] if SHARED.exists() else [])]:
        outcome = await evaluate(services.assistant, read_questions(path.read_text("utf-8"), path.name))
        for failure in outcome.failures:
            print(f"  {failure.question.id} {failure.question.question}: {'; '.join(failure.faults)}")
        lengths += [len(one.answer) for one in outcome.outcomes if one.question.lang == "zh"]
        kinds = {name: f"{totals.share:.1%}" for name, totals in outcome.tables()["answerable"].items()}
        print(f"{path.name}: {outcome.total.passed} of {outcome.total.questions}, {kinds}")
    told = {row["id"]: await test_creators.missing(services, row) for row in test_creators.ROWS}
    for name, lack in told.items():
        if lack:
            print(f"  {name} {' '.join(lack.split())[:400]}")
    print(f"creators.jsonl: {sum(not lack for lack in told.values())} of {len(told)}")
    talked = [await test_dialogues.faults(services, row) for row in test_dialogues.ROWS]
    for faults in talked:
        for fault in faults:
            print(f"  {fault}")
    print(f"dialogues.jsonl: {sum(not faults for faults in talked)} of {len(talked)}")
    print(f"median Chinese answer: {statistics.median(lengths):.0f} characters")


def main() -> None:
    """On a home of its own, which is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(Settings(home=Path(folder)))
        initialise(services, empty=False, progress=lambda *_: None)
        asyncio.run(report(services))
        services.close()


if __name__ == "__main__":
    main()
