"""Answers as they are shown to staff: Markdown into harmless markup."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

# What a stranger wrote stays text: no HTML, links, pictures or code blocks, whose first line would become an attribute.
_OFF = ["html_block", "html_inline", "link", "image", "autolink", "reference", "fence", "code"]
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(_OFF)
_MARK = re.compile(r"\[(\d{1,3})\]")


def rendered(text: str, anchor: str = "", known: frozenset[int] = frozenset()) -> Markup:
    """The Markdown of an answer as markup. Marks `[n]` of the passages in `known` lead to the elements
    `ANCHOR-n` of the page."""

    def link(mark: re.Match[str]) -> str:
        number = mark[1]
        return f'<a href="#{anchor}-{number}">[{number}]</a>' if int(number) in known else mark[0]

    return Markup(_MARK.sub(link, _READER.render(text)))
