"""The tool that looks into the published knowledge."""

from langchain.tools import BaseTool, ToolRuntime, tool

from assistant.agent.evidence import Turn
from assistant.agent.quoting import trusted
from knowledge.documents import Passage

OFFERED = 6


def search_tool() -> BaseTool:
    """`search_guidance` over the release, day and language of the turn."""

    @tool
    def search_guidance(query: str, runtime: ToolRuntime[Turn]) -> str:
        """Find published rules, programs, metric definitions and methods. `query`: a short question in the
        creator's language."""
        turn = runtime.context
        found = turn.look(query, OFFERED)
        return "\n\n".join(numbered(turn, hit.passage) for hit in trusted(found.hits))

    return search_guidance


def numbered(turn: Turn, passage: Passage) -> str:
    """A passage as a model sees it: its number, what it is, its source and days, and its text."""
    source = f"{passage.provenance.source} {passage.provenance.date}".strip()
    marks = [f"source: {source}"] if source else []
    marks += ["NOT PUBLISHED"] if passage.unpublished else []
    if not passage.is_in_force(turn.today):
        marks.append(f"held from {passage.effective_from or '?'} until {passage.expires_on or '?'}, not today")
    return f"[{turn.evidence.number(passage)}] {passage.title} › {passage.heading} ({'; '.join(marks)})\n{passage.text}"
