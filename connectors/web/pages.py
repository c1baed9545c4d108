"""The chat page and its files."""

import json
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from connectors.web.assets import HERE, NODE_MODULES, Asset, Assets, bodies_in, vendored
from connectors.web.texts import LANGUAGES, Texts

LANGUAGE_COOKIE = "heliotrope_lang"
# What the page uses of others' work, by the name under which it is served.
VENDORED = {
    "vendor/markdown-it.js": "markdown-it/dist/browser/markdown-it.esm.min.mjs",
    "vendor/dompurify.js": "dompurify/dist/purify.min.js",
}


class Pages:
    """The page in every language, and its files."""

    def __init__(self, texts: Texts, node_modules: Path) -> None:
        self.files = Assets(bodies_in(HERE / "static") | vendored(VENDORED, node_modules) | _catalogues(texts))
        self._chat = {lang: self._rendered(lang, texts) for lang in LANGUAGES}

    def chat(self, lang: str) -> Asset:
        """The chat page."""
        return self._chat[lang]

    def _rendered(self, lang: str, texts: Texts) -> Asset:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        page = environment.get_template("chat.html").render(
            lang=lang,
            base=f"/static/{self.files.version}",
            modules=[name for name in self.files.names if name.endswith(".js")],
            t=lambda key, **values: texts.text(lang, key, **values),
        )
        return Asset.of(page.encode(), "text/html; charset=utf-8")


def page_routes(texts: Texts, node_modules: Path = NODE_MODULES) -> APIRouter:
    """`/` and `/static/`. Raises Misconfigured when the front-end packages have not been fetched."""
    router = APIRouter(include_in_schema=False)
    pages = Pages(texts, node_modules)

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
