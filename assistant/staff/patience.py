"""How long somebody who guesses passwords has to wait between two guesses."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 15 * 60
FORGOTTEN_AFTER_SECONDS = 3600
_INSTANT = 0.001  # seconds that are no wait: clocks add up to less than the sum of what was waited
REMEMBERED = 50_000


class Patience:
    """After `free` failures of one key (a name, an address) each further one doubles the wait, up to 15 minutes.

    Every attempt counts as a failure from its beginning, so that many at once are not free; `forgive` takes it back.
    Kept in memory, so every process counts for itself; the key least recently seen is forgotten first.
    """

    def __init__(self, free: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = free
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, key: str) -> int:
        """0 when an attempt may be made (it is counted), otherwise the whole seconds until one may."""
        now = self._clock()
        with self._lock:
            failures, last = self._failures.pop(key, (0, now))
            if now - last > FORGOTTEN_AFTER_SECONDS:
                failures = 0
            left = self._wait(failures) - (now - last) - _INSTANT
            self._failures[key] = (failures, last) if left > 0 else (failures + 1, now)
            if len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)
        return max(0, math.ceil(left))

    def forgive(self, key: str) -> None:
        """Forget the failures of a key whose attempt succeeded."""
        with self._lock:
            self._failures.pop(key, None)

    def _wait(self, failures: int) -> float:
        if failures < self._free:
            return 0
        return min(FIRST_WAIT_SECONDS * 2.0 ** min(failures - self._free, 10), LONGEST_WAIT_SECONDS)
