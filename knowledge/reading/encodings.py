"""Bytes as text: UTF-8 and the encodings that Chinese texts were kept in before it."""

import codecs
import re

_NEVER_TEXT = re.compile("[\ue000-\uf8ff]")  # private use: what text in another encoding becomes under GB18030


def decoded(data: bytes, *declared: str) -> str | None:
    """The text in UTF-8, UTF-16 with its mark, a `declared` encoding, GB18030 or Big5; None when it is in none of them.

    Lone surrogates may be left in it (`knowledge.folding.clean` takes them out).
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _text(data, "utf-16", "strict")
    for encoding in filter(None, ("utf-8-sig", *declared, "gb18030", "big5hkscs")):
        text = _text(data, encoding, "surrogatepass" if encoding == "utf-8-sig" else "strict")
        if text is not None and (encoding == "utf-8-sig" or not _NEVER_TEXT.search(text)):
            return text
    return None


def _text(data: bytes, encoding: str, errors: str) -> str | None:
    try:
        return data.decode(encoding, errors)
    except (UnicodeError, LookupError):
        return None
