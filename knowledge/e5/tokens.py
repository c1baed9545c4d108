"""Text in pieces of the vocabulary: the likeliest way to cut it (SentencePiece's unigram model), as the wheel does.

The library `tokenizers` cuts alike and quicker, and takes another 0.6 s of every start and 250 MB for its own trie of a
quarter of a million pieces; a question's tenth of a millisecond is not worth that.
"""

import re

from knowledge.e5.weights import Vocabulary

_SPACE = "▁"  # how a vocabulary of SentencePiece writes a space
_SPACES = re.compile(" {2,}")
_UNKNOWN_PENALTY = 10.0  # below the unlikeliest piece, as in SentencePiece


class Tokenizer:
    """Cuts texts. Immutable and thread-safe."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary.pieces)}
        self._numbers.pop(vocabulary.pieces[vocabulary.unknown])
        self._scores = vocabulary.scores
        self._normal = vocabulary.normal
        self._unknown = vocabulary.unknown
        self._unknown_score = min(vocabulary.scores) - _UNKNOWN_PENALTY
        self._longest = max(map(len, vocabulary.pieces))

    def tokens(self, text: str) -> list[int]:
        """The ids of the pieces of a text, without marks for its beginning and end."""
        normal = _SPACES.sub(" ", text.translate(self._normal))
        text = normal.replace(" ", _SPACE) if normal.startswith(" ") else _SPACE + normal.replace(" ", _SPACE)
        numbers, scores, longest = self._numbers.get, self._scores, self._longest
        # For each place the best way to it: its score, the piece that ends there and where that began.
        best = [0.0, *[float("-inf")] * len(text)]
        ends: list[tuple[int, int]] = [(0, 0)] * (len(text) + 1)
        for first in range(len(text)):
            so_far = best[first]
            for last in range(first + 1, min(first + longest, len(text)) + 1):
                number = numbers(text[first:last])
                if number is not None and so_far + scores[number] > best[last]:
                    best[last], ends[last] = so_far + scores[number], (number, first)
            if so_far + self._unknown_score > best[first + 1]:
                best[first + 1], ends[first + 1] = so_far + self._unknown_score, (self._unknown, first)
        found = []
        place = len(text)
        while place:
            number, place = ends[place]
            found.append(number)
        return found[::-1]
