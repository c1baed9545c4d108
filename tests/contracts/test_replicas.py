"""Several processes on one database: each has its own index, and all serve what one of them published.

Two libraries with a home each stand for two processes: nothing but the database connects them.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest

from assistant.database.engine import alone, open_database
from assistant.programs.campaigns.images import Pictures
from knowledge.errors import Conflict, NotFound
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from tests.contracts.test_cases import picture
from tests.fakes import HashEmbedder
from tests.knowledge.texts import publish, revision


@pytest.fixture
def replicas(postgres: Callable[[], str], tmp_path: Path) -> list[Library]:
    address = postgres()
    opened = []
    for name in ("one", "other"):
        engine = open_database(address)
        library = Library(engine, HashEmbedder(), DenseIndex(tmp_path / name), ZoneInfo("Asia/Shanghai"))
        library.open()
        opened.append(library)
    return opened


def _publish(library: Library, text: str) -> int:
    library.add([revision("pk", text)], "mei")
    return publish(library).release


def test_what_one_publishes_and_takes_back_the_other_serves_without_embedding_it_again(replicas: list[Library]):
    one, other = replicas
    assert not other.follow()
    first = _publish(one, "直播时每天最多连麦三次。")
    assert other.follow()
    assert other.release == first
    assert other.search("每天连麦几次").hits[0].passage.text == "直播时每天最多连麦三次。"
    second = _publish(one, "直播时每天最多连麦五次。")
    assert other.follow()
    assert other.search("每天连麦几次").hits[0].passage.text == "直播时每天最多连麦五次。"
    other.rollback(first, "mei")
    assert one.release == second
    assert one.follow()
    assert one.release == first
    assert not one.follow()


def test_synonyms_of_one_are_known_to_the_other(replicas: list[Library]):
    one, other = replicas
    _publish(one, "直播时每天最多连麦三次。")
    other.follow()
    one.add_synonyms(["连麦", "PK"], "mei")
    assert other.follow()
    assert not other.follow()


def test_only_one_of_them_checks_at_a_time(replicas: list[Library]):
    one, other = replicas
    one.add([revision("pk", "直播时每天最多连麦三次。")], "mei")
    begun, go_on = Event(), Event()

    def examine(_served, _candidate):
        begun.set()
        assert go_on.wait(60)
        return [], {}

    checking = Thread(target=one.check, args=("", "mei", examine))
    checking.start()
    assert begun.wait(60)
    with pytest.raises(Conflict, match="Another check"):
        other.check("", "mei")
    go_on.set()
    checking.join(60)
    number = one.releases.all()[0].number
    other.publish(number, "mei")  # whoever publishes need not be who checked
    assert other.search("连麦").release == number


def test_files_are_found_by_every_replica_that_shares_the_folder(replicas: list[Library], tmp_path: Path):
    """Pictures and evidence; a replica with a folder of its own says in a sentence that it has not got them."""
    one, other = (library._engine for library in replicas)
    kept = Pictures(one, tmp_path / "shared").add(picture(0), "mei")
    assert Pictures(other, tmp_path / "shared").read(kept.hash) == Pictures(one, tmp_path / "shared").read(kept.hash)
    with pytest.raises(NotFound, match="is not kept here"):
        Pictures(other, tmp_path / "own").read(kept.hash)


def test_work_that_one_process_does_alone_is_free_again_afterwards(replicas: list[Library]):
    engines = [library._engine for library in replicas]
    with alone(engines[0], "cleaning") as is_alone:
        assert is_alone
        with alone(engines[1], "cleaning") as is_alone:
            assert not is_alone
        with alone(engines[1], "something else") as is_alone:
            assert is_alone
    with alone(engines[1], "cleaning", wait=True) as is_alone:
        assert is_alone
