"""A damaged index is seen in a process of its own, and made anew; `python -m tests.faults.index` tries all damages."""

from pathlib import Path

import pytest

from tests.faults import index
from tests.faults.damage import DAMAGES


@pytest.mark.parametrize("name", ["flipped bits", "garbage for a database"])
def test_a_damaged_index_is_seen_before_it_ends_the_process_and_made_anew(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    index.fill(home, 100)
    DAMAGES[name](home / "chroma")
    found = index.looked(home)
    assert (found["failure"], found["complaints"]) == ("", [])
    assert found["dense"]
    assert found["found"]
