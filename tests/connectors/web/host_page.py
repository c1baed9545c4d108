"""A site of somebody else's that embeds the widget: its page and its server, on an origin of its own."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt

# The page is as strict as pages come: no inline style, no inline script, one other origin.
POLICY = "default-src 'none'; script-src 'self' {guide}; frame-src {guide}; style-src 'self'; connect-src 'self'"
PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>某某商城</title>
<link rel="stylesheet" href="/page.css">
<script src="/options.js"></script>
<script async src="{guide}/widget.js" data-site="shop"{attributes}></script></head>
<body><header><b>某某商城</b><a href="/">创作者中心</a></header>
<main><h1>创作者中心</h1><p>这里是网站自己的内容。右下角可以随时问创作引导助手。</p>
<input id="own" aria-label="搜索" placeholder="搜索"><div id="place"></div></main></body>
</html>"""
STYLE = """body { margin: 0; font: 16px/1.7 "Noto Sans SC", sans-serif; color: #223; background: #f6f8fb; }
header { display: flex; justify-content: space-between; padding: 14px 24px; background: #fff; }
main { max-width: 720px; margin: 32px auto; padding: 0 24px; } #place { height: 560px; margin-top: 24px; }
@media (prefers-color-scheme: dark) { body { background: #12161d; color: #dde; } header { background: #1b212b; } }"""
# As the documentation tells sites to do it: the page brings a fresh token whenever it is asked for one.
OPTIONS = """const who = new URLSearchParams(location.search).get("who");
window.told = [];
window.heliotropeOptions = { identify: who && (async () => (await fetch("/identity?who=" + who)).text()) };
document.addEventListener("heliotrope", ({ detail: guide }) => {
  for (const name of ["ready", "open", "close", "identified", "refused", "asked", "answered"])
    guide.on(name, (detail) => window.told.push([name, detail]));
});
"""
ATTRIBUTES = ("theme", "accent", "side", "lang", "mode")  # of the widget's line, taken from the page's address


@dataclass
class HostSite:
    """What the site's server knows: Heliotrope's address, its key, and how it signs."""

    address: str
    guide: str = ""
    key: tuple[str, str] = ("", "")
    seconds: int = 600
    signed: list[str] = field(default_factory=list)
    replays: bool = False

    def identity(self, creator: str) -> str:
        """A token for one of the site's creators; the last one again when the server is told to misbehave."""
        if not (self.replays and self.signed):
            claims = {"sub": creator, "aud": "shop", "jti": uuid.uuid4().hex, "exp": int(time.time()) + self.seconds}
            self.signed.append(jwt.encode(claims, self.key[1], "HS256", headers={"kid": self.key[0]}))
        return self.signed[-1]


@contextmanager
def host_site() -> Iterator[HostSite]:
    """Serve the site on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
            kind, text = "text/html", ""
            if address.path == "/page.css":
                kind, text = "text/css", STYLE
            elif address.path == "/options.js":
                kind, text = "text/javascript", OPTIONS
            elif address.path == "/identity":
                kind, text = "text/plain", site.identity(asked["who"])
            elif address.path == "/":
                given = {f"data-{name}": asked[name] for name in ATTRIBUTES if name in asked}
                if "inline" in asked:
                    given["data-target"] = "#place"
                attributes = "".join(f" {name}={json.dumps(value)}" for name, value in given.items())
                lang = asked.get("lang", "zh")
                text = PAGE.format(lang=lang, dir=asked.get("dir", "ltr"), guide=site.guide, attributes=attributes)
            body = text.encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY.format(guide=site.guide))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = HostSite(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
