"""The programs that ours is compared with, each in a process of its own.

python -m tests.benchmarks.rival bare|tutorial FOLDER PORT

`bare` embeds the question and gives the nearest passage; `tutorial` runs the tutorial chain. Both answer
`POST /api/v1/chat` with {"text"}, as ours does, and `GET /readyz`. FOLDER holds a written `Corpus`.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from tests.benchmarks.corpus import BareEmbedder, Corpus


class Question(BaseModel):
    """What is posted."""

    text: str


def bare_answers(folder: Path) -> Callable[[str], str]:
    """The nearest passage, by one product of a matrix with the question's vector."""
    corpus, embedder = Corpus.read(folder), BareEmbedder()
    return lambda text: corpus.texts[int((corpus.vectors @ embedder.query(text)).argmax())]


def tutorial_answers(folder: Path) -> Callable[[str], str]:
    """What the tutorial chain says."""
    from tests.benchmarks.tutorial import tutorial_chain

    return tutorial_chain(Corpus.read(folder), BareEmbedder().query, folder / "chroma").invoke


def app_of(answers: Callable[[str], str]) -> FastAPI:
    """One endpoint; FastAPI runs it in its worker threads."""
    app = FastAPI()

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/api/v1/chat")
    def chat(question: Question) -> dict[str, str]:
        return {"text": answers(question.text)}

    return app


def main() -> None:
    """Serve one of them until the process is ended."""
    kind, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    answers = {"bare": bare_answers, "tutorial": tutorial_answers}[kind](folder)
    uvicorn.run(app_of(answers), port=port, loop="uvloop", http="httptools", ws="none", log_level="error")


if __name__ == "__main__":
    main()
