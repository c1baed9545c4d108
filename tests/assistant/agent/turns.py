"""Turns made by hand: a question, what was found for it, and who asks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from assistant.agent.evidence import Evidence, Turn
from assistant.agent.reading import Reading
from assistant.creators.accounts import Creator
from assistant.identity import Caller
from knowledge.documents import Passage
from knowledge.index.ranking import Hit
from knowledge.shelf import EVERYBODY, Found, Shelf

TODAY = date(2026, 11, 23)


def turn(
    question: str = "光合计划给多少流量？",
    passages: Sequence[Passage] = (),
    computed: Sequence[str] = (),
    creator: Creator | None = None,
    found: Found | None = None,
    shelf: Shelf | None = None,
    **reading: Any,
) -> Turn:
    """A turn in which `passages` were found and offered in this order. `reading` overrides what was understood."""
    understood = {"lang": "zh", "intent": "guidance", "confidence": 0.9, "asks": (), "is_claim": False}
    features = {"over": 0.0, "asked": 0.9, "refusing": 0.8}
    return Turn(
        caller=Caller("test", creator.id if creator else None),
        creator=creator,
        question=question,
        day=TODAY,
        today=TODAY,
        reading=Reading(question=question, features=features, **{**understood, **reading}),
        found=found or Found(1, TODAY, frozenset(), hits(passages)),
        shelf=shelf,  # type: ignore[arg-type]  # a turn that quotes nothing needs none
        audience=EVERYBODY,
        evidence=Evidence(passages=list(passages), computed=list(computed)),
    )


def hits(passages: Sequence[Passage]) -> list[Hit]:
    """Hits with falling scores."""
    return [Hit(passage, 2.0 - place, 0.9, 0.9, 0.9, question_of(passage)) for place, passage in enumerate(passages)]


def question_of(passage: Passage) -> str:
    """The first question form of a passage, or its heading."""
    return passage.asked[0] if passage.asked else passage.heading
