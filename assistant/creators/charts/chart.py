"""What a chart is: one Vega-Lite specification, with its words for those who do not see it."""

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
        """The chart as JSON, without a picture of it."""
        return {"id": self.id, "title": self.title, "alt": self.alt, "table": self.table.as_dict(), "spec": self.spec}
