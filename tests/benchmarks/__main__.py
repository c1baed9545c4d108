"""Runs the benchmarks and prints one table.

python -m tests.benchmarks [retrieval scale publishing serving own_cost forecast programs importing boards widget
                            model_cost notices telegram chats capacity] [--json PATH]

`make bench` runs all.
"""

import argparse
import json
from pathlib import Path

from tests.benchmarks import (
    boards,
    capacity,
    chats,
    forecast,
    importing,
    machine,
    model_cost,
    notices,
    own_cost,
    programs,
    publishing,
    retrieval,
    scale,
    serving,
    telegram,
    widget,
)
from tests.benchmarks.figures import table

ALL = (
    retrieval, scale, publishing, serving, own_cost, forecast, programs, importing, boards, widget, model_cost,
    notices, telegram, chats, capacity,
)  # fmt: skip
BENCHMARKS = {module.NAME: module.run for module in ALL}


def main() -> None:
    """Measure what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measures speed and retrieval.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all when none is named")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures to this file, too")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}")
    about = machine.about()
    findings = []
    for name in asked.names or BENCHMARKS:
        print(f"Measuring {name} …", flush=True)
        findings.append(BENCHMARKS[name]())
    print(f"\n{table(findings)}")
    if asked.json:
        report = {"machine": about, "benchmarks": [one.as_dict() for one in findings]}
        asked.json.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
