"""A watched folder: files that are put there are imported, and moved aside with a report beside them.

    folder/ANY.csv             rows that name their creators
    folder/CREATOR/ANY.csv     rows of that creator
    folder/done/…  failed/…    where they go, with ANY.csv.report.json beside each
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput, Problem
from connectors.feeds.importing import Request, import_file
from connectors.feeds.remembered import ColumnMappings

# A file that changed within so many seconds may still be being written.
SETTLED_SECONDS = 5.0
DONE, FAILED = "done", "failed"
ACTOR = "watched folder"


@dataclass(frozen=True)
class Outcome:
    """What became of one file: the report, or the sentence that says why not."""

    file: str
    imported: bool
    report: dict[str, object]


def sweep(
    folder: Path,
    warehouse: Warehouse,
    mappings: ColumnMappings,
    settled_seconds: float = SETTLED_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """Import every file that has come to rest in `folder`, oldest first; none more once `stopping` says so. Raises
    BadInput when it is no folder."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder.")
    outcomes: list[Outcome] = []
    for file, creator in _waiting(folder, settled_seconds):
        if stopping():
            break
        request = Request(creator_id=creator, actor=ACTOR)
        try:
            told = import_file(warehouse, file, request, mappings).as_dict()
            outcome = Outcome(str(file.relative_to(folder)), True, told)
        except Problem as problem:
            outcome = Outcome(str(file.relative_to(folder)), False, {"file": file.name, "problem": str(problem)})
        _put_aside(folder, file, outcome)
        outcomes.append(outcome)
    return outcomes


def _waiting(folder: Path, settled_seconds: float) -> Iterator[tuple[Path, str | None]]:
    found: list[tuple[float, Path, str | None]] = []
    for entry in folder.iterdir():
        inside = entry.name not in (DONE, FAILED) and entry.is_dir()
        files = [(file, entry.name) for file in entry.iterdir()] if inside else [(entry, None)]
        for file, creator in files:
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                found.append((file.stat().st_mtime, file, creator))
    for changed, file, creator in sorted(found, key=lambda one: (one[0], str(one[1]))):
        if time.time() - changed >= settled_seconds:
            yield file, creator


def _put_aside(folder: Path, file: Path, outcome: Outcome) -> None:
    aside = folder / (DONE if outcome.imported else FAILED)
    aside.mkdir(exist_ok=True)
    name = file.name if file.parent == folder else f"{file.parent.name}-{file.name}"
    number = 1
    while (aside / name).exists():
        number += 1
        name = f"{file.stem}-{number}{file.suffix}"
    file.rename(aside / name)
    report = json.dumps(outcome.report, ensure_ascii=False, indent=1, default=str)
    (aside / f"{name}.report.json").write_text(report + "\n", "utf-8")
