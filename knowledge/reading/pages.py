"""HTML, PDF and DOCX as Markdown. Only the worker process comes here: what is opened may be hostile."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from knowledge.reading.encodings import decoded
from knowledge.reading.kinds import HTML, Unreadable
from knowledge.reading.papers import paper_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_FURNITURE = ["nav", "aside", "footer", "form", "script", "style", "template", "noscript", "iframe", "svg", "object"]
_PUBLISHED = {  # the names under which pages state their day: Open Graph, schema.org, Dublin Core, Chinese authorities
    "article:published_time", "og:release_date", "datepublished", "publishdate", "pubdate", "publish_date", "date",
    "dc.date", "dc.date.issued", "dcterms.issued",
}
_DAY = re.compile(r"\s*(20\d{2}|19\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")
_JSON_DAY = re.compile(r'"datePublished"\s{0,9}:\s{0,9}"([^"]{8,40})"')
_PICTURE = re.compile(r"!\[([^\]\n]{0,500})\]\([^()\n]{0,5000}\)")
_LOCAL_LINK = re.compile(r"\[([^\]\n]{0,500})\]\((?!https?://)[^()\n]{0,5000}\)")


@dataclass(frozen=True)
class Page:
    """What a page or paper says. `published` is the day it states, YYYY-MM-DD, or empty."""

    title: str
    markdown: str
    published: str = ""


def page_of(suffix: str, data: bytes, charset: str = "") -> Page:
    """The page in HTML (`charset` is what its server called it), PDF or DOCX. Raises Unreadable, or anything else that
    a parser raises at a damaged file."""
    import mammoth  # noqa: F401  # missing, markitdown would say so in a way that looks like a damaged file
    from markitdown import StreamInfo
    from markitdown.converters import DocxConverter, HtmlConverter

    if suffix == ".pdf":
        if b"%%EOF" not in data[-2048:]:
            raise Unreadable("is cut off: its end is missing; download it again")
        return Page("", _with_words(paper_of(data)))
    options: dict[str, Any] = {"strict": True, "table_infer_header": True}
    published = ""
    if suffix in HTML:
        soup = _soup(data, charset)
        published = _published(soup)
        result = HtmlConverter().convert_string(str(_main(soup)), **options)
    else:
        result = DocxConverter().convert(BytesIO(data), StreamInfo(), **options)
    # Of a picture only its description is text, of a link inside its site only its words.
    text = _LOCAL_LINK.sub(r"\1", _PICTURE.sub(r"\1", result.markdown))
    return Page((result.title or "")[:1_000], _with_words(text), published)


def _with_words(text: str) -> str:
    if not re.search(r"\w", text):
        raise Unreadable("is blank or only pictures: no text can be read from it; run text recognition on it first")
    return text


def _soup(data: bytes, charset: str) -> "BeautifulSoup":
    from bs4 import BeautifulSoup

    declared = re.search(rb"charset=[\"' ]*([\w-]+)", data[:4096])
    text = decoded(data, charset, declared[1].decode() if declared else "")
    if text is None:
        raise Unreadable("is not text in UTF-8 or GB18030; save it again in UTF-8")
    # Parsers stop at NUL. lxml closes the <li> and <p> that a page leaves open; markitdown's own parser nests them.
    return BeautifulSoup(re.sub(r"[\x00\ud800-\udfff]", "", text), "lxml")


def _main(soup: "BeautifulSoup") -> "BeautifulSoup":
    """The page without what stands around its text, and only its main part when it names one."""
    for element in soup(_FURNITURE):
        element.decompose()
    articles = soup("main") or soup("article")
    if len(articles) == 1 and soup.body and articles[0].get_text(strip=True):
        text = articles[0].extract()
        soup.body.clear()
        soup.body.append(text)
    return soup


def _published(soup: "BeautifulSoup") -> str:
    stated = [
        str(meta.get("content"))
        for meta in soup("meta")
        if str(meta.get("property") or meta.get("name") or meta.get("itemprop")).lower() in _PUBLISHED
    ]
    stated += [match[1] for script in soup("script") if (match := _JSON_DAY.search(script.get_text()))]
    stated += [str(time.get("datetime")) for time in soup("time")[:1]]
    match = next(filter(None, map(_DAY.match, stated)), None)
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else ""
