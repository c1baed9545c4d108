"""Texts in, unit vectors out."""

import os
from collections.abc import Iterator, Sequence

import numpy as np

from knowledge.e5.graph import INPUT, OUTPUT, model_of
from knowledge.e5.tokens import Tokenizer
from knowledge.e5.weights import BLOCK, Floats, Weights, unpacked


class E5:
    """The model, ready to run. Thread-safe: each call runs on the thread that makes it, and leaves Python's lock."""

    def __init__(self) -> None:
        # Official builds tell Microsoft of every model that is loaded unless this is set before the library is.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        from onnxruntime import InferenceSession, SessionOptions

        weights = Weights()
        options = SessionOptions()
        # One thread a call: two that wait for each other beside busy processes take ten times as long.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep for ever what the longest text of an import took
        self._session = InferenceSession(model_of(weights), options, providers=["CPUExecutionProvider"])
        weights.let_go()
        self._tokenizer = Tokenizer(weights.vocabulary)
        self._begin, self._end = weights.vocabulary.begin, weights.vocabulary.end
        self.width = weights.sizes.width
        self._words = weights.blocks("emb.word").reshape(-1, self.width // BLOCK, weights.blocks("emb.word").shape[1])
        kind = weights.floats("emb.type")[: self.width]
        self._places = weights.floats("emb.pos").reshape(-1, self.width) + kind

    def vectors(self, texts: Sequence[str], role: str) -> Floats:
        """A unit row per text; `role` is what the model was trained to see before it: `query` or `passage`."""
        rows = np.empty((len(texts), self.width), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number] = sum(self._hidden(part).mean(axis=0) * len(part) for part in self._parts(f"{role}: {text}"))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _parts(self, text: str) -> Iterator[list[int]]:
        """The tokens of a text, as many at a time as fit between the two marks; the vector of a longer text is the mean
        of its parts' by their length."""
        tokens, most = self._tokenizer.tokens(text), len(self._places) - 2
        return (tokens[start : start + most] for start in range(0, len(tokens), most))

    def _hidden(self, tokens: Sequence[int]) -> Floats:
        scales, weights = unpacked(self._words[[self._begin, *tokens, self._end]])
        words = (weights.astype(np.float32) - 8) * scales[..., None]
        embedded = words.reshape(len(words), self.width) + self._places[: len(words)]
        (hidden,) = self._session.run([OUTPUT], {INPUT: embedded[None]})
        return np.asarray(hidden[0], dtype=np.float32)
