import json
from io import StringIO
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.cli.columns import aligned, width
from connectors.cli.console import Console


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_json_keeps_han_characters_and_survives_lone_surrogates():
    console = Console.in_memory(Path("/"))
    console.data({"text": "向光"})
    console.data({"text": "\ud800"})
    first, second = console.written()[0].splitlines()
    assert first == '{"text": "向光"}'
    assert json.loads(second) == {"text": "\ud800"}


def test_paths_are_meant_from_the_folder_where_they_were_typed():
    console = Console.in_memory(Path("/somewhere"))
    assert console.path("file.md") == Path("/somewhere/file.md")
    assert console.path(Path("/other/file.md")) == Path("/other/file.md")


def test_standard_input_is_read_once_and_only_when_asked_for():
    reads = iter(["text"])
    console = Console(StringIO(), StringIO(), Path("/"), lambda: next(reads))
    assert console.stdin_text is None
    assert (console.stdin(), console.stdin()) == ("text", "text")


def test_progress_changes_one_line_in_a_terminal_and_ends_it_before_other_words():
    console = Console(StringIO(), Terminal(), Path("/"), str)
    console.progress("embedding", 1, 3)
    console.progress("embedding", 2, 3)
    console.note("a warning")
    console.progress("embedding", 3, 3)
    assert isinstance(console.err, Terminal)
    expected = "\rembedding 1/3\033[K\rembedding 2/3\033[K\na warning\n\rembedding 3/3\033[K\n"
    assert console.err.getvalue() == expected


def test_progress_elsewhere_is_a_line_now_and_then():
    console = Console.in_memory(Path("/"))
    for done in range(1, 101):
        console.progress("embedding", done, 100)
    assert console.written()[1].splitlines() == ["embedding 1/100", "embedding 100/100"]


def test_columns_stand_under_each_other_with_han_characters():
    lines = aligned([("a", "快手", "x"), ("bbb", "y", "")])
    assert lines == ["a    快手  x", "bbb  y"]
    assert width(lines[0][: lines[0].index("快")]) == width(lines[1][: lines[1].index("y")])


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_every_row_is_one_line(rows: list[tuple[str, str]]):
    assert len(aligned(rows)) == len(rows)
