"""docs/formulas.md lists what the language has.

`python -m tests.assistant.creators.language.test_formulas_page` writes the page's list of fields.
"""

from pathlib import Path

from assistant.creators.language.words import FIELDS, FUNCTIONS
from tests.assistant.creators.language.test_checking import understood

PAGE = Path(__file__).parents[4] / "docs" / "formulas.md"
HEADING = "## Fields\n"


def fields_table() -> str:
    """Every field with its names."""
    rows = ["| field | 中文 | English | also |", "|---|---|---|---|"]
    rows += [f"| `{word.name}` | {word.zh} | {word.en} | {'、'.join(word.aliases)} |" for word in FIELDS]
    return "\n".join(rows) + "\n"


def test_the_page_lists_every_field_and_function() -> None:
    before, made = PAGE.read_text("utf-8").split(HEADING)
    assert made.strip() == fields_table().strip()
    listed = [line for line in before.splitlines() if line.startswith("| `")]
    assert listed == [f"| `{word.name}` | {word.zh} | `{word.usage}` |" for word in FUNCTIONS]


def test_every_example_of_the_page_is_a_formula() -> None:
    examples = [line.strip() for line in PAGE.read_text("utf-8").splitlines() if line.startswith("    ")]
    assert len(examples) == 6
    for example in examples:
        assert understood(example).unit


def write() -> None:
    """Renew the list of fields; what stands before it is kept."""
    before = PAGE.read_text("utf-8").split(HEADING)[0]
    PAGE.write_text(f"{before}{HEADING}\n{fields_table()}", "utf-8")


if __name__ == "__main__":
    write()
