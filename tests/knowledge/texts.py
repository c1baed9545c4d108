"""Short ways to write the revisions and passages that tests need."""

from datetime import date
from typing import Any

from knowledge.documents import NewRevision, Passage, Provenance, text_hash
from knowledge.index.making import Progress
from knowledge.library import Checked, Library
from knowledge.reading.markdown import revision_of


def revision(slug: str, body: str, **fields: Any) -> NewRevision:
    """A revision as an author would hand it in: a Chinese guide with a source unless `fields` say otherwise."""
    given = {"slug": slug, "title": slug, "lang": "zh", "kind": "guide", "source": "测试来源", **fields, "body": body}
    return revision_of(given, slug)


def passage(number: int, text: str, **fields: Any) -> Passage:
    """A passage as a release serves it, always in force unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "id": number,
        "slug": f"document-{number}",
        "revision": 1,
        "lang": "zh",
        "kind": "guide",
        "title": "标题",
        "heading": "小标题",
        "text": text,
        "asked": (),
        "unpublished": False,
        "rumour": False,
        "provenance": Provenance("测试来源", "", "2024-09-04", "press"),
        "effective_from": None,
        "expires_on": None,
        "attributes": {},
        "text_hash": text_hash(text),
    }
    return Passage(**{**given, **fields})


def publish(library: Library, waiver: str = "", progress: Progress = lambda step, done, total: None) -> Checked:
    """Check every draft and serve what the gate lets pass; returns what it saw. Raises Conflict for what it stops."""
    checked = library.check("", "editor", progress=progress)
    library.publish(checked.release, "editor", "" if checked.is_green else waiver)
    return checked


def day(text: str) -> date:
    """A day from YYYY-MM-DD."""
    return date.fromisoformat(text)
