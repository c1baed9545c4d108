"""Sources: nothing unverified may be presented as a rule, nothing without a source as official."""

from collections.abc import Iterable

from knowledge.documents import Passage
from knowledge.gate.findings import Finding


def unsound_sources(passages: Iterable[Passage]) -> list[Finding]:
    """A blocking finding for every document and fault; `passages` are those that are new in the release."""
    faults: dict[tuple[str, str, str], list[int]] = {}
    for passage in passages:
        for fault in _faults(passage):
            faults.setdefault((passage.slug, *fault), []).append(passage.id)
    return [
        Finding("source", True, slug, f"“{slug}” {english}.", f"“{slug}”{chinese}。", tuple(ids))
        for (slug, english, chinese), ids in faults.items()
    ]


def _faults(passage: Passage) -> Iterable[tuple[str, str]]:
    provenance = passage.provenance
    if passage.kind == "policy" and provenance.trust == "unverified" and not passage.unpublished:
        yield "presents an unverified source as a policy", "把未核实的来源当作规则发布"
    if passage.kind == "policy" and not provenance.source:
        yield "is a policy without a source", "是规则，但没有写来源"
    if passage.kind != "policy" and provenance.trust == "official" and not provenance.source:
        yield "is marked official without a source", "标为官方，但没有写来源"
    if provenance.trust == "official" and passage.rumour:
        yield "marks a rumour as official", "把传言标为官方"
