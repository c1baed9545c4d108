"""The widget's loader in the three forms in which sites take it: a script, a module, and a package for npm."""

import gzip
import hashlib
import io
import tarfile

from fastapi import Request
from starlette.responses import Response

from connectors.web.assets import HERE, Asset

FOLDER = HERE / "loader"
JAVASCRIPT = "text/javascript; charset=utf-8"
PACKED = ("package.json", "mount.js", "mount.d.ts")
KEPT_SECONDS = 3600  # for which a site's visitors keep the loader


class Loaders:
    """Made once. The script runs by itself, the module and the package export `mount`; all are the same code."""

    def __init__(self) -> None:
        mount, start = ((FOLDER / name).read_text("utf-8") for name in ("mount.js", "start.js"))
        plain = mount.replace("export function mount", "function mount")
        self.script = Asset(JAVASCRIPT, f"(() => {{\n{plain}\n{start}}})();\n".encode())
        self.module = Asset(JAVASCRIPT, mount.encode())
        self.package = _package()


def embeddable(asset: Asset, request: Request) -> Response:
    """A file that pages of other origins load; asked for again, it is only sent when it has changed."""
    tag = f'"{hashlib.sha256(asset.body).hexdigest()[:16]}"'
    cache = f"public, max-age={KEPT_SECONDS}"
    if request.headers.get("if-none-match") == tag:
        response = Response(status_code=304, headers={"Cache-Control": cache})
    else:
        response = asset.response(request, cache)
    response.headers["ETag"] = tag
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"  # modules are fetched with CORS; nothing in it is secret
    return response


def packed(package: bytes) -> Response:
    """The package for npm, as `npm install ADDRESS` fetches it."""
    return Response(package, 200, {"Cache-Control": f"public, max-age={KEPT_SECONDS}"}, "application/gzip")


def _package() -> bytes:
    """A tarball as npm packs one, the same bytes on every machine."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name in PACKED:
            body = (FOLDER / name).read_bytes()
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(body), 0o644
            tar.addfile(member, io.BytesIO(body))
    return gzip.compress(written.getvalue(), 9, mtime=0)
