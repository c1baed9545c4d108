"""Differences between two texts, readable for Chinese: by sentence, and inside a changed sentence by word.

Words are Latin words, numbers with their unit and single Han characters, joined again where they changed together. A
dictionary would cut Han text into longer words; runs of changed characters read as well and need none. Moved
paragraphs are shown as removed here and added there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from knowledge.documents import NewRevision
from knowledge.folding import HAN

Kind = Literal["same", "added", "removed", "changed"]
LIKE = 0.4  # share of equal words from which a sentence counts as changed, not as another one
AHEAD = 12  # sentences in which a changed one is looked for
MOST_SENTENCES = 3000  # of either text; what lies beyond is compared as one piece
MOST_CHARACTERS = 2000  # of a sentence that is compared word by word
# A sentence with the line breaks after it, so that these never look like sentences of their own.
_SENTENCE = re.compile(r"[^。！？!?；\n]*?(?:[。！？!?；]+[”’」』）)]*|\.(?=\s)|\n|\Z)\s*")
_UNIT = (
    r"(?:(?:万亿|[百千]?[万亿]|[百千])?"
    r"(?:[%％]|个?(?:工作日|小时|月|星期)|周岁|分钟|[元粉岁天日号月年条次个名人周秒倍分点期])|万亿|[万亿千百])"
)
_TOKEN = re.compile(
    rf"\d+(?:[.,:]\d+)*(?:\s?{_UNIT})?|[一二两三四五六七八九十百千万亿]{{2,}}{_UNIT}?|[一二两三四五六七八九十万]{_UNIT}"
    rf"|[A-Za-z]+(?:['’-][A-Za-z]+)*|[{HAN}]|\s+|.",
    re.S,
)


@dataclass(frozen=True)
class Span:
    """A stretch of a changed sentence: in both texts (`same`), only in the new (`added`) or the old (`removed`)."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Change:
    """A stretch of text. `spans` are given for a `changed` sentence; `text` is the new one then, `old` the old."""

    kind: Kind
    text: str
    old: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class FieldChange:
    """A field of a document that two revisions give differently, each as text; empty means not given."""

    field: str
    old: str
    new: str


def differences(old: str, new: str) -> list[Change]:
    """The new text from beginning to end, with what was taken out of the old one at its place.

    The `same`, `added` and `changed` texts joined are `new`; the `same`, `removed` texts and the `old` of changed ones
    joined are `old`.
    """
    before, after = _sentences(old), _sentences(new)
    changes: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            changes.append(Change("same", "".join(after[c:d])))
        else:
            changes.extend(_replaced(before[a:b], after[c:d]))
    return changes


def field_changes(old: NewRevision, new: NewRevision) -> list[FieldChange]:
    """The fields beside the body that differ: title, kind, period, source, trust and audience."""
    pairs = zip(_fields(old).items(), _fields(new).values(), strict=True)
    return [FieldChange(field, before, after) for (field, before), after in pairs if before != after]


def _fields(revision: NewRevision) -> dict[str, str]:
    origin = revision.provenance
    return {
        "title": revision.title,
        "kind": revision.kind,
        "effective_from": revision.effective_from.isoformat() if revision.effective_from else "",
        "expires_on": revision.expires_on.isoformat() if revision.expires_on else "",
        "source": origin.source,
        "source_url": origin.url,
        "source_date": origin.date,
        "trust": origin.trust,
        "tier": revision.tier,
        "category": revision.category,
    }


def _sentences(text: str) -> list[str]:
    found = [sentence for sentence in _SENTENCE.findall(text) if sentence]
    return found if len(found) <= MOST_SENTENCES else [*found[:MOST_SENTENCES], "".join(found[MOST_SENTENCES:])]


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Sentences that were replaced by others: each new one beside the old one it is most like, in order."""
    start = 0
    for number, sentence in enumerate(after):
        candidates = range(start, min(start + AHEAD, len(before)))
        likeness, place = max(((_likeness(before[place], sentence), -place) for place in candidates), default=(0.0, 0))
        following = after[number + 1 : number + 4]
        if likeness < LIKE or any(_likeness(before[-place], other) > likeness for other in following):
            yield Change("added", sentence)
            continue
        yield from (Change("removed", gone) for gone in before[start:-place])
        yield Change("changed", sentence, before[-place], tuple(_spans(before[-place], sentence)))
        start = 1 - place
    yield from (Change("removed", gone) for gone in before[start:])


def _likeness(old: str, new: str) -> float:
    if max(len(old), len(new)) > MOST_CHARACTERS:
        return 0.0
    matcher = SequenceMatcher(None, _words(old), _words(new), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= LIKE else 0.0


def _words(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text) if token[0].isalnum()]


def _spans(old: str, new: str) -> Iterator[Span]:
    """One character kept between two changes only breaks the reading, so it changes with them."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    gone, come = "", ""
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(opcodes):
        lost, kept = "".join(before[a:b]), "".join(after[c:d])
        is_inner = 0 < number < len(opcodes) - 1
        if tag == "equal" and not (is_inner and len(kept.strip()) < 2):
            yield from _flushed(gone, come)
            yield Span("same", kept)
            gone, come = "", ""
        else:
            gone, come = gone + lost, come + kept
    yield from _flushed(gone, come)


def _flushed(gone: str, come: str) -> Iterator[Span]:
    if gone:
        yield Span("removed", gone)
    if come:
        yield Span("added", come)
