"""`serve`: the web app and the Telegram bot in one process and on one loop, until a signal says to stop."""

import asyncio
import errno
import ipaddress
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import Misconfigured, Unavailable
from connectors.cli import garbage, logs, session

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from assistant.bootstrap import Services
    from assistant.home import OwnerLock, Serving
    from connectors.feeds.watching import FolderWatch
    from connectors.telegram.bot import TelegramBot

# A stop takes at most STOP_SECONDS: answers under way get most of it, the rest is for closing.
DRAIN_SECONDS, STOP_SECONDS = 8, 10
JOBS_AGAIN_SECONDS = 30
BACKLOG = 512
CREATORS_SHOWN = 4


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 8300,
) -> None:
    """Serve chat page, HTTP API and Telegram bot.

    A signal (Ctrl-C, SIGTERM) stops it: what is being answered is finished first, within ten seconds. Telegram needs
    TELEGRAM_BOT_TOKEN.
    """
    settings, lock = session.own_home()
    with listening(host, port) as listener:
        logs.start(settings.home, settings.secrets, in_terminal=True)
        import uvloop

        from assistant.home import Serving
        from connectors.cli.remote import operator_router
        from connectors.web.app import create_app

        services = session.services()
        serving = Serving(os.getpid(), url_of(listener), secrets.token_urlsafe(32))
        app = create_app(services)
        app.include_router(operator_router(services, serving, context.find_root().command))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(app, services, lock, serving, listener))


async def run(
    app: "FastAPI", services: "Services", lock: "OwnerLock", serving: "Serving", listener: socket.socket
) -> None:
    """Start, tell where, wait for SIGINT or SIGTERM, drain. Raises Unavailable when the app does not start."""
    bot = telegram_bot(services)
    webhook = bot.routes() if bot else None
    if webhook:
        app.include_router(webhook)
    web = web_server(app)
    stopping = asyncio.Event()

    def stop() -> None:
        web.force_exit = stopping.is_set()  # a second signal waits for nobody
        stopping.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)
    working = asyncio.create_task(web.serve(sockets=[listener]))
    while not web.started:
        if working.done():
            raise Unavailable("The web app did not start; the log says why.") from working.exception()
        await asyncio.sleep(0.005)
    garbage.from_now_on()
    if bot:
        await bot.start()
    lock.announce(serving)
    for line in welcome(services, serving.url):
        session.console().say(line)
    watch = folder_watch(services)
    if watch:
        watch.start()
    loading = asyncio.create_task(_load_embedder(services))
    # The bot is up by now: no notice goes elsewhere because its channel was not there yet.
    jobs = asyncio.create_task(_start_jobs(services, stopping))
    await asyncio.wait({working, asyncio.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
    lock.withdraw()
    _end_at_the_latest()
    web.should_exit = True
    await asyncio.gather(loading, jobs)
    await asyncio.to_thread(services.jobs.stop)
    if watch:
        await asyncio.to_thread(watch.stop)
    await asyncio.gather(working, *([bot.stop(DRAIN_SECONDS)] if bot else []))


async def _load_embedder(services: "Services") -> None:
    """The first question would wait for it. A failure is logged: questions are searched for by their words then."""
    try:
        await asyncio.to_thread(services.library.load_embedder)
    except Unavailable as error:
        logging.getLogger(__name__).error("%s", error)


async def _start_jobs(services: "Services", stopping: asyncio.Event) -> None:
    """Notices and other work that goes on by itself. The chat does not need it, so a failure is logged, and it is tried
    again: a disk may be full now."""
    while not stopping.is_set():
        try:
            await asyncio.to_thread(services.jobs.start)
            garbage.from_now_on()
            return
        except Exception as error:
            said = "Notices and rounds did not start and are tried again; the chat goes on without them: %s"
            logging.getLogger(__name__).error(said, error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), JOBS_AGAIN_SECONDS)


def folder_watch(services: "Services") -> "FolderWatch | None":
    """What imports the files of the watched folder, when there is one."""
    folder = services.settings.feed_folder
    if folder is None:
        return None
    from connectors.feeds.watching import FolderWatch

    return FolderWatch(folder, services.warehouse, services.engine)


def telegram_bot(services: "Services") -> "TelegramBot | None":
    """The bot, when there is a token. Raises Misconfigured when it cannot be one."""
    if not services.settings.telegram_bot_token.get_secret_value():
        return None
    from connectors.telegram.bot import TelegramBot

    return TelegramBot(services)


def web_server(app: "FastAPI") -> "uvicorn.Server":
    """uvicorn on `app`, leaving signals and logs to us."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals are handled in `run`: uvicorn would raise them anew before everything is closed."""
            yield

    return Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at host and port. Raises Unavailable or Misconfigured, saying why it cannot."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise Misconfigured(f"{host} is no address of this machine; give another one with --host.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(f"Port {port} is taken by another program; choose another one with --port.") from error
        raise Misconfigured(f"Nobody may listen at {host}, port {port} ({error.strerror}); choose others.") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """The address under which this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://{address}:{port}" if address.version == 4 else f"http://[{address}]:{port}"


def welcome(services: "Services", url: str) -> list[str]:
    """Where to chat, and as whom."""
    demonstration = [creator for creator in services.accounts.all() if creator.synthetic]
    settings = services.settings
    has_bot = settings.telegram_bot_token.get_secret_value()
    way = "by webhook" if settings.telegram_webhook_url else "by long polling"
    lines = [
        "Heliotrope is ready.",
        f"  Chat:      {url}/",
        f"  HTTP API:  POST {url}/api/v1/chat",
        f"  Telegram:  {f'on, {way}' if has_bot else 'off (no TELEGRAM_BOT_TOKEN)'}",
    ]
    if services.settings.feed_folder:
        lines.append(f"  Watching:  {services.settings.feed_folder} for metric files")
    if demonstration:
        shown = ", ".join(f"{creator.id} {creator.name}" for creator in demonstration[:CREATORS_SHOWN])
        more = len(demonstration) - CREATORS_SHOWN
        lines.append(
            f"  Ask as a demonstration creator (synthetic data), chosen in the page: {shown}"
            + (f" and {more} more (`heliotrope creators list`)" if more > 0 else "")
        )
    return lines


def _end_at_the_latest() -> None:
    """End the process when draining hangs; everything that counts is written by then, for databases survive a kill."""
    timer = threading.Timer(STOP_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()
