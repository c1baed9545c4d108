"""The vectors of questions while they are asked, and what happens when the embedder gives none."""

import threading
import time
from collections.abc import Callable
from functools import lru_cache

from knowledge.embeddings import Vectors
from knowledge.errors import Unavailable

REMEMBERED = 4096
REST_SECONDS = 15.0  # an embedder that failed is left alone for so long; what is asked meanwhile does not wait for it


class QuestionVectors:
    """Gives a question's vector, the last few thousand remembered. Thread-safe.

    An embedder that fails costs the question that finds out what the embedder's own patience is, and the questions of
    the next `REST_SECONDS` nothing: they get Unavailable at once, and are searched for by their words.
    """

    def __init__(self, embed: Callable[[str], Vectors], clock: Callable[[], float] = time.monotonic) -> None:
        self._embed = lru_cache(maxsize=REMEMBERED)(self._tried)
        self._asked = embed
        self._clock = clock
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._says = ""

    def __call__(self, text: str) -> Vectors:
        """The unit vector of one question. Raises Unavailable."""
        return self._embed(text)

    @property
    def failure(self) -> str:
        """What the embedder failed with when it was last asked; empty when it is well."""
        return self._says

    def _tried(self, text: str) -> Vectors:
        with self._lock:
            if self._clock() < self._rests_until:
                raise Unavailable(self._says)
            if self._says:  # one question tries again, those beside it do not wait for it
                self._rests_until = self._clock() + REST_SECONDS
        try:
            vector = self._asked(text)
        except Unavailable as error:
            with self._lock:
                self._says, self._rests_until = str(error), self._clock() + REST_SECONDS
            raise
        with self._lock:
            self._says, self._rests_until = "", 0.0
        return vector
