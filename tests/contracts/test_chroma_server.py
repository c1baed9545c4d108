"""A Chroma server that is down when the house opens, goes away, comes back, and has lost everything."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from assistant.errors import Misconfigured
from knowledge.errors import Unavailable
from knowledge.index.dense import DenseIndex
from knowledge.index.server import ChromaServer
from knowledge.library import Library
from tests.contracts.servers import Chroma, running_chroma
from tests.fakes import HashEmbedder
from tests.knowledge.texts import publish, revision

QUESTION = "每天连麦几次"


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[Chroma]:
    (tmp_path / "server").mkdir()
    with running_chroma(tmp_path / "server") as running:
        yield running


def _opened(engine: Engine, folder: Path, url: str) -> Library:
    library = Library(engine, HashEmbedder(), DenseIndex(folder / "none", url), ZoneInfo("Asia/Shanghai"))
    library.open()
    return library


def _dense(library: Library) -> float:
    """How near the best passage is by its vector; the words alone give a floor."""
    (best, *_) = library.search(QUESTION).hits
    assert best.passage.text == "直播时每天最多连麦三次。"
    return best.dense


def test_answers_go_on_by_words_while_it_is_away_and_it_is_used_again_when_it_is_back(
    engine: Engine, chroma: Chroma, tmp_path: Path
):
    library = _opened(engine, tmp_path, chroma.url)
    library.add([revision("pk", "直播时每天最多连麦三次。")], "mei")
    publish(library)
    near = _dense(library)
    assert library.index_failure == ""
    chroma.stop()
    assert _dense(library) < near
    assert f"127.0.0.1:{chroma.port} does not answer" in library.index_failure
    assert not library.regain_index()
    library.add([revision("gift", "礼物每月结算一次。")], "mei")
    with pytest.raises(Unavailable, match="Chroma server"):
        library.check("", "mei")
    # A second process opens meanwhile.
    other = _opened(engine, tmp_path, chroma.url)
    assert _dense(other) < near
    assert other.index_failure
    # It comes back on an empty disk.
    (tmp_path / "empty").mkdir()
    chroma.start(tmp_path / "empty")
    assert library.regain_index()
    assert other.regain_index()
    assert (_dense(library), _dense(other)) == (near, near)
    assert library.index_failure == other.index_failure == ""
    assert not library.regain_index()


def test_what_one_process_makes_anew_the_other_finds(engine: Engine, chroma: Chroma, tmp_path: Path):
    one = _opened(engine, tmp_path, chroma.url)
    one.add([revision("pk", "直播时每天最多连麦三次。")], "mei")
    publish(one)
    other = _opened(engine, tmp_path, chroma.url)
    near = _dense(other)
    assert one.rebuild() == 1
    assert _dense(other) == near
    assert other.index_failure == ""


@pytest.mark.parametrize("url", ["chroma", "ftp://host", "http://", "http://host:port"])
def test_another_address_is_refused_in_a_sentence(url: str):
    with pytest.raises(Misconfigured, match="HELIOTROPE_CHROMA_URL cannot be used"):
        ChromaServer(url)


def test_what_is_no_chroma_server_is_told_apart(chroma: Chroma):
    assert ChromaServer(chroma.url).check()
    chroma.stop()
    with pytest.raises(Unavailable, match="does not answer"):
        ChromaServer(chroma.url).check()
