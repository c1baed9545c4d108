"""The widget in a browser whose processor is four times slower: bytes on the wire, from a click to asking, from asking
to the first words; beside it deep-chat alone, a chat component without sources, identity, history or a host page.

Both talk to a server that answers at once, so that what is measured is the browser's part. deep-chat is fetched by npm
for this alone; without npm or network its columns stay empty.
"""

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from playwright.sync_api import Browser, Page, sync_playwright

from assistant.sites.registry import Site
from connectors.web.app import create_app
from connectors.web.shield import CONTENT_SECURITY_POLICY
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.browsing import ARGUMENTS, REPORT_VIOLATIONS
from tests.connectors.web.conftest import served
from tests.connectors.web.host_page import HostSite, host_site
from tests.connectors.web.scripted import scripted_services

NAME = "widget"
SLOWER = 4
ROUNDS = 7
LOADER_BYTES, FRAME_BYTES, OPEN_MILLISECONDS = 6 * 1024, 250 * 1024, 300
DEEP_CHAT = "deep-chat@2.4.2"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000  # milliseconds
# When an element got the focus, and when it first held words, by the clock that all frames share.
WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  const field = document.getElementById("question");
  field.addEventListener("focus", () => { window.usable ??= now(); });
  field.addEventListener("keydown", () => { window.asked = now(); }, true);
  new MutationObserver(() => {
    if (document.querySelector(".prose")?.textContent.trim()) window.spoke ??= now();
  }).observe(document.getElementById("turns"), { subtree: true, childList: true, characterData: true });
}"""
CLICK = """() => {
  window.clicked = performance.timeOrigin + performance.now();
  document.body.lastElementChild.shadowRoot.querySelector("button").click();
  return window.clicked;
}"""
BARE = """async () => {
  const begun = performance.now();
  const answer = await fetch("/api/v1/chat", { method: "POST", body: JSON.stringify({ text: "光合计划" }),
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" } });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("event: sentence")) said += (await reader.read()).value;
  const taken = performance.now() - begun;
  reader.cancel();
  return taken;
}"""
DEEP_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>deep-chat</title>
<script type="module" src="/deep-chat.js"></script>
<deep-chat id="chat" connect='{"url": "/answer", "stream": true}'></deep-chat></html>"""
DEEP_READY = "() => document.getElementById('chat').shadowRoot?.querySelector('#text-input')"
DEEP_ASK = """() => new Promise((done) => {
  const chat = document.getElementById("chat");
  const begun = performance.now();
  new MutationObserver(() => {
    if (chat.shadowRoot.textContent.includes("百亿流量")) done(performance.now() - begun);
  }).observe(chat.shadowRoot, { subtree: true, childList: true, characterData: true });
  chat.submitUserMessage({ text: "光合计划" });
})"""


def run() -> Findings:
    """Measure both, each page fresh."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        return Findings(NAME, skipped="no chromium on PATH")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        ours, deep = _ours(browser, Path(name)), _deep(browser, Path(name))
        browser.close()
    return Findings(NAME, _figures(ours, deep), about={"cpu_throttling": SLOWER, "rounds": ROUNDS})


def _ours(browser: Browser, folder: Path) -> dict[str, float]:
    services = scripted_services(folder / "home")
    with host_site() as site, served(create_app(services)) as guide:
        site.guide = guide
        services.sites.add(Site("shop", "某某商城", (site.address,)), "benchmark")
        rounds = [_visit(browser, site) for _ in range(ROUNDS)]
    return {name: percentile([one[name] for one in rounds], 0.5) for name in rounds[0]}


def _visit(browser: Browser, site: HostSite) -> dict[str, float]:
    """One visitor with an empty cache."""
    with _slow_page(browser) as (page, received, refused):
        page.goto(f"{site.address}/")
        page.wait_for_function("() => window.told?.some(([name]) => name === 'ready')", timeout=PATIENCE)
        found = {
            "loader bytes": sum(size for url, size in received.items() if url.endswith("/widget.js")),
            "frame bytes": sum(
                size for url, size in received.items() if url.startswith(site.guide) and not url.endswith("/widget.js")
            ),
        }
        frame = page.frames[-1]
        frame.evaluate(WATCH)
        clicked = page.evaluate(CLICK)
        frame.wait_for_function("() => window.usable", timeout=PATIENCE)
        found["open"] = frame.evaluate("window.usable") - clicked
        found["stream"] = min(frame.evaluate(BARE) for _ in range(3))
        frame.locator("#question").fill("光合计划给多少流量")
        frame.locator("#question").press("Enter")
        frame.wait_for_function("() => window.spoke", timeout=PATIENCE)
        found["first words"] = frame.evaluate("window.spoke - window.asked")
        frame.wait_for_function("() => document.querySelector('.tools')", timeout=PATIENCE)
        found["violations"] = len(refused)
    return found


def _deep(browser: Browser, folder: Path) -> dict[str, float] | None:
    script = _fetched(folder)
    if script is None:
        return None
    with served(_deep_app(script, None)) as address:
        rounds = [_deep_visit(browser, address) for _ in range(ROUNDS)]
    found = {name: percentile([one[name] for one in rounds], 0.5) for name in rounds[0]}
    with served(_deep_app(script, CONTENT_SECURITY_POLICY)) as address, _slow_page(browser) as (page, _, refused):
        page.goto(address)
        page.wait_for_timeout(3000)
        found["violations"] = len(refused)
    return found


def _deep_visit(browser: Browser, address: str) -> dict[str, float]:
    with _slow_page(browser) as (page, received, _):
        page.goto(address)
        page.wait_for_function(DEEP_READY, timeout=PATIENCE)
        size = sum(size for url, size in received.items() if url.endswith(".js"))
        return {"bytes": size, "first words": page.evaluate(DEEP_ASK)}


@contextmanager
def _slow_page(browser: Browser) -> Iterator[tuple[Page, dict[str, float], list[str]]]:
    """A page of a browser with an empty cache and a slow processor; the bytes received, by address; and what the
    content policies refused."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    door = context.new_cdp_session(page)
    door.send("Network.enable")
    door.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    addresses: dict[str, str] = {}
    received: dict[str, float] = {}

    def answered(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["response"]["url"]

    def finished(event: dict[str, Any]) -> None:
        received[addresses.get(event["requestId"], "")] = event["encodedDataLength"]

    door.on("Network.responseReceived", answered)
    door.on("Network.loadingFinished", finished)
    refused: list[str] = []
    page.add_init_script(REPORT_VIOLATIONS)
    page.on("console", lambda said: said.text.startswith("CSP ") and refused.append(said.text))
    yield page, received, refused
    context.close()


def _fetched(folder: Path) -> Path | None:
    """deep-chat's bundle, or None when it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", f"--prefix={folder / 'deep'}"]
    if subprocess.run([npm, "install", *quiet, DEEP_CHAT], capture_output=True, timeout=180).returncode:
        return None
    return folder / "deep" / "node_modules" / "deep-chat" / "dist" / "deepChat.bundle.js"


def _deep_app(script: Path, policy: str | None) -> FastAPI:
    from starlette.middleware.gzip import GZipMiddleware

    app = FastAPI()
    app.add_middleware(GZipMiddleware)

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(DEEP_PAGE, headers={"Content-Security-Policy": policy} if policy else {})

    @app.get("/deep-chat.js")
    def bundle() -> FileResponse:
        return FileResponse(script, media_type="text/javascript")

    @app.post("/answer")
    def answer() -> StreamingResponse:
        async def words() -> AsyncIterator[str]:
            yield 'data: {"text": "2024 年光合计划投入百亿流量。"}\n\n'

        return StreamingResponse(words(), media_type="text/event-stream")

    return app


def _figures(ours: dict[str, float], deep: dict[str, float] | None) -> list[Figure]:
    floor = deep or {}
    throttled = f"processor ÷ {SLOWER}, median of {ROUNDS}"
    return [
        Figure("loader, received", ours["loader bytes"], "B", at_most=LOADER_BYTES, remark="compressed, with headers"),
        Figure(
            "frame, received, without charts",
            ours["frame bytes"],
            "B",
            at_most=FRAME_BYTES,
            floor=floor.get("bytes"),
            remark="floor: deep-chat's script alone",
        ),
        Figure("from the click to asking, preloaded", ours["open"], "ms", at_most=OPEN_MILLISECONDS, remark=throttled),
        Figure("a bare stream's first sentence", ours["stream"], "ms", remark="fetched in the same frame"),
        Figure(
            "from Enter to the first words on the page",
            ours["first words"],
            "ms",
            floor=floor.get("first words"),
            remark="floor: deep-chat, from submitting",
        ),
        Figure(
            "violations of our content policy",
            ours["violations"],
            "",
            at_most=0,
            floor=floor.get("violations"),
            remark="floor: deep-chat's page under the same policy",
        ),
    ]
