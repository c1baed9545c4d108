"""Reading a file in a process of its own, which ends at its limits of time, memory and output."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from knowledge.documents import NewRevision
from knowledge.errors import BadInput, Misconfigured, Said, Unavailable
from knowledge.reading.formats import Upload
from knowledge.reading.limits import WALL_SECONDS, WORKERS

_places = threading.BoundedSemaphore(WORKERS)


def revisions_apart(upload: Upload) -> list[NewRevision]:
    """The revisions in a file, read by a worker process.

    Raises BadInput with the worker's sentence or one about its limits, Misconfigured when the converters are not
    installed, and Unavailable when other files keep all workers busy.
    """
    if not _places.acquire(timeout=WALL_SECONDS):
        raise Unavailable(
            "{name} waits for other files that are being read; try again.",
            retry_after=30, name=upload.name,
        )
    try:
        answer = _answer_of_worker(upload)
    finally:
        _places.release()
    try:
        found = _answers().validate_json(answer)
    except ValueError as error:
        raise BadInput(
            "{name} could not be read; save it in another format and try again.",
            name=upload.name,
        ) from error
    if found.problem:
        raise BadInput(found.said)
    return found.revisions


@dataclass(frozen=True)
class _Answer:
    revisions: list[NewRevision] = field(default_factory=list)
    problem: str = ""
    values: "dict[str, str | int | float | _Part]" = field(default_factory=dict)

    @property
    def said(self) -> Said:
        return Said(self.problem, **_said(self.values))


@dataclass(frozen=True)
class _Part:
    problem: str
    values: "dict[str, str | int | float | _Part]"


def _said(values: "dict[str, str | int | float | _Part]") -> dict[str, object]:
    return {k: Said(v.problem, **_said(v.values)) if isinstance(v, _Part) else v for k, v in values.items()}


@cache
def _answers() -> TypeAdapter[_Answer]:
    """Takes nothing from the worker on trust: it may have been taken over."""
    return TypeAdapter(_Answer)


def _answer_of_worker(upload: Upload) -> bytes:
    # -P and a bare environment: a data folder cannot shadow a module, and no key is near a file from outside.
    command = [sys.executable, "-P", "-m", "knowledge.reading.worker"]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment["ORT_DISABLE_TELEMETRY"] = "1"  # as in knowledge.e5.engine: MarkItDown loads the same library
    header = json.dumps({"name": upload.name, "charset": upload.charset, "url": upload.url, "day": upload.day})
    with tempfile.TemporaryFile() as answer:  # not a pipe: the system limits what is written to a file
        try:
            ended = subprocess.run(command, input=header.encode() + b"\n" + upload.data, stdout=answer,
                                   stderr=subprocess.DEVNULL, env=environment, check=False, timeout=WALL_SECONDS + 10)
            code = ended.returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code == os.EX_CONFIG:
            raise Misconfigured(f"{upload.name} was not read: the file converters do not start; run `make setup`.")
        if code:  # a signal at a limit, or no memory left to say so
            raise BadInput(
                "{name} takes more time or memory than reading may; split it into smaller files.",
                name=upload.name,
            )
        answer.seek(0)
        return answer.read()
