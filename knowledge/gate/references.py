"""References from one document to another: what a text points to must be in the release."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from knowledge.documents import Passage
from knowledge.folding import fold
from knowledge.gate.findings import Finding

_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?[^)\n]*\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#|\?", re.I)  # https:, mailto:, a path of the site, a place on the page
_TITLED = re.compile(r"《([^》\n]+)》")


def orphans(passages: Sequence[Passage], changed: Set[int], removed: Mapping[str, str]) -> list[Finding]:
    """Relative links `[…](slug)` to documents that are not in the release block; a mention of 《title》 is remarked on
    when the document of that title was removed.

    `passages` are all of the release. Looked at are the links of those whose ids are in `changed`, and whatever points
    to a document removed in this candidate (`removed`: slug → title).
    """
    slugs = {passage.slug for passage in passages}
    kept = {fold(passage.title) for passage in passages} if removed else set()
    titles = {fold(title): slug for slug, title in removed.items() if fold(title) not in kept}
    linked: dict[tuple[str, str], list[int]] = defaultdict(list)
    mentioned: dict[tuple[str, str], list[int]] = defaultdict(list)
    for passage in passages:
        if "](" in passage.text:
            for target in links_to_documents(passage.text):
                if target not in slugs and (passage.id in changed or target in removed):
                    linked[passage.slug, target].append(passage.id)
        if titles and "《" in passage.text:
            for title in _TITLED.findall(passage.text):
                if fold(title) in titles:
                    mentioned[passage.slug, titles[fold(title)]].append(passage.id)
    found = [
        Finding(
            "reference",
            True,
            slug,
            f"“{slug}” links to “{target}”, which is not in this release.",
            f"“{slug}”链接到“{target}”，但本次发布中没有这个文档。",
            tuple(ids),
            {"target": target},
        )
        for (slug, target), ids in linked.items()
    ]
    found += [
        Finding(
            "reference",
            False,
            slug,
            f"“{slug}” mentions 《{removed[target]}》, which is being removed.",
            f"“{slug}”提到《{removed[target]}》，而它将在本次发布中移除。",
            tuple(ids),
            {"target": target},
        )
        for (slug, target), ids in mentioned.items()
    ]
    return found


def links_to_documents(text: str) -> list[str]:
    """The slugs that the relative links of a Markdown text point to: `slug`, `./slug.md`, `slug#heading`."""
    found = []
    for target in _LINK.findall(text):
        if not _ELSEWHERE.match(target):
            slug = re.split(r"[#?@]", target.removeprefix("./"))[0].removesuffix(".md").lower()
            if slug and "/" not in slug:
                found.append(slug)
    return found
