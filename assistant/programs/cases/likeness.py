"""How alike two works look from outside: a hint for whoever decides, never a decision."""

import io
from difflib import SequenceMatcher

import imagehash
from PIL import Image

from knowledge.folding import fold

HASH_SIDE = 8  # the perceptual hash has 8 × 8 bits
# Two unrelated pictures differ in about half of the bits; see Zauner, "Implementation and benchmarking of perceptual
# image hash functions" (2010).
UNRELATED = 0.5


def title_likeness(own: str, other: str) -> float | None:
    """From 0 to 1, over folded text without spaces and signs; None where one has no title."""
    one, two = ("".join(c for c in fold(text) if c.isalnum()) for text in (own, other))
    return round(SequenceMatcher(None, one, two, autojunk=False).ratio(), 3) if one and two else None


def picture_hash(data: bytes) -> str:
    """The perceptual hash of a picture, in hexadecimal."""
    with Image.open(io.BytesIO(data)) as picture:
        return str(imagehash.phash(picture.convert("RGB"), hash_size=HASH_SIDE))


def cover_likeness(own: str, other: str) -> float:
    """From 0 (unrelated) to 1 (the same to the eye), by the bits in which two perceptual hashes differ."""
    differing = (imagehash.hex_to_hash(own) - imagehash.hex_to_hash(other)) / HASH_SIDE**2
    return round(max(0.0, 1 - differing / UNRELATED), 3)
