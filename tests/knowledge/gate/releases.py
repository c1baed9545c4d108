"""Releases as values: the starter articles with their stored vectors, and small ones made up by a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.documents import Audience, NewRevision, Passage, Provenance, text_hash
from knowledge.embeddings import Embedder, Vectors
from knowledge.folding import simplify
from knowledge.gate.contradictions import contradictions
from knowledge.gate.findings import Finding
from knowledge.gate.neighbours import Telling, near_pairs
from knowledge.reading.markdown import read_markdown
from tests.fakes import HashEmbedder
from tests.knowledge.texts import passage

STARTER = Path(__file__).parents[3] / "knowledge" / "starter"


@dataclass(frozen=True)
class Served:
    """A revision's place in a release, as `knowledge.releases` gives it."""

    slug: str
    revision: int = 1
    effective_from: date | None = None
    expires_on: date | None = None
    is_new: bool = True


def starter_passages() -> list[Passage]:
    """Every passage of the starter articles, periods closed as a release closes them."""
    documents: dict[str, list[NewRevision]] = {}
    for path in sorted(STARTER.rglob("*.md")):
        revision = read_markdown(path.read_text("utf-8"), path.name)
        documents.setdefault(revision.slug, []).append(revision)
    found: list[Passage] = []
    for slug, revisions in documents.items():
        revisions.sort(key=lambda revision: revision.effective_from or date.min)
        ends = [later.effective_from for _, later in pairwise(revisions)] + [None]
        for number, (revision, end) in enumerate(zip(revisions, ends, strict=True), 1):
            for section in revision.sections:
                fields = {
                    "slug": slug, "revision": number, "lang": revision.lang, "kind": revision.kind,
                    "title": revision.title, "heading": section.heading, "unpublished": section.unpublished,
                    "rumour": section.rumour, "provenance": section.provenance,
                    "effective_from": revision.effective_from, "expires_on": end or revision.expires_on,
                }  # fmt: skip
                found.append(passage(len(found) + 1, section.text, **fields))
    return found


def starter_vectors(passages: Sequence[Passage], embedder: Embedder) -> Vectors:
    """A row for every passage: as stored with the starter articles, else embedded now."""
    with np.load(STARTER / "vectors.npz") as file:
        rows = dict(zip((key.decode() for key in file["hashes"]), file["vectors"].astype(np.float32), strict=True))
    keys = [text_hash(f"passage: {simplify(one.embedded_text)}") for one in passages]
    missing = {key: simplify(one.embedded_text) for key, one in zip(keys, passages, strict=True) if key not in rows}
    if missing:
        rows.update(zip(missing, embedder.embed(list(missing.values()), "passage"), strict=True))
    return np.asarray([rows[key] for key in keys], dtype=np.float32)


def written(number: int, slug: str, lang: str, fields: Mapping[str, Any]) -> Passage:
    """The passage that a row of `contradictions.jsonl` describes."""
    given = dict(fields)
    for name in ("effective_from", "expires_on"):
        given[name] = date.fromisoformat(given[name]) if given.get(name) else None
    audience = Audience(given.pop("tier", ""), given.pop("category", ""))
    provenance = Provenance("平台规则", "", "2026-01", given.pop("trust", "official"))
    text = given.pop("text")
    return passage(number, text, slug=slug, lang=lang, audience=audience, provenance=provenance, **given)


def clashes(*passages: Passage, new: Sequence[int] = ()) -> list[Finding]:
    """The contradictions among a few passages, all of them new unless `new` names their ids."""
    vectors = HashEmbedder().embed([one.embedded_text for one in passages], "passage")
    pairs = near_pairs(passages, set(new) or {one.id for one in passages}, vectors)
    return contradictions(pairs, Telling(passages))
