"""The machine that measures: whether others use it, and measuring again when they do."""

import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

BUSY_PERCENT = 10.0  # of all processors, used by others
ROUNDS = 3
PATIENCE_SECONDS = 60.0  # a busy machine is given so long to become quiet


def measured(
    measure: Callable[[int], Mapping[str, float]], more_is_better: frozenset[str] = frozenset()
) -> tuple[dict[str, float], str]:
    """The values that `measure(round)` gives, and a remark.

    When others used the machine meanwhile, it is measured again, up to three times, and the best counts, each value for
    itself: others can only make a program look slower.
    """
    best: dict[str, float] = {}
    others = []
    for number in range(ROUNDS):
        _wait_for_quiet()
        before = _Usage.now()
        values = dict(measure(number))
        others.append(_Usage.now().others_percent(before))
        for name, value in values.items():
            best[name] = (max if name in more_is_better else min)(best.get(name, value), value)
        if others[-1] < BUSY_PERCENT:
            return best, "" if number == 0 else f"best of {number + 1}"
    return best, f"best of {ROUNDS}: others used {min(others):.0f} to {max(others):.0f} % of the processors"


def measured_once(measure: Callable[[], Mapping[str, float]]) -> tuple[dict[str, float], str]:
    """The same for what is too long to measure again, or must hold in every round: one round, and a remark."""
    _wait_for_quiet()
    before = _Usage.now()
    values = dict(measure())
    others = _Usage.now().others_percent(before)
    return values, "" if others < BUSY_PERCENT else f"others used {others:.0f} % of the processors"


@dataclass(frozen=True)
class _Usage:
    """Seconds so far: of the clock, of all processors' work, and of their work for this process and its children."""

    clock: float
    busy: float
    own: float

    @classmethod
    def now(cls) -> "_Usage":
        everything = psutil.cpu_times()
        idle = everything.idle + getattr(everything, "iowait", 0.0)
        me = psutil.Process()
        own = sum(sum(member.cpu_times()[:4]) for member in (me, *me.children(recursive=True)))
        return cls(time.monotonic(), sum(everything[:8]) - idle, own)

    def others_percent(self, before: "_Usage") -> float:
        """How much of all processors others used since `before`, 0 to 100."""
        seconds = (self.busy - before.busy) - (self.own - before.own)
        return max(0.0, 100 * seconds / ((self.clock - before.clock) * (os.cpu_count() or 1)))


def _wait_for_quiet() -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while psutil.cpu_percent(interval=1.0) >= BUSY_PERCENT and time.monotonic() < deadline:
        pass


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
