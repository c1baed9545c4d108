"""Making the dense index of a release from the vectors in SQL, trying whether it finds them, and mending it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.documents import Passage
from knowledge.embeddings import EmbeddingStore, Vectors
from knowledge.errors import Unavailable
from knowledge.index.dense import DenseIndex, Part

log = logging.getLogger(__name__)
Progress = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class ReleaseVectors:
    """Keys and vectors of a release by part; `embedded` counts the texts that no release had before."""

    parts: dict[Part, tuple[list[str], Vectors]]
    embedded: int

    @property
    def texts(self) -> Vectors:
        """A row for every passage, in their order."""
        return self.parts["texts"][1]


class IndexMaker:
    """Makes what `DenseIndex` searches. The vectors in SQL are the truth, so every index can be made again."""

    def __init__(self, store: EmbeddingStore, dense: DenseIndex) -> None:
        self._store = store
        self._dense = dense

    def vectors(self, passages: Sequence[Passage], progress: Progress = silent) -> ReleaseVectors:
        """Keys and vectors of the passages and of their question forms; what was never embedded is embedded now."""
        embedded = 0

        def count(done: int, total: int) -> None:
            nonlocal embedded
            embedded += done == total and total
            progress("embedding", done, total)

        forms = [(f"{passage.id}/{number}", form) for passage in passages for number, form in enumerate(passage.asked)]
        texts = self._store.vectors([passage.embedded_text for passage in passages], "passage", count)
        asked = self._store.vectors([form for _, form in forms], "query", count)
        return ReleaseVectors(
            {"texts": ([str(passage.id) for passage in passages], texts), "forms": ([key for key, _ in forms], asked)},
            embedded,
        )

    def make(self, number: int, vectors: ReleaseVectors, base: int | None) -> None:
        """Write a release's index anew, beside that of the release `base`. Raises Unavailable."""
        for part, (keys, rows) in vectors.parts.items():
            self._dense.build(number, part, keys, rows, base)

    def is_sound(self, number: int, vectors: ReleaseVectors) -> bool:
        """Whether every part of a release's index finds its own."""
        return all(self._dense.is_sound(number, part, keys, rows) for part, (keys, rows) in vectors.parts.items())

    def mend(
        self, number: int, vectors: ReleaseVectors, base: int | None, others_lost: Callable[[], None]
    ) -> None:
        """Make a release's index anew; from an empty folder when what is in it does not let it be made, which loses
        the indexes of all other releases. Raises Unavailable."""
        try:
            self.make(number, vectors, base)
            if self.is_sound(number, vectors):
                return
        except Unavailable:
            log.exception("The index of release %s could not be made in the folder as it is", number)
        if self._dense.start_anew():
            others_lost()
        self.make(number, vectors, base)
