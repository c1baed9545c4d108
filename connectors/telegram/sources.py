"""The sources of an answer, as numbered lines under it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from assistant.agent.answers import Citation
from connectors.telegram.markup import Run, link
from connectors.telegram.texts import Texts


def source_runs(citations: Sequence[Citation], texts: Texts) -> list[Run]:
    """“[1] title · source · date” a line, under a heading; with the period of what is not in force. Perhaps empty."""
    if not citations:
        return []
    titles = Counter(citation.passage.title for citation in citations)
    runs = [Run("\n\n"), Run(texts("sources.heading"), bold=True)]
    for citation in citations:
        passage, provenance = citation.passage, citation.passage.provenance
        title = passage.title
        if titles[title] > 1:
            title = texts("sources.part", title=title, part=passage.heading)
        details = [provenance.source, provenance.date, "" if citation.in_force else _period(citation, texts)]
        after = "".join(f" · {detail}" for detail in details if detail)
        runs += [Run(f"\n[{citation.n}] "), link(title, provenance.url), Run(after)]
    return runs


def _period(citation: Citation, texts: Texts) -> str:
    """When a text held that does not hold on the day that the answer stands for; both days belong to the period."""
    start, expiry = citation.passage.effective_from, citation.passage.expires_on
    last = expiry - timedelta(days=1) if expiry else None
    if start and last:
        return texts("sources.between", start=start, last=last)
    if last:
        return texts("sources.until", last=last)
    return texts("sources.from", start=start) if start else texts("sources.not_in_force")
