"""What calls take in this process."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def milliseconds_of(call: Callable[[T], object], items: Iterable[T]) -> list[float]:
    """Milliseconds of `call` for each item, one after the other."""
    taken = []
    for item in items:
        started = time.perf_counter()
        call(item)
        taken.append((time.perf_counter() - started) * 1000)
    return taken
