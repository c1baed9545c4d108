"""The machine that measures: whether others use it, and measuring again when they do."""

import os
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any

import psutil

BUSY_PERCENT = 15.0  # of all processors, used by others while a benchmark waits
ROUNDS = 3
PATIENCE_SECONDS = 60.0  # a busy machine is given so long to become quiet


def others_percent() -> float:
    """How much of all processors others use, 0 to 100, after some patience for a quiet second."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (busy := float(psutil.cpu_percent(interval=1.0))) >= BUSY_PERCENT and time.monotonic() < deadline:
        pass
    return busy


def measured(
    measure: Callable[[int], Mapping[str, float]], more_is_better: frozenset[str] = frozenset()
) -> tuple[dict[str, float], str]:
    """The values that `measure(round)` gives, and a remark; on a busy machine the best of three rounds, each value for
    itself: what others take can only make a program look slower."""
    busy = others_percent()
    best = dict(measure(0))
    if busy < BUSY_PERCENT:
        return best, ""
    for number in range(1, ROUNDS):
        for name, value in measure(number).items():
            best[name] = (max if name in more_is_better else min)(best[name], value)
    return best, f"best of {ROUNDS}: others used {busy:.0f} % of the processors"


def about() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its children in MB (2**20 bytes)."""
    return sum(member.memory_info().rss for member in _family(pid)) / 2**20


def processor_seconds(pid: int) -> float:
    """Processor time that a process and its children have used so far: what others' work changes least."""
    return sum(sum(member.cpu_times()[:2]) for member in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]
