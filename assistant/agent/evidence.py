"""What one turn may rest on: the passages that were offered and the numbers that were computed for this caller."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from langchain_core.messages import AIMessage
from pydantic_core.core_schema import CoreSchema, is_instance_schema

from assistant.agent.allowance import Allowance
from assistant.agent.reading import Lang, Reading
from assistant.creators.accounts import Creator
from assistant.creators.charts.chart import Chart
from assistant.creators.figures import Figure, Language
from assistant.identity import Caller
from knowledge.documents import Audience, Passage
from knowledge.shelf import Found, Shelf


@dataclass(frozen=True)
class Proposal:
    """Something to be done that the creator must confirm: which deed (a key of `Actions`), what the button says, and
    what the deed needs to know, as JSON."""

    kind: str
    label: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass
class Evidence:
    """Grows while tools run. Passages are numbered in the order in which they are first offered."""

    passages: list[Passage] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)
    # Texts of the catalogue that were said: reviewed like documents, so their figures stand.
    said: list[str] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    # How to make the charts of what was computed, by name: no sentence waits for them.
    charts: dict[str, Callable[[], Chart]] = field(default_factory=dict)
    # What to say next, where a tool knows it better than the search.
    suggestions: list[str] = field(default_factory=list)
    # What is to be done when the creator presses the button.
    proposals: list[Proposal] = field(default_factory=list)
    topics: dict[str, list[str]] = field(default_factory=dict)  # a computed text → what guidance addresses it

    def number(self, passage: Passage) -> int:
        """The number under which a passage is offered; the same one every time."""
        for number, known in enumerate(self.passages, 1):
            if known.id == passage.id:
                return number
        self.passages.append(passage)
        return len(self.passages)

    def compute(self, text: str, figures: list[Figure], topics: list[str]) -> None:
        """Keep a computed result: its text supports sentences, its figures travel with the reply, its topics find
        guidance."""
        self.computed.append(text)
        self.topics[text] = topics
        self.figures.update({figure.id: figure for figure in figures})

    def propose(self, kind: str, label: str, **payload: Any) -> None:
        """Offer a button: `label` is what it says; nothing happens before the creator presses it."""
        proposal = Proposal(kind, label, payload)
        if proposal not in self.proposals:
            self.proposals.append(proposal)


@dataclass
class Called:
    """How often one model was called in a turn, how many calls of tools it has made, its `first` message while the
    tools that this wants are still to be run, and what it writes, as it comes; None ends it."""

    models: int = 0
    tools: int = 0
    first: AIMessage | None = None
    written: asyncio.Queue[AIMessage | None] = field(default_factory=asyncio.Queue)


@dataclass(frozen=True)
class Turn:
    """One question in its setting. It is the run's context: tools learn from here who asks, never from the model, and
    read the one release that the whole answer rests on."""

    caller: Caller
    creator: Creator | None
    question: str
    day: date
    today: date
    reading: Reading
    found: Found
    shelf: Shelf
    audience: Audience
    evidence: Evidence
    # Nothing may be written: the answer is only looked at, by staff or by a test.
    is_rehearsed: bool = False
    # The questions of a message that asks several things, each a turn on the same evidence; empty for one question.
    parts: "tuple[Turn, ...]" = ()
    # Documents that the thread has shown already, when the question asks for others.
    shown: frozenset[str] = frozenset()
    # What a configured model may take; the extractive one takes nothing.
    allowance: Allowance | None = None
    called: Called = field(default_factory=Called)

    def asked_of_a_model(self) -> "Turn":
        """The same turn for one model: what it calls is counted from the beginning."""
        return replace(self, called=Called())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Tools are described to a model without the turn. Pydantic would look through all its parts nevertheless, for
        each of the tools, which is a third of the time that opening the services takes."""
        return is_instance_schema(cls)

    @property
    def lang(self) -> Lang:
        """The language of the question, which is the language of the answer."""
        return self.reading.lang

    @property
    def text_lang(self) -> Language:
        """The language of catalogue texts and knowledge: Traditional answers are made from Simplified texts."""
        return "en" if self.lang == "en" else "zh"

    @property
    def counted_until(self) -> date:
        """The last day whose numbers an answer may count: a question about next month's rule has none of that month."""
        return min(self.day, self.today)

    def look(self, query: str, count: int) -> Found:
        """What the release of this answer holds about `query`, for the turn's day, language and audience."""
        return self.shelf.search(query, count, self.day, self.text_lang, audience=self.audience)
