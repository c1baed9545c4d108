"""The dense index, in a folder and on a server: a release that differs little builds on an earlier one, and nothing is
lost by it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from knowledge.embeddings import Vectors
from knowledge.errors import Unavailable
from knowledge.index.dense import DenseIndex
from tests.contracts.servers import running_chroma

WIDTH = 32
ROWS = np.random.default_rng(1).normal(size=(200, WIDTH)).astype(np.float32)
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Chroma server."""
    with running_chroma(tmp_path_factory.mktemp("server")) as chroma:
        yield chroma.url


@pytest.fixture(params=["embedded", "server"])
def dense(request: pytest.FixtureRequest, tmp_path: Path) -> DenseIndex:
    if request.param == "embedded":
        return DenseIndex(tmp_path / "chroma")
    return DenseIndex(tmp_path, f"{request.getfixturevalue('server')}/t{uuid4().hex}")


def keys_of(numbers: range | list[int]) -> list[str]:
    return [str(number) for number in numbers]


def build(dense: DenseIndex, release: int, numbers: range | list[int], base: int | None = None) -> None:
    dense.build(release, "texts", keys_of(numbers), ROWS[list(numbers)], base)
    dense.build(release, "forms", [], ROWS[:0], base)


def is_sound(dense: DenseIndex, release: int, numbers: range | list[int]) -> bool:
    return dense.is_sound(release, "texts", keys_of(numbers), ROWS[list(numbers)])


def nearest(dense: DenseIndex, release: int, vector: Vectors) -> str:
    return dense.search(release, "texts", vector, 5)[0][0]


def size_of(dense: DenseIndex, release: int) -> int:
    return dense._client.get_collection(f"release-{release}-texts", embedding_function=None).count()


def test_a_release_on_a_base_writes_only_what_is_new_and_finds_all(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(10, 110), base=1)
    assert size_of(dense, 2) == 10
    assert all(nearest(dense, 2, ROWS[number]) == str(number) for number in range(10, 110))
    assert is_sound(dense, 2, range(10, 110))


def test_hits_of_both_collections_come_in_one_order_with_enough_for_keys_that_are_gone(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(10, 110), base=1)
    found = dense.search(2, "texts", ROWS[3], 20)
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
    expected = sorted(range(10, 110), key=lambda number: -float(ROWS[number] @ ROWS[3]))[:20]
    kept = [int(key) for key, _ in found if int(key) >= 10]
    assert kept[:20] == expected


def test_a_release_on_one_that_has_a_base_builds_on_that_base(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(105), base=1)
    build(dense, 3, range(110), base=2)
    assert size_of(dense, 3) == 10
    dense.drop(1, 2)
    assert nearest(dense, 3, ROWS[50]) == "50"
    with pytest.raises(Unavailable):
        dense.search(2, "texts", ROWS[50], 1)


@pytest.mark.parametrize("numbers", [range(130), range(30, 100), range(15, 115)], ids=["added", "removed", "both"])
def test_a_release_that_differs_much_gets_a_collection_of_its_own(dense: DenseIndex, numbers: range) -> None:
    build(dense, 1, range(100))
    build(dense, 2, numbers, base=1)
    assert size_of(dense, 2) == len(numbers)
    dense.drop(1)
    with pytest.raises(Unavailable):
        dense.search(1, "texts", ROWS[50], 1)
    assert is_sound(dense, 2, numbers)


def test_a_base_that_is_gone_is_done_without(dense: DenseIndex) -> None:
    build(dense, 2, range(100), base=1)
    assert size_of(dense, 2) == 100
    assert is_sound(dense, 2, range(100))


def test_what_others_build_on_is_not_dropped_before_them(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(101), base=1)
    dense.drop(1)
    assert nearest(dense, 2, ROWS[50]) == "50"
    dense.drop(2)
    dense.drop(1)
    with pytest.raises(Unavailable):
        dense.search(1, "texts", ROWS[50], 1)


def test_releases_that_build_on_each_other_are_dropped_together(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(101), base=1)
    build(dense, 3, range(100))
    dense.drop(1, 2, 99)
    assert {one.name for one in dense._client.list_collections()} == {"release-3-texts", "release-3-forms"}


def test_a_lost_base_is_noticed_and_a_build_mends_it(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(101), base=1)
    dense._client.delete_collection("release-1-texts")
    assert not is_sound(dense, 2, range(101))
    build(dense, 2, range(101), base=1)
    assert is_sound(dense, 2, range(101))


def test_a_lost_addition_is_noticed(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(110), base=1)
    added = dense._client.get_collection("release-2-texts", embedding_function=None)
    added.delete(ids=keys_of(range(100, 110)))
    assert not is_sound(dense, 2, range(110))


def test_a_release_of_which_nothing_is_new_is_its_base(dense: DenseIndex) -> None:
    build(dense, 1, range(100))
    build(dense, 2, range(100), base=1)
    assert size_of(dense, 2) == 0
    assert nearest(dense, 2, ROWS[7]) == "7"
    assert is_sound(dense, 2, range(100))


def test_a_collection_that_was_made_anew_is_searched_at_once(dense: DenseIndex) -> None:
    build(dense, 1, range(50))
    assert nearest(dense, 1, ROWS[7]) == "7"
    build(dense, 1, range(100))
    assert nearest(dense, 1, ROWS[70]) == "70"
