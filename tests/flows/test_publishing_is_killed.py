"""kill -9 at random moments of import, indexing and publishing: what is served stays whole, what was told stays."""

import multiprocessing
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.flows.editor_at_work import DOCUMENTS, SECTIONS, work

START = 60.0  # seconds that a process may take to look over its home
HOMES, KILLS = 2, 15  # 30 kills in all
LONGEST = 0.8  # seconds of work before a kill; adding and publishing one version takes about 0.15
SLOWEST = 3.0  # the same on a slow machine, where it takes as long as the first version took


# Forked from a process that has imported the house once, so that a kill costs no start-up.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.flows.editor_at_work"])


def work_until_killed(folder: Path, seconds: float | None) -> list[dict[str, Any]]:
    """What the process said: how it found things, and what it was told had been done before it was killed. Without
    `seconds` it is killed after its first publish."""
    watcher, told = PROCESSES.Pipe(duplex=False)
    worker = PROCESSES.Process(target=work, args=(folder, told))
    worker.start()
    told.close()
    assert watcher.poll(START), "the process does not start on what the killed one left"
    said = [watcher.recv()]
    if seconds is None:
        while "published" not in said[-1] and watcher.poll(START):
            said.append(watcher.recv())
    else:
        time.sleep(seconds)
    worker.kill()
    worker.join()
    with suppress(EOFError):  # the end of what it said before it was killed
        while watcher.poll():
            said.append(watcher.recv())
    return said


def killed_again_and_again(folder: Path, seed: int) -> list[str]:
    """The faults seen over all kills of one home, each a sentence."""
    folder.mkdir()
    moments, faults = random.Random(seed), []
    added = published = 0
    started, longest = time.monotonic(), LONGEST
    for kill in range(KILLS + 1):
        found, *done = work_until_killed(folder, moments.uniform(0, longest) if kill else None)
        if not kill:
            longest = min(max(longest, time.monotonic() - started), SLOWEST)
        served = found["served"]
        if found["complaints"]:
            faults.append(f"kill {kill}: {found['complaints']}")
        if len(served) > 1 or (served and found["passages"] != len(DOCUMENTS) * SECTIONS) or not found["whole"]:
            faults.append(f"kill {kill}: half visible: {found}")
        if len(set(found["drafts"].values())) > 1 or len(found["drafts"]) not in (0, len(DOCUMENTS)):
            faults.append(f"kill {kill}: an import is half there: {found}")
        if published > max(served, default=0):
            faults.append(f"kill {kill}: version {published} was published, {served} is served")
        if added > max([*served, *found["drafts"].values()], default=0):
            faults.append(f"kill {kill}: version {added} was added and is lost: {found}")
        added = max([added, *(one["added"] for one in done if "added" in one)])
        published = max([published, *(one["published"] for one in done if "published" in one)])
    if not published:
        faults.append("no kill came after a publish; the moments are badly chosen")
    return faults


def test_thirty_kills_lose_nothing_and_leave_nothing_half_visible(tmp_path: Path) -> None:
    with ThreadPoolExecutor(HOMES) as pool:
        outcomes = pool.map(killed_again_and_again, [tmp_path / f"home-{n}" for n in range(HOMES)], range(HOMES))
        faults = [fault for found in outcomes for fault in found]
    assert faults == []
