"""A site that embeds the widget and vouches for whoever is signed in there. Standard library; see README.md.

    SITE=example KEY_ID=… SECRET=… python examples/widget/site.py
"""

import json
import os
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

sys.path.append(str(Path(__file__).parent / "signing"))
from sign import identity  # noqa: E402 - beside this file, to be copied together

GUIDE = os.environ.get("GUIDE", "http://127.0.0.1:8300")
SITE, KEY_ID, SECRET = (os.environ.get(name, "") for name in ("SITE", "KEY_ID", "SECRET"))
PORT = int(os.environ.get("PORT", "8310"))
FILES = {
    "/": ("plain.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}
# A strict page needs two entries for the widget: its script and its frame.
POLICY = (
    f"default-src 'none'; script-src 'self' {GUIDE}; frame-src {GUIDE}; style-src 'self'; "
    "connect-src 'self'; form-action 'self'"
)
signed_in: dict[str, str] = {}  # the site's own sessions: token to creator


class Page(BaseHTTPRequestHandler):
    """The pages of the site."""

    def do_GET(self) -> None:
        """The page and its files; who is signed in; and a fresh identity of whoever that is."""
        if self.path == "/identity":
            creator = self.creator()
            self.send(identity(KEY_ID, SECRET, SITE, creator) if creator else "", "text/plain", 200 if creator else 204)
        elif self.path == "/who":
            self.send(json.dumps({"creator": self.creator()}), "application/json")
        elif self.path in FILES:
            name, kind = FILES[self.path]
            text = (Path(__file__).parent / "plain" / name).read_text("utf-8")
            self.send(text.replace("{{GUIDE}}", GUIDE).replace("{{SITE}}", SITE), kind)
        else:
            self.send("not found", "text/plain", 404)

    def do_POST(self) -> None:
        """Sign in (here without a password: it is an example) or out."""
        given = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        token = secrets.token_urlsafe(16)
        if self.path == "/sign-in":
            signed_in[token] = given["creator"][0]
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Set-Cookie", f"site={token}; HttpOnly; SameSite=Lax; Path=/")
        self.end_headers()

    def creator(self) -> str | None:
        """Who is signed in, by the site's own cookie; never what the page or its address says."""
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("site")
        return signed_in.get(cookie.value) if cookie else None

    def send(self, text: str, kind: str, status: int = 200) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    if not (SITE and KEY_ID and SECRET):
        sys.exit("Set SITE, KEY_ID and SECRET; README.md beside this file says how to get them.")
    print(f"http://127.0.0.1:{PORT}/", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Page).serve_forever()
