"""A home to measure on: temporary, with starter knowledge and demonstration creators; and its passages as arrays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.bootstrap import Services, initialise, open_services
from assistant.settings import Settings
from knowledge.embeddings import Embedder, EmbeddingStore, Vectors


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


@contextmanager
def starter_services(folder: Path, embedder: Embedder) -> Iterator[Services]:
    """Services on an initialised home in `folder`, closed at the end."""
    services = open_services(Settings(home=folder), embedder=embedder)
    try:
        initialise(services, False, lambda _step, _done, _total: None)
        yield services
    finally:
        services.close()


def corpus_of(services: Services, embedder: Embedder) -> Corpus:
    """The served passages with the vectors that serving them uses."""
    passages = services.library.passages()
    vectors = EmbeddingStore(services.engine, embedder).vectors(
        [passage.embedded_text for passage in passages], "passage"
    )
    return Corpus([f"{passage.title} › {passage.heading}\n{passage.text}" for passage in passages], vectors)
