"""All checks of a candidate release in one call."""

from collections.abc import Iterable, Sequence, Set
from datetime import date

from knowledge.documents import Passage
from knowledge.embeddings import Vectors
from knowledge.gate.contradictions import contradictions
from knowledge.gate.duplicates import near_duplicates
from knowledge.gate.findings import Finding
from knowledge.gate.links import Check, links
from knowledge.gate.neighbours import Telling, near_pairs
from knowledge.gate.periods import Period, gaps, overlaps
from knowledge.gate.references import orphans
from knowledge.gate.sources import unsound_sources


def check_release(
    passages: Sequence[Passage],
    new: Set[int],
    removed: Sequence[Passage],
    vectors: Vectors,
    spans: Sequence[Period],
    today: date,
    check_link: Check | None = None,
) -> list[Finding]:
    """What is wrong in a candidate, blocking findings first.

    `vectors` are the rows of `passages`; `new` are the ids that the served release has not, `removed` the passages
    that it has and the candidate has not. A passage that only moved to a new revision says nothing new: what was
    accepted once is not raised again. Links are looked up only with a `check_link`, and only those of new passages.
    """
    changed = changed_ids(passages, new, removed)
    fresh = [passage for passage in passages if passage.id in changed]
    findings = [*overlaps(spans), *unsound_sources(fresh)]
    if fresh:
        pairs = near_pairs(passages, changed, vectors)
        findings += [*contradictions(pairs, Telling(passages)), *near_duplicates(pairs)]
    kept = {passage.slug for passage in passages}
    findings += orphans(passages, changed, {one.slug: one.title for one in removed if one.slug not in kept})
    findings += gaps(spans, today)
    if check_link is not None:
        findings += links(fresh, check_link)
    return sorted(findings, key=lambda one: not one.blocking)


def changed_ids(passages: Iterable[Passage], new: Set[int], removed: Iterable[Passage]) -> frozenset[int]:
    """The ids among `new` whose passage differs from every removed one: in what it says, for whom, or when."""
    before: dict[tuple[object, ...], list[Passage]] = {}
    for passage in removed:
        before.setdefault(_content(passage), []).append(passage)
    return frozenset(
        passage.id
        for passage in passages
        if passage.id in new and not any(_held_then(passage, old) for old in before.get(_content(passage), ()))
    )


def _content(passage: Passage) -> tuple[object, ...]:
    return (
        passage.slug,
        passage.title,
        passage.heading,
        passage.text,
        passage.provenance,
        passage.audience,
        passage.unpublished,
        passage.rumour,
    )


def _held_then(passage: Passage, old: Passage) -> bool:
    """Whether the period of a passage lies within the old one's."""
    first, last = passage.effective_from, passage.expires_on
    return (old.effective_from is None or (first is not None and first >= old.effective_from)) and (
        old.expires_on is None or (last is not None and last <= old.expires_on)
    )
