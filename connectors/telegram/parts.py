"""What is to be said, and the messages it goes out as: texts and pictures with buttons, kept as JSON in the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from telegram import InlineKeyboardMarkup

from assistant.creators.charts.chart import Chart
from connectors.telegram.buttons import Button, Rows, Seal, keyboard
from connectors.telegram.markup import Run, as_html, as_plain, clipped, runs_of, split

# Telegram allows 1,024; what is over says so by its last character.
CAPTION_LIMIT = 1020


@dataclass(frozen=True)
class Outgoing:
    """An answer: its text, the charts that follow it, and the buttons under the last message. `picture` is a kept one
    by its hash (see `programs.campaigns.images`), shown above the text."""

    runs: Sequence[Run]
    charts: Sequence[Chart] = ()
    buttons: Rows = ()
    picture: str = ""

    @classmethod
    def of(cls, markdown: str, buttons: Rows = ()) -> Self:
        """An answer whose text is Markdown."""
        return cls(runs_of(markdown), (), buttons)


@dataclass(frozen=True)
class Part:
    """One message, within Telegram's limits: a text, or a picture (of `chart`, or a kept one) with it as caption."""

    html: str
    plain: str
    buttons: Rows = ()
    chart: Chart | None = None
    picture: str = ""

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        """The buttons as Telegram takes them."""
        return keyboard(self.buttons)

    def as_dict(self) -> dict[str, Any]:
        """The part as plain JSON."""
        rows = [[[one.label, one.data, one.url] for one in row] for row in self.buttons]
        chart = {"told": self.chart.as_dict(), "spec": self.chart.spec} if self.chart else None
        return {"html": self.html, "plain": self.plain, "buttons": rows, "chart": chart, "picture": self.picture}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """The part that `as_dict` was made from."""
        rows = tuple(tuple(Button(*one) for one in row) for row in kept["buttons"])
        chart = Chart.of(kept["chart"]["told"], kept["chart"]["spec"]) if kept["chart"] else None
        return cls(kept["html"], kept["plain"], rows, chart, kept.get("picture", ""))


def parts_of(outgoing: Outgoing, seal: Seal, chat: int) -> list[Part]:
    """The messages of an answer in their order: its text, cut where paragraphs end, then each chart with its words."""
    parts = _below(outgoing.picture, outgoing.runs) if outgoing.picture else _texts(outgoing.runs)
    for chart in outgoing.charts:
        caption = _caption(chart)
        parts.append(Part(as_html(caption), as_plain(caption), (), chart))
    if parts and outgoing.buttons:
        parts[-1] = replace(parts[-1], buttons=sealed_rows(outgoing.buttons, seal, chat))
    return parts


def _texts(runs: Sequence[Run]) -> list[Part]:
    return [Part(as_html(message), as_plain(message)) for message in split(runs)]


def _below(picture: str, runs: Sequence[Run]) -> list[Part]:
    """A picture with its text: the whole of it as the caption where that fits, else the title, and the rest below."""
    caption = clipped(runs, CAPTION_LIMIT)
    if caption != list(runs):
        caption = clipped(runs[:1], CAPTION_LIMIT)
    rest = _texts(runs[1:]) if len(caption) < len(runs) else []
    return [Part(as_html(caption), as_plain(caption), picture=picture), *rest]


def sealed_rows(rows: Rows, seal: Seal, chat: int) -> Rows:
    """The buttons with their data signed for this chat."""
    return tuple(
        tuple(Button(one.label, seal.sealed(chat, one.data) if one.data else "", one.url) for one in row)
        for row in rows
    )


def _caption(chart: Chart) -> list[Run]:
    """The chart's title and what a sighted reader takes from it, which is its alternative text."""
    told = chart.alt.removeprefix(chart.title).lstrip(" ：:。.—-\n") if chart.alt.startswith(chart.title) else chart.alt
    return clipped([Run(chart.title, bold=True), *([Run(f"\n{told}")] if told else [])], CAPTION_LIMIT)
