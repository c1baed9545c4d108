"""What an answer is made of: citations, figures and the Reply that every connector shows in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from assistant.creators.charts.chart import Chart
from assistant.creators.figures import Figure
from knowledge.documents import Passage

Basis = Literal["policy", "guidance", "data", "note"]


@dataclass(frozen=True)
class Citation:
    """A numbered source of an answer. `in_force` tells whether the text holds on the day that the answer stands for."""

    n: int
    passage: Passage
    in_force: bool

    @property
    def basis(self) -> Basis:
        """Whether the passage states what holds (policy) or advises (guidance)."""
        return "guidance" if self.passage.kind in ("guide", "template", "topic") else "policy"

    def as_dict(self) -> dict[str, Any]:
        """The JSON of the stable interface; days as YYYY-MM-DD or null."""
        passage = self.passage
        return {
            "n": self.n,
            "document": passage.slug,
            "revision": passage.revision,
            "title": passage.title,
            "heading": passage.heading,
            "source": passage.provenance.source,
            "source_date": passage.provenance.date or None,
            "trust": passage.provenance.trust,
            "effective_from": _iso(passage.effective_from),
            "expires_on": _iso(passage.expires_on),
            "in_force": self.in_force,
            "basis": self.basis,
            "quote": passage.text,
            "url": passage.provenance.url or None,
            "passage": passage.text_hash,
        }


@dataclass(frozen=True)
class Action:
    """A button of an answer: whoever the answer is for may have it done once (see `assistant.agent.actions`). The
    `payload` says to the deed what is meant; it is shown to nobody."""

    id: str
    kind: str
    label: str
    payload: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, str]:
        """The JSON of the stable interface."""
        return {"id": self.id, "label": self.label, "kind": self.kind}


@dataclass(frozen=True)
class Reply:
    """A finished answer. `text` is Markdown with `[n]` marks that point into `citations`."""

    text: str
    grounded: bool
    refused: bool
    citations: Sequence[Citation]
    figures: Sequence[Figure]
    charts: Sequence[Chart]
    suggestions: Sequence[str]
    release: int | None
    model: str
    thread: str
    answer_id: str
    lang: str
    timings_ms: dict[str, float] = field(default_factory=dict)
    # Calls and tokens of a configured model (see `assistant.agent.usage`); empty without one.
    usage: dict[str, Any] = field(default_factory=dict)
    actions: Sequence[Action] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON of the stable interface."""
        return {
            "text": self.text,
            "grounded": self.grounded,
            "refused": self.refused,
            "citations": [citation.as_dict() for citation in self.citations],
            "figures": [figure.as_dict() for figure in self.figures],
            "charts": [self._shown(number, chart) for number, chart in enumerate(self.charts, 1)],
            "suggestions": list(self.suggestions),
            "actions": [action.as_dict() for action in self.actions],
            "release": self.release,
            "model": self.model,
            "thread": self.thread,
            "answer_id": self.answer_id,
            "lang": self.lang,
            "timings_ms": self.timings_ms,
            "usage": self.usage,
        }

    def _shown(self, number: int, chart: Chart) -> dict[str, Any]:
        """What a chart says, and the addresses of the HTTP API at which its owner sees it drawn."""
        address = f"/api/v1/answers/{self.answer_id}/charts/{number}"
        pictures = {form: f"{address}.{form}" for form in ("svg", "png")}
        return {**chart.as_dict(), **pictures}


@dataclass(frozen=True)
class Event:
    """One step of a streamed answer.

    kinds: `status` {"text"} while working; `sentence` {"text","basis"} to append, line breaks included; `restart`
    {} when
    what was shown is void and the answer begins anew; `citation`, `figure`, `chart`, `action`, `suggestion` with their
    JSON; `done` with the whole Reply, always last; only then `reply` is set.
    """

    kind: Literal["status", "sentence", "restart", "citation", "figure", "chart", "action", "suggestion", "done"]
    data: dict[str, Any]
    reply: Reply | None = None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
