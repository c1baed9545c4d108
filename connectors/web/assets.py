"""Files as browsers get them: read once at start, compressed once when they are first asked for, served from memory."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import Request
from starlette.responses import Response

from assistant.errors import Misconfigured
from connectors.web.problems import Refusal

HERE = Path(__file__).parent
NODE_MODULES = HERE.parent.parent / "node_modules"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent, plain and compressed."""

    media_type: str
    body: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The compressed form: the same on every machine and every day."""
        return gzip.compress(self.body, 9, mtime=0)

    def response(self, request: Request, cache: str) -> Response:
        """The answer that carries it, compressed for those who can read that."""
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.compressed, 200, headers, self.media_type)
        return Response(self.body, 200, headers, self.media_type)


class Assets:
    """The files of one area under addresses that name their content.

    `version` is a hash of all files together and part of every file's address, so that modules that import each other
    by relative address always come from one version, and browsers may keep them for ever.
    """

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._files = {name: Asset(MEDIA_TYPES[Path(name).suffix], body) for name, body in bodies.items()}
        self.names = sorted(bodies)
        self.version = _hash(bodies)

    def response(self, request: Request, version: str, name: str) -> Response:
        """A file; a page older than this process gets the present one, not to be kept. Refusal 404 for no file."""
        asset = self._files.get(name)
        if asset is None:
            raise Refusal(404, "problem.no_page")
        return asset.response(request, "public, max-age=31536000, immutable" if version == self.version else "no-cache")


def bodies_in(folder: Path) -> dict[str, bytes]:
    """The files directly in `folder`, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in MEDIA_TYPES}


def vendored(sources: Mapping[str, str], node_modules: Path) -> dict[str, bytes]:
    """Files of others' packages by the name under which they are served. Raises Misconfigured before `make setup`."""
    paths = {name: node_modules / source for name, source in sources.items()}
    if not all(path.is_file() for path in paths.values()):
        raise Misconfigured("The front-end packages are missing; run `make setup`.")
    return {name: path.read_bytes() for name, path in paths.items()}


def _hash(bodies: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(bodies):
        digest.update(f"{name}\0{len(bodies[name])}\0".encode() + bodies[name])
    return digest.hexdigest()[:12]
