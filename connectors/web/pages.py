"""The conversation as a page, and in the frame that sites embed; and the files of both."""

import json
from functools import lru_cache, partial
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from assistant.sites.registry import Site
from connectors.web.assets import HERE, NODE_MODULES, Asset, Assets, bodies_in, vendored
from connectors.web.texts import LANGUAGES, Texts

LANGUAGE_COOKIE = "heliotrope_lang"
# What the page uses of others' work, by the name under which it is served.
VENDORED = {
    "vendor/markdown-it.js": "markdown-it/dist/browser/markdown-it.esm.min.mjs",
    "vendor/dompurify.js": "dompurify/dist/purify.min.js",
}


class Pages:
    """The chat page in every language, the frame of every site, and their files.

    Raises Misconfigured when the front-end packages have not been fetched.
    """

    def __init__(self, texts: Texts, node_modules: Path = NODE_MODULES) -> None:
        self.files = Assets(bodies_in(HERE / "static") | vendored(VENDORED, node_modules) | _catalogues(texts))
        self._texts = texts
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.chat = lru_cache(maxsize=len(LANGUAGES))(partial(self._rendered, "chat.html"))
        self.frame = lru_cache(maxsize=256)(self._frame)

    def _frame(self, site: Site, lang: str) -> Asset:
        """The page inside a site's frame."""
        facts = {
            "site": site.id,
            "origins": site.origins,
            "languages": site.languages,
            "accent": site.theme.accent,
            "side": site.theme.side,
        }
        return self._rendered("frame.html", lang, site=site, facts=facts)

    def _rendered(self, template: str, lang: str, **values: object) -> Asset:
        others = {"chat.html": "frame.js", "frame.html": "page.js"}[template]
        page = self._environment.get_template(template).render(
            lang=lang,
            base=f"/static/{self.files.version}",
            modules=[name for name in self.files.names if name.endswith(".js") and name != others],
            t=lambda key, **places: self._texts.text(lang, key, **places),
            **values,
        )
        return Asset("text/html; charset=utf-8", page.encode())


def page_routes(pages: Pages) -> APIRouter:
    """`/` and `/static/`."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def chat(request: Request, lang: str = "") -> Response:
        """The chat page, Chinese unless English was chosen."""
        chosen = lang or request.cookies.get(LANGUAGE_COOKIE, "")
        return pages.chat(chosen if chosen in LANGUAGES else LANGUAGES[0]).response(request, "no-cache")

    @router.api_route("/static/{version}/{name:path}", methods=["GET", "HEAD"])
    async def file(version: str, name: str, request: Request) -> Response:
        """A file of the page."""
        return pages.files.response(request, version, name)

    return router


def _catalogues(texts: Texts) -> dict[str, bytes]:
    return {f"texts.{lang}.json": json.dumps(dict(texts.all(lang)), ensure_ascii=False).encode() for lang in LANGUAGES}
