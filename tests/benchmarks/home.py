"""A home to measure on: temporary, with starter knowledge and demonstration creators; and its passages as arrays."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langchain_core.language_models import BaseChatModel

from assistant.bootstrap import Services, initialise, open_services
from assistant.settings import Settings
from knowledge.embeddings import Embedder, EmbeddingStore
from tests.benchmarks.corpus import Corpus


@contextmanager
def starter_services(folder: Path, embedder: Embedder, chat_model: BaseChatModel | None = None) -> Iterator[Services]:
    """Services on an initialised home in `folder`, closed at the end."""
    services = open_services(Settings(home=folder), embedder=embedder, chat_model=chat_model)
    try:
        initialise(services, False, lambda _step, _done, _total: None)
        yield services
    finally:
        services.close()


def corpus_of(services: Services, embedder: Embedder) -> Corpus:
    """The served passages with the vectors that serving them uses."""
    passages = services.library.shelf.passages
    vectors = EmbeddingStore(services.engine, embedder).vectors(
        [passage.embedded_text for passage in passages], "passage"
    )
    return Corpus([f"{passage.title} › {passage.heading}\n{passage.text}" for passage in passages], vectors)
