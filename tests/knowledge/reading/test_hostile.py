"""Hostile, broken and strange files: one sentence each, and nothing of them kept."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.errors import BadInput, NotFound
from knowledge.reading.files import SUFFIXES, read_bytes, read_path
from tests.knowledge.reading.hostile import MARK, cleaned_files, hostile_files

SENTENCE = re.compile(r"[^\n]+[^\n.]\.")


def refusal(path: Path) -> str:
    """The sentence that refuses a file, or nothing when it is read."""
    try:
        read_path(path)
    except (BadInput, NotFound) as refused:
        return str(refused)
    return ""


def test_every_hostile_file_is_refused_in_one_sentence_that_names_it(tmp_path: Path) -> None:
    files = hostile_files(tmp_path / "hostile")
    with ThreadPoolExecutor(2) as pool:
        sentences = list(pool.map(refusal, (path for path, _ in files.values())))
    for (name, (_, says)), sentence in zip(files.items(), sentences, strict=True):
        assert SENTENCE.fullmatch(sentence), sentence
        assert says in sentence, sentence
        assert name in sentence, sentence


def test_an_upload_is_refused_as_the_file_is(tmp_path: Path) -> None:
    files = hostile_files(tmp_path)
    for name in ("bomb.docx", "paper.txt", "row.jsonl", "headers.csv", "program.exe"):
        path, says = files[name]
        with pytest.raises(BadInput, match=re.escape(says)):
            read_bytes(name, path.read_bytes())


def test_what_cannot_be_seen_is_taken_out_and_the_text_kept(tmp_path: Path) -> None:
    for name, path in cleaned_files(tmp_path).items():
        (revision,) = read_path(path)
        told = repr((revision.title, revision.sections, revision.category, revision.attributes))
        assert "给100亿" in revision.body.replace("給", "给").replace("億", "亿"), name
        for never in (MARK, "\u200b", "\\ud800", "\\x00", "alert", "javascript", "passwd", "example.org", "onclick"):
            assert never not in told, (name, never)


def test_the_name_of_an_upload_cannot_break_the_sentence() -> None:
    with pytest.raises(BadInput, match=r"^a b.docx is empty; give a file with text in it\.$"):
        read_bytes("../folder/a\n\u202eb.docx", b"")
    with pytest.raises(BadInput, match=r"^n{100}\.docx is empty"):
        read_bytes("n" * 5_000 + ".docx", b"")


def test_a_link_that_leads_nowhere_and_a_file_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    loop, memory = tmp_path / "loop.md", tmp_path / "memory.md"
    loop.symlink_to(loop)
    with pytest.raises(NotFound, match="loop.md"):
        read_path(loop)
    memory.symlink_to("/proc/self/mem")
    if not memory.exists():
        pytest.skip("this system has no file that refuses to be read by whoever runs the tests")
    with pytest.raises(BadInput, match=r"^memory.md cannot be opened: [^.]+\.$"):
        read_path(memory)


@settings(max_examples=10, deadline=None)
@given(suffix=st.sampled_from(sorted(SUFFIXES)), data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_one_sentence(suffix: str, data: bytes) -> None:
    try:
        read_bytes(f"a{suffix}", data)
    except BadInput as refused:
        assert SENTENCE.fullmatch(str(refused))  # noqa: PT017 - bytes that can be read are as good
