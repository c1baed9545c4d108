"""The chain of the LangChain tutorials, to compare with: Chroma retriever, prompt, a chat model that answers at once.

No history, no identity, no dates, no grounding, nothing kept; the same embedder as ours.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnablePassthrough

from tests.benchmarks.corpus import Corpus, Vectors

NEAREST = 4  # the tutorials' own number
PROMPT = "Answer the question from this context only.\n\n{context}\n\nQuestion: {question}"


class ChromaRetriever(BaseRetriever):
    """The nearest passages of a Chroma collection."""

    collection: Any
    vector_of: Callable[[str], Any]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        vector = self.vector_of(query)
        found = self.collection.query(query_embeddings=np.asarray([vector]), n_results=NEAREST)
        return [Document(page_content=text) for text in found["documents"][0]]


def tutorial_chain(corpus: Corpus, vector_of: Callable[[str], Vectors], folder: Path) -> Runnable[str, str]:
    """The chain over a persistent collection in `folder`, which is filled when it is new."""
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    collection = client.get_or_create_collection("tutorial", embedding_function=None)
    if not collection.count():
        ids = [str(number) for number in range(len(corpus.texts))]
        collection.add(ids=ids, embeddings=corpus.vectors, documents=corpus.texts)
    context = ChromaRetriever(collection=collection, vector_of=vector_of) | _joined
    model = FakeListChatModel(responses=["This is what the context says."])
    prompt = ChatPromptTemplate.from_template(PROMPT)
    return {"context": context, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()


def _joined(documents: list[Document]) -> str:
    return "\n\n".join(document.page_content for document in documents)
