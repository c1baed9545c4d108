"""A site that embeds the widget and vouches for its creators; standard library and PyJWT."""

import os
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt

GUIDE = os.environ.get("GUIDE", "http://127.0.0.1:8300")
SITE = os.environ.get("SITE", "example")
PAGE = f"""<!doctype html>
<html lang="zh"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>示例网站</title>
<script src="/options.js"></script>
<script async src="{GUIDE}/widget.js" data-site="{SITE}"></script>
<h1>示例网站</h1>
<p>右下角是创作引导助手。<a href="/?who=demo-01">以 demo-01 登录</a> · <a href="/">退出登录</a></p>
</html>"""
OPTIONS = """const who = new URLSearchParams(location.search).get("who");
window.heliotropeOptions = {
  // Asked again before each token expires. On a real site the server knows from its own login who this is.
  identify: who && (async () => (await fetch(`/identity?who=${who}`)).text()),
};"""


def identity(creator: str) -> str:
    """A token that speaks for one creator for ten minutes, good for once."""
    claims = {"sub": creator, "aud": SITE, "exp": int(time.time()) + 600, "jti": uuid.uuid4().hex}
    return jwt.encode(claims, os.environ["SECRET"], "HS256", headers={"kid": os.environ["KEY_ID"]})


class Site(BaseHTTPRequestHandler):
    """The pages of the site."""

    def do_GET(self) -> None:
        """Answer with the page, its script, or a signed identity."""
        address = urlsplit(self.path)
        if address.path == "/identity":
            self.send("text/plain", identity(parse_qs(address.query)["who"][0]))
        elif address.path == "/options.js":
            self.send("text/javascript", OPTIONS)
        else:
            self.send("text/html", PAGE)

    def send(self, kind: str, text: str) -> None:
        """A whole answer."""
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    print("http://127.0.0.1:8310/")
    ThreadingHTTPServer(("127.0.0.1", 8310), Site).serve_forever()
