"""Uploaded files are kept once, whole, and as long as a revision names them."""

import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import ORIGINAL
from knowledge.errors import BadInput, NotFound, Unavailable
from knowledge.library import Library
from knowledge.reading.limits import LARGEST
from knowledge.reading.originals import UNUSED, Original, Originals, coming_from, original_of
from tests.knowledge.texts import revision

DATA = b"\x00\xff the file as it was"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


def test_the_same_bytes_are_kept_once_under_every_name(originals: Originals, tmp_path: Path) -> None:
    first, second = originals.keep("公告.docx", DATA), originals.keep("copy.docx", DATA)
    assert (first.sha256, first.name, second.name) == (DIGEST, "公告.docx", "copy.docx")
    assert originals.path(second).read_bytes() == DATA
    assert [path.name for path in (tmp_path / "originals").rglob("*") if path.is_file()] == [DIGEST]


def test_a_revision_tells_its_file_again_after_it_was_kept(originals: Originals, library: Library) -> None:
    original = originals.keep("公告.docx", DATA)
    library.add([coming_from(original, revision("rule", "正文。")), revision("other", "别的。")], "甲")
    assert original_of(library.catalog.revision("rule", 1).attributes) == original
    assert original_of(library.catalog.revision("other", 1).attributes) is None
    assert library.catalog.attribute_values(ORIGINAL, "sha256") == {DIGEST}


def test_the_same_text_in_another_file_is_the_same_revision(originals: Originals, library: Library) -> None:
    for data in (DATA, b"saved again by another program"):
        library.add([coming_from(originals.keep("公告.docx", data), revision("rule", "正文。"))], "甲")
    (kept,) = library.catalog.document("rule").revisions
    assert original_of(kept.attributes) == Original(DIGEST, "公告.docx")


def test_what_no_revision_names_goes_after_some_days(originals: Originals) -> None:
    used, unused, fresh = (originals.keep("x", data) for data in (DATA, b"old", b"fresh"))
    long_ago = time.time() - UNUSED.total_seconds() - timedelta(hours=1).total_seconds()
    for original in (used, unused):
        os.utime(originals.path(original), (long_ago, long_ago))
    assert originals.forget_unused({used.sha256}) == 1
    assert [originals.holds(one) for one in (used, unused, fresh)] == [True, False, True]
    with pytest.raises(NotFound):
        originals.path(unused)


def test_uploading_a_file_again_makes_it_young(originals: Originals) -> None:
    path = originals.path(originals.keep("x", DATA))
    os.utime(path, (0, 0))
    originals.keep("x", DATA)
    assert originals.forget_unused(()) == 0


def test_a_file_that_is_too_large_or_cannot_be_written_says_so(originals: Originals, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="larger than 20 MB"):
        originals.keep("large.pdf", b"x" * (LARGEST + 1))
    (tmp_path / "originals").write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        originals.keep("x.pdf", DATA)


@given(st.text())
def test_a_kept_name_is_one_visible_part_of_a_path(name: str) -> None:
    found = original_of({ORIGINAL: {"sha256": DIGEST, "name": name}})
    assert found is not None
    assert 0 < len(found.name) <= 120
    assert found.name.isprintable()
    assert not set("/\\") & set(found.name)
    assert found.name.strip(".")


def test_the_ending_of_a_long_name_is_kept() -> None:
    found = original_of({ORIGINAL: {"sha256": DIGEST, "name": "长" * 300 + ".docx"}})
    assert found == Original(DIGEST, "长" * 108 + ".docx")
