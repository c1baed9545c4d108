"""Folding: the form in which queries and passages are compared. The original text is what is shown.

NFKC, lower case, Traditional→Simplified by character, and Latin for Greek and Cyrillic letters that pose as it.
Invisible and control characters are removed at the door.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import opencc

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # escapes: an editor may recompose the characters
_RUN = re.compile(rf"[{HAN}]+|[a-z0-9]+(?:[.%'+\-][a-z0-9]+)*%?")
_KEPT_CONTROLS = {"\n", "\t"}
SHORT = 1000  # characters of a text that is remembered: 2,048 of them take some megabytes, whole documents would not
# Letters that look like Latin ones (Unicode's intentional.txt), and words in which they stand beside Latin letters.
_POSING = str.maketrans(
    "АВСЕНІЈКМОРЅТХУасԁеһіјорѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳο", "ABCEHIJKMOPSTXYacdehijopsxyABEZHIKMNOPTYXjo"
)
_FOREIGN = re.compile("[\u0370-\u052f]")
_MIXED = re.compile("(?=[\u0370-\u052f]*[A-Za-z])[A-Za-z\u0370-\u052f]+")


@cache
def _simplified_by_character() -> dict[int, str]:
    """OpenCC's own table of Traditional characters, first choice each: a phrase table is not needed for matching."""
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in table.read_text("utf-8").splitlines() if "\t" in line)
    return {ord(traditional): choices.split()[0] for traditional, choices in pairs if len(traditional) == 1}


def simplify(text: str) -> str:
    """NFKC, Simplified characters and no posing letters: the form in which texts are embedded."""
    return _remembered(text) if len(text) <= SHORT else _simplified(text)


def _simplified(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_simplified_by_character())
    return _MIXED.sub(lambda word: word[0].translate(_POSING), plain) if _FOREIGN.search(plain) else plain


# An answer asks for its question, its sentences and its passages a dozen times.
_remembered = lru_cache(maxsize=2048)(_simplified)


def fold(text: str) -> str:
    """The comparable form of a text: NFKC, Simplified characters, lower case."""
    return simplify(text).lower()


def terms(folded: str) -> list[str]:
    """The lexical terms of a folded text: character bigrams of Han runs (a lone character stands alone) and whole
    Latin words."""
    found: list[str] = []
    for run in _RUN.findall(folded):
        if run[0] >= "㐀":
            found.extend(run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else found.append(run)
        else:
            found.append(run)
    return found


def clean(text: str) -> str:
    """Text without what cannot be seen: controls, surrogates, bidi marks, tags, zero widths and variation selectors.

    Emoji joiners go too: 👨‍👩‍👧 is shown as three faces, and no order can hide between them.
    """
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs", "Co", "Cn") and character not in _KEPT_CONTROLS:
            continue
        if 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
            continue
        kept.append(character)
    return "".join(kept)


def typed(text: str) -> str:
    """What somebody typed, clean: a backspace in it takes the character before it along, as where it was typed."""
    if "\b" in text:
        kept: list[str] = []
        for character in text:
            if character != "\b":
                kept.append(character)
            elif kept and kept[-1] != "\n":
                kept.pop()
        text = "".join(kept)
    return clean(text)
