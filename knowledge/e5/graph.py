"""The network as an ONNX model: BERT's encoder, with 4-bit weights that ONNX Runtime multiplies as they are.

The model is written as bytes here (an ONNX file is one protobuf message): the package `onnx` would take 27 MB and
0.4 s of every start for that.
"""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.e5.weights import BLOCK, Weights, unpacked

INPUT, OUTPUT = "embedded", "hidden"
_STANDARD, _MICROSOFT = "", "com.microsoft"  # sets of operators; the second is ONNX Runtime's own
_OPERATORS, _FORMAT = {_STANDARD: 18, _MICROSOFT: 1}, 9
_INT8 = 4  # MatMulNBits: the other side is rounded to 8 bits, as in the wheel's engine
_TYPES = {np.dtype(np.float32): 1, np.dtype(np.uint8): 2}


Message = list[bytes]  # in pieces, which are put together once: they hold 13 MB


def model_of(weights: Weights) -> bytes:
    """A model from `INPUT`, the sums of a text's embeddings (1, tokens, width), to `OUTPUT`, its hidden states."""
    return b"".join(_Writer(weights).model())


class _Writer:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[Message] = []
        self._tensors: list[Message] = []

    def model(self) -> Message:
        sizes = self._weights.sizes
        state = self._normed(INPUT, "", "emb.ln", "layer")
        for layer in range(sizes.layers):
            state = self._layer(state, f"l{layer}", f"l{layer}" if layer < sizes.layers - 1 else OUTPUT)
        graph = _message(
            *((1, node) for node in self._nodes),
            (2, "e5"),
            *((5, tensor) for tensor in self._tensors),
            (11, _value(INPUT, sizes.width)),
            (12, _value(OUTPUT, sizes.width)),
        )
        sets = [(8, _message((1, name), (2, version))) for name, version in _OPERATORS.items()]
        return _message((1, _FORMAT), (7, graph), *sets)

    def _layer(self, state: str, name: str, out: str) -> str:
        sizes = self._weights.sizes
        parts = [self._multiplied(state, f"{name}.{part}", sizes.width, sizes.width) for part in "qkv"]
        seen = self._node("MultiHeadAttention", parts, f"{name}.seen", _MICROSOFT, num_heads=sizes.heads)
        added = self._multiplied(seen, f"{name}.ao", sizes.width, sizes.width)
        state = self._normed(state, added, f"{name}.aln", f"{name}.attended")
        wide = self._multiplied(state, f"{name}.fi", sizes.width, sizes.inner)
        bent = self._node("Gelu", [wide], f"{name}.bent", _MICROSOFT)
        added = self._multiplied(bent, f"{name}.fo", sizes.inner, sizes.width)
        return self._normed(state, added, f"{name}.oln", out)

    def _multiplied(self, state: str, name: str, width: int, out: int) -> str:
        scales, quarters = unpacked(self._weights.blocks(f"{name}.w").reshape(out, width // BLOCK, -1))
        pairs = quarters[..., ::2] | quarters[..., 1::2] << 4  # neighbours share a byte
        inputs = [
            state,
            self._tensor(f"{name}.w", pairs),
            self._tensor(f"{name}.s", scales),
            "",
            "",
            self._tensor(f"{name}.b", self._weights.floats(f"{name}.b")),
        ]
        about = {"K": width, "N": out, "bits": 4, "block_size": BLOCK, "accuracy_level": _INT8}
        return self._node("MatMulNBits", inputs, f"{name}.out", _MICROSOFT, **about)

    def _normed(self, state: str, added: str, name: str, out: str) -> str:
        scale, shift = (self._tensor(f"{name}.{part}", self._weights.floats(f"{name}.{part}")) for part in "wb")
        epsilon = self._weights.sizes.epsilon
        if added:
            return self._node("SkipLayerNormalization", [state, added, scale, shift], out, _MICROSOFT, epsilon=epsilon)
        return self._node("LayerNormalization", [state, scale, shift], out, _STANDARD, axis=-1, epsilon=epsilon)

    def _node(self, kind: str, inputs: Sequence[str], out: str, domain: str, **about: float) -> str:
        attributes = [(5, _attribute(name, value)) for name, value in about.items()]
        self._nodes.append(_message(*((1, one) for one in inputs), (2, out), (4, kind), (7, domain), *attributes))
        return out

    def _tensor(self, name: str, values: NDArray[Any]) -> str:
        shape = [(1, size) for size in values.shape]
        self._tensors.append(_message(*shape, (2, _TYPES[values.dtype]), (8, name), (9, values.tobytes())))
        return name


def _attribute(name: str, value: float) -> Message:
    if isinstance(value, float):
        return _message((1, name), (2, value), (20, 1))
    return _message((1, name), (3, value), (20, 2))


def _value(name: str, width: int) -> Message:
    """That a tensor of this name has the shape (1, any, width)."""
    shape = _message(*((1, _message(size)) for size in ((1, 1), (2, "tokens"), (1, width))))
    return _message((1, name), (2, _message((1, _message((1, 1), (2, shape))))))


def _message(*fields: tuple[int, int | float | str | bytes | Message]) -> Message:
    """A protobuf message of numbered fields."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts += [_varint(number << 3), _varint(value)]
        elif isinstance(value, float):
            parts += [_varint(number << 3 | 5), struct.pack("<f", value)]
        else:
            content = value if isinstance(value, list) else [value.encode() if isinstance(value, str) else value]
            parts += [_varint(number << 3 | 2), _varint(sum(map(len, content))), *content]
    return parts


def _varint(value: int) -> bytes:
    value &= 2**64 - 1  # negative numbers as the format wants them
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
