"""An index of many passages, damaged in eight ways: each time the next start sees it and makes it anew.

`python -m tests.faults.index [PASSAGES]` measures it.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from assistant.database.engine import open_database
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from tests.fakes import HashEmbedder
from tests.faults.damage import DAMAGES
from tests.knowledge.texts import revision

SECTIONS = 50
ROOT = Path(__file__).parents[2]


def fill(folder: Path, passages: int) -> None:
    """A release of so many passages in the database and the index of a folder."""
    library = _library(folder)
    library.open()
    for start in range(0, passages, SECTIONS):
        body = "\n\n".join(
            f"## 第 {number} 节\n编号{number}的规则写在这里，共{number * 7}项。"
            for number in range(start, start + SECTIONS)
        )
        library.add([revision(f"document-{start}", body, title=f"文档{start}")], "editor")
    library.publish(library.check("", "editor").release, "editor")


def look(folder: Path) -> dict[str, Any]:
    """What a process finds that opens what there is."""
    started = time.perf_counter()
    library = _library(folder)
    library.open()
    seconds = time.perf_counter() - started
    hits = library.search("编号17的规则").hits
    return {
        "seconds": seconds,
        "failure": library.index_failure,
        "complaints": library.verify(),
        "dense": bool(hits and hits[0].dense),
        "found": bool(hits) and "编号17的" in hits[0].passage.text,
    }


def looked(folder: Path, user: int | None = None) -> dict[str, Any]:
    """The same in a process of its own, perhaps as another user. Raises CalledProcessError when it dies."""
    command = [sys.executable, "-m", "tests.faults.index", "--look", str(folder)]
    done = subprocess.run(command, cwd=ROOT, user=user, capture_output=True, text=True, check=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _library(folder: Path) -> Library:
    engine = open_database(f"sqlite:///{folder / 'heliotrope.db'}")
    return Library(engine, HashEmbedder(), DenseIndex(folder / "chroma"), ZoneInfo("Asia/Shanghai"))


def main() -> None:
    """Measure, or look."""
    if sys.argv[1:2] == ["--look"]:
        print(json.dumps(look(Path(sys.argv[2])), ensure_ascii=False))
        return
    passages = int(sys.argv[1]) if sys.argv[1:] else 5000
    with TemporaryDirectory() as temporary:
        whole, home = Path(temporary) / "whole", Path(temporary) / "home"
        whole.mkdir()
        fill(whole, passages)
        print(f"{passages} passages; a start on a sound index: {looked(whole)['seconds']:.1f} s")
        for name, damage in DAMAGES.items():
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(whole, home)
            damage(home / "chroma")
            found = looked(home)
            again = looked(home)
            print(
                f"{name}: opened and mended in {found['seconds']:.1f} s, the next start {again['seconds']:.1f} s; "
                f"complaints {found['complaints'] + again['complaints']}, found by vectors {found['dense']}"
            )


if __name__ == "__main__":
    main()
