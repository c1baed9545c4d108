"""What a chart is: one Vega-Lite specification, with its words for those who do not see it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# The width, in CSS pixels, that every chart is drawn for: a phone's 390 less the margins of a chat.
PHONE_WIDTH = 358


@dataclass(frozen=True)
class Table:
    """What a chart shows, as written text: a line of headings and rows of as many cells."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """The table as JSON."""
        return {"headings": list(self.headings), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Chart:
    """One picture in one language.

    `alt` tells in a few sentences what a sighted reader takes from it; `table` holds every number in it. `spec` is
    Vega-Lite and names no colour: marks carry style names that `themes` gives colours to, so light and dark are drawn
    from the same specification.
    """

    id: str
    title: str
    alt: str
    table: Table
    spec: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """What the chart says, as JSON; the specification is kept apart, where pictures are drawn."""
        return {"id": self.id, "title": self.title, "alt": self.alt, "table": self.table.as_dict()}

    def reworded(self, wording: Callable[[str], str]) -> "Chart":
        """The same chart with every word in it passed through `wording`, such as from one script to another."""
        spec = json.loads(wording(json.dumps(self.spec, ensure_ascii=False)))
        told = json.loads(wording(json.dumps(self.as_dict(), ensure_ascii=False)))
        return Chart.of({**told, "id": self.id}, spec)

    @classmethod
    def of(cls, told: Mapping[str, Any], spec: dict[str, Any]) -> "Chart":
        """The chart whose `as_dict` is `told`, whatever else stands there."""
        rows = tuple(tuple(row) for row in told["table"]["rows"])
        table = Table(tuple(told["table"]["headings"]), rows)
        return cls(told["id"], told["title"], told["alt"], table, spec)
