"""From the Markdown of an answer to messages that Telegram takes: styled runs, cut to size, written as HTML or plain.

A message is a list of runs. Markup is written only after the cut, so every message is well formed by itself.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

# Telegram counts UTF-16 units and allows 4,096. It counts what is rendered; a Bot API server of another make may count
# the markup too, and the markup is never shorter than what is rendered: it is the markup that is kept under the limit.
LIMIT = 4095
MOST_OF_AN_ADDRESS = 1000
ELLIPSIS = "…"

_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!!)\[(?P<label>[^\[\]\n]+)\]\((?P<url>https?://[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)"
    r"|\\(?P<escaped>[\\`*_{}\[\]()#+\-.!>|~])"
)
_SIGN = re.compile(r"[\\`*_{}\[\]()#+\-.!>|~]")
_HEADING = re.compile(r"#{1,6}\s+(?P<text>.+?)\s*#*$")
_BULLET = re.compile(r"(?P<indent>\s*)[-*+]\s+(?P<text>.*)$")
_SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』）)\]]*|\.[”’)\]]*(?=\s)")


@dataclass(frozen=True)
class Run:
    """A stretch of visible text in one style. `url` is an http(s) address or empty."""

    text: str
    bold: bool = False
    code: bool = False
    url: str = ""

    @property
    def tags(self) -> tuple[str, str]:
        """What opens and what closes this run in Telegram's HTML."""
        opening, closing = "", ""
        for wanted, start, end in (
            (self.url, f'<a href="{html.escape(self.url)}">', "</a>"),
            (self.bold, "<b>", "</b>"),
            (self.code, "<code>", "</code>"),
        ):
            if wanted:
                opening, closing = opening + start, end + closing
        return opening, closing


def link(text: str, url: str | None) -> Run:
    """A run that leads to `url`, or a plain one when that is not an http(s) address of ordinary length."""
    fits = url is not None and len(url) <= MOST_OF_AN_ADDRESS and re.fullmatch(r"https?://[^\s<>\"]+", url)
    return Run(text, url=url if fits and url else "")


def runs_of(markdown: str) -> list[Run]:
    """The runs of a Markdown text: bold, code, links, headings (bold) and bullets (•). All else is taken literally.

    A list is set off from what follows it: without a blank line that would look like a part of the last bullet.
    """
    runs: list[Run] = []
    in_list = False
    for number, line in enumerate(markdown.strip().split("\n")):
        bullet = _BULLET.match(line)
        if number:
            runs.append(Run("\n\n" if in_list and line.strip() and not bullet else "\n"))
        in_list = bullet is not None
        if bullet:
            runs += [Run("\u00a0" * len(bullet["indent"]) + "• "), *_inline(bullet["text"])]
        elif heading := _HEADING.match(line):
            runs += [replace(run, bold=True) for run in _inline(heading["text"])]
        else:
            runs += _inline(line)
    return runs


def literal(text: str) -> str:
    """Somebody's own text, such as a file's name, for a place in Markdown: one line, and nothing in it is markup."""
    return _SIGN.sub(r"\\\g<0>", " ".join(text.split()))


def split(runs: Sequence[Run], limit: int = LIMIT) -> list[list[Run]]:
    """Messages of at most `limit` UTF-16 units of markup, cut at the last paragraph that fits, else line, sentence.

    Only a sentence longer than a whole message is cut inside. White space at a cut is dropped; nothing else is.
    """
    messages: list[list[Run]] = []
    rest = _trimmed(runs)
    while rest:
        fitting = _fitting(rest, limit)
        if fitting >= sum(len(run.text) for run in rest):
            messages.append(rest)
            break
        head, tail = _cut(rest, _border("".join(run.text for run in rest), fitting))
        messages.append(_trimmed(head))
        rest = _trimmed(tail)
    return [message for message in messages if message]


def clipped(runs: Sequence[Run], limit: int) -> list[Run]:
    """As much of the runs as fits into `limit` units of markup; what had to be left out shows as an ellipsis."""
    fitting = _fitting(runs, limit)
    if fitting >= sum(len(run.text) for run in runs):
        return list(runs)
    return [*_cut(runs, fitting - len(ELLIPSIS))[0], Run(ELLIPSIS)]


def as_html(message: Sequence[Run]) -> str:
    """The message in Telegram's HTML; every character of the text is escaped."""
    return "".join(f"{run.tags[0]}{html.escape(run.text, quote=False)}{run.tags[1]}" for run in message)


def as_plain(message: Sequence[Run]) -> str:
    """The message without markup; a link keeps its address in brackets. Never longer than the HTML."""
    return "".join(f"{run.text} ({run.url})" if run.url else run.text for run in message)


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _inline(line: str, bold: bool = False) -> list[Run]:
    runs, at = [], 0
    for found in _INLINE.finditer(line):
        if found.start() > at:
            runs.append(Run(line[at : found.start()], bold))
        at = found.end()
        if found["bold"]:
            runs += _inline(found["bold"], bold=True)
        elif found["code"]:
            runs.append(Run(found["code"], bold, code=True))
        elif found["label"]:
            runs.append(replace(link(found["label"], found["url"]), bold=bold))
        else:
            runs.append(Run(found["escaped"], bold))
    if at < len(line):
        runs.append(Run(line[at:], bold))
    return runs


def _fitting(runs: Sequence[Run], limit: int) -> int:
    """How many characters from the start can be written within `limit` units of markup; at least one."""
    used = taken = 0
    for run in runs:
        used += units("".join(run.tags))
        for character in run.text:
            used += units(html.escape(character, quote=False))
            if used > limit:
                return max(taken, 1)
            taken += 1
    return taken


def _border(text: str, most: int) -> int:
    """Where to cut `text` so that no more than `most` characters come before the cut."""
    for mark in ("\n\n", "\n"):
        # `most + len(mark)`: a break that begins just behind what fits costs nothing, since it is dropped.
        at = text.rfind(mark, 1, most + len(mark))
        if at > 0:
            return at
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, most + 1) if found.end() <= most]
    return ends[-1] if ends else most


def _cut(runs: Sequence[Run], at: int) -> tuple[list[Run], list[Run]]:
    head: list[Run] = []
    for index, run in enumerate(runs):
        if at < len(run.text):
            tail = [replace(run, text=run.text[at:]), *runs[index + 1 :]]
            return ([*head, replace(run, text=run.text[:at])] if at else head), tail
        head.append(run)
        at -= len(run.text)
    return head, []


def _trimmed(runs: Sequence[Run]) -> list[Run]:
    """The runs without white space at either end and without empty ones."""
    kept = [run for run in runs if run.text]
    while kept and (text := kept[0].text.lstrip()) != kept[0].text:
        kept[:1] = [replace(kept[0], text=text)] if text else []
    while kept and (text := kept[-1].text.rstrip()) != kept[-1].text:
        kept[-1:] = [replace(kept[-1], text=text)] if text else []
    return kept
