"""The chat page and its files: read and compressed once at start, then served from memory."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from assistant.errors import Misconfigured
from connectors.web.problems import Refusal
from connectors.web.texts import LANGUAGES, Texts

HERE = Path(__file__).parent
NODE_MODULES = HERE.parent.parent / "node_modules"
LANGUAGE_COOKIE = "heliotrope_lang"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
# What the page uses of others' work, by the name under which it is served.
VENDORED = {
    "vendor/markdown-it.js": "markdown-it/dist/browser/markdown-it.esm.min.mjs",
    "vendor/dompurify.js": "dompurify/dist/purify.min.js",
}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent, plain and compressed."""

    media_type: str
    body: bytes
    compressed: bytes

    @classmethod
    def of(cls, body: bytes, media_type: str) -> "Asset":
        """The asset of a file's content; the compressed form is the same on every machine and every day."""
        return cls(media_type, body, gzip.compress(body, 9, mtime=0))

    def response(self, request: Request, cache: str) -> Response:
        """The answer that carries it, compressed for those who can read that."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.compressed, 200, headers, self.media_type)
        return Response(self.body, 200, headers, self.media_type)


class Pages:
    """The page in every language, and its files under an address that names their content.

    `version` is a hash of all files together and part of every file's address, so that modules that import each other
    by relative address always come from one version, and browsers may keep them for ever.
    """

    def __init__(self, texts: Texts, node_modules: Path) -> None:
        bodies = _files(texts, node_modules)
        self.files = {name: Asset.of(body, MEDIA_TYPES[Path(name).suffix]) for name, body in bodies.items()}
        self.version = _hash(bodies)
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
            base=f"/static/{self.version}",
            modules=sorted(name for name in self.files if name.endswith(".js")),
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
        """A file of the page; a page older than this process gets the present file, not to be kept."""
        asset = pages.files.get(name)
        if asset is None:
            raise Refusal(404, "problem.no_page")
        current = version == pages.version
        return asset.response(request, "public, max-age=31536000, immutable" if current else "no-cache")

    return router


def _files(texts: Texts, node_modules: Path) -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir()) if path.suffix in MEDIA_TYPES}
    for name, source in VENDORED.items():
        path = node_modules / source
        if not path.is_file():
            raise Misconfigured("The front-end packages are missing; run `make setup`.")
        files[name] = path.read_bytes()
    for lang in LANGUAGES:
        files[f"texts.{lang}.json"] = json.dumps(dict(texts.all(lang)), ensure_ascii=False).encode()
    return files


def _hash(bodies: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(bodies):
        digest.update(f"{name}\0{len(bodies[name])}\0".encode() + bodies[name])
    return digest.hexdigest()[:12]
