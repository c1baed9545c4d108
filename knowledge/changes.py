"""What one release changes against the one before it, document by document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.releases import Span

Kind = Literal["added", "changed", "redated", "removed"]


@dataclass(frozen=True)
class Change:
    """A document that differs. `added` texts are new in it, `removed` ones are gone, `redated` ones hold for another
    period; the kind is the strongest of these."""

    slug: str
    kind: Kind
    added: tuple[Span, ...]
    removed: tuple[Span, ...]
    redated: tuple[tuple[Span, Span], ...]  # before, after


def changes(before: Sequence[Span], after: Sequence[Span]) -> list[Change]:
    """The documents that differ between two releases, in the order of their slugs."""
    old = {(span.slug, span.revision): span for span in before}
    new = {(span.slug, span.revision): span for span in after}
    known = {span.slug for span in before}
    kept = {span.slug for span in after}
    found = []
    for slug in sorted({slug for slug, _ in old.keys() ^ new.keys()} | _redated(old, new)):
        added = tuple(span for key, span in new.items() if span.slug == slug and key not in old)
        removed = tuple(span for key, span in old.items() if span.slug == slug and key not in new)
        redated = tuple(
            (old[key], span)
            for key, span in new.items()
            if span.slug == slug and key in old and _period(old[key]) != _period(span)
        )
        kind: Kind = "redated"
        if slug not in known:
            kind = "added"
        elif slug not in kept:
            kind = "removed"
        elif added or removed:
            kind = "changed"
        found.append(Change(slug, kind, added, removed, redated))
    return found


def _redated(old: dict[tuple[str, int], Span], new: dict[tuple[str, int], Span]) -> set[str]:
    return {key[0] for key in old.keys() & new.keys() if _period(old[key]) != _period(new[key])}


def _period(span: Span) -> tuple[object, object]:
    return span.effective_from, span.expires_on
