"""A circuit breaker: an endpoint that fails again and again is left alone for a while, so that nobody waits for it."""

import threading
import time
from collections.abc import Callable

FAILURES = 3  # in a row, until it is left alone
SECONDS = 30.0  # for so long, then one call tries it


class Breaker:
    """Counts failures in a row. Thread-safe; one an endpoint, for all turns of the process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def lets_through(self) -> bool:
        """Whether to try now. After the pause one caller is let through and decides for the others."""
        with self._lock:
            now = self._clock()
            if self._failures < FAILURES:
                return True
            if now < self._closed_until:
                return False
            self._closed_until = now + SECONDS
            return True

    def succeeded(self) -> None:
        """The endpoint answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The endpoint did not answer, or not to the end."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._closed_until = self._clock() + SECONDS
