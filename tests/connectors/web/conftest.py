"""The web app over scripted services, called in process or served on a loopback port."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from connectors.web.app import create_app
from tests.connectors.web.scripted import ScriptedServices, scripted_services


@pytest.fixture
def services(tmp_path: Path) -> ScriptedServices:
    """Scripted services without a limit on anonymous questions."""
    return scripted_services(tmp_path)


@pytest.fixture
def client(services: ScriptedServices) -> Iterator[TestClient]:
    """A client that keeps cookies, as a browser does."""
    with TestClient(create_app(services)) as client:
        yield client


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve the app on a free loopback port and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
