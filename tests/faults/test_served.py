"""A server as a process: its database is held, its disk is full, it is told to stop while it answers. (`python -m
tests.faults.served` does it at length.)"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import served
from tests.faults.serving import Server, serving
from tests.faults.small_disk import MEGABYTE, SmallDisk, size_of, small_disk
from tests.model_endpoint import ModelEndpoint, running_model_endpoint

HELD_SECONDS = 1.0


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ModelEndpoint]:
    with running_model_endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory, new_starter_home: Callable[[], Path]) -> Iterator[SmallDisk]:
    """A small disk with a starter home on it."""
    home = new_starter_home()
    with small_disk(tmp_path_factory.mktemp("disk") / "small", size_of(home) // MEGABYTE + 24) as disk:
        shutil.copytree(home, disk.folder / "home")
        yield disk


@pytest.fixture(scope="module")
def server(disk: SmallDisk, endpoint: ModelEndpoint) -> Iterator[Server]:
    """A server whose model says nothing that may be shown, so that answers are quotations, until a test wants more."""
    model = {"HELIOTROPE_CHAT_MODEL": "openai:scripted", "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "secret"}
    with serving(disk.folder / "home", **model) as server:
        assert server.ask().status_code == 200
        yield server


def test_while_the_database_is_held_sentences_come_at_once_and_are_kept_afterwards(server: Server) -> None:
    released, answers = served.asked_while_held(server, HELD_SECONDS, at_once=3)
    assert {one.status for one in answers} == {200}
    assert all(one.asked + one.first < released < one.asked + one.ended for one in answers)
    assert all(one.kinds[-1] == "done" and "100亿" in one.text for one in answers)
    assert all(served.is_kept(server, one) for one in answers)


def test_on_a_full_disk_chat_goes_on_and_writes_are_refused_with_a_sentence(
    server: Server, disk: SmallDisk, tmp_path: Path
) -> None:
    if disk.why_not:
        pytest.skip(disk.why_not)
    writes = served.writes(server, tmp_path)
    assert writes["draft"]().code == 0
    disk.fill()
    for name in ("texts", "release", "numbers", "creator"):
        told = writes[name]()
        assert told.code == 1, name
        assert "full" in told.said, (name, told.said)
        assert "make room" in told.said
        assert told.said.count("\n") == 0
    for _ in range(5):
        answer = server.ask()
        assert answer.status_code == 200
        assert "100亿" in answer.json()["text"]
        assert answer.json()["citations"]
    ready = server.client.get("/readyz")
    assert ready.status_code == 200
    assert "disk" in [one["part"] for one in ready.json()["degraded"]]
    disk.make_room()
    assert all(json.loads(line)["message"] for line in server.log.splitlines()), "a line that did not fit is left out"
    assert served.complaints(server) == []
    assert [writes[name]().code for name in ("numbers", "creator")] == [0, 0]
    heard = served.hear(server, served.Heard())
    assert served.is_kept(server, heard)


def test_a_stop_waits_for_the_answer_under_way(server: Server, endpoint: ModelEndpoint) -> None:
    stopped = served.stopped_while_answering(server, endpoint, words=4)
    assert stopped.code == 0
    assert stopped.heard.kinds[-1] == "done"
    assert "100亿" in stopped.heard.text
    assert not stopped.heard.is_broken
