"""The child process that reads files: `python -m knowledge.reading.worker`, an upload on stdin, revisions on stdout.

Invariant: a hostile file can cost this process its life, never the serving process its memory or time.
Stdin holds a line of JSON with the fields of the upload, then its bytes. The answer is one JSON object:
`{"revisions": [...]}` or `{"problem": one sentence, "values": what goes in its places}`.
"""

import dataclasses
import json
import os
import resource
import signal
import sys
from datetime import date
from typing import Any

from knowledge.errors import BadInput, Said
from knowledge.reading.kinds import LOCKED
from knowledge.reading.limits import CPU_SECONDS, MEMORY, OUTPUT, WALL_SECONDS

_DAMAGED = Said("is damaged and cannot be read; save or download it again")
_PROBLEMS = {  # by name: most files are turned away before the libraries that raise these are loaded
    "MemoryError": Said("needs more memory than a conversion may take; split it into smaller files"),
    "RecursionError": Said("is nested too deeply to be converted; save it in a simpler form"),
    "PDFEncryptionError": LOCKED,
    "PDFPasswordIncorrect": LOCKED,
}


def main() -> None:
    """Read what stdin holds. EX_CONFIG tells of a missing library: that is not the file's fault."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)  # unhandled, as it is here, it ends the process
    # markitdown loads pandas for spreadsheets when it can: seconds and 80 MB that no converter used here needs.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    sys.stdout = sys.stderr  # what a library prints must not mix with the answer
    given = json.loads(sys.stdin.buffer.readline())
    try:
        found = _answer(given, sys.stdin.buffer.read())
    except ImportError:
        sys.exit(os.EX_CONFIG)
    with open(1, "wb") as answer:  # noqa: PTH123 - a descriptor; closing it tells of a write beyond the limit
        answer.write(json.dumps(found, ensure_ascii=False, default=date.isoformat).encode())


def _answer(given: dict[str, str], data: bytes) -> dict[str, Any]:
    from knowledge.reading.formats import Upload, revisions_in

    try:
        return {"revisions": [dataclasses.asdict(new) for new in revisions_in(Upload(data=data, **given))]}
    except BadInput as problem:
        return _told(problem.said)
    except ImportError:
        raise
    except Exception as error:  # parsers raise hundreds of kinds at damaged files
        cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error  # pdfplumber wraps
        rest = _PROBLEMS.get(type(cause).__name__, _DAMAGED)
        return _told(Said("{name} {problem}.", name=given["name"], problem=rest))


def _told(said: Said) -> dict[str, Any]:
    """A sentence as JSON; a sentence within it is again such an object."""
    values = {name: _told(one) if isinstance(one, Said) else one for name, one in said.values.items()}
    plain = (dict, int, float)
    return {"problem": said.sentence, "values": {k: v if isinstance(v, plain) else str(v) for k, v in values.items()}}


if __name__ == "__main__":
    main()
