"""Revisions as a folder of Markdown files with front matter, which `knowledge add` reads back."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from knowledge.catalog import Revision
from knowledge.documents import fields_of


def markdown_of(revision: Revision) -> str:
    """A revision as one Markdown text with its fields in front."""
    front = {name: value for name, value in fields_of(revision).items() if name != "body"}
    return f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n{revision.body}\n"


def write_folder(revisions: Iterable[Revision], folder: Path) -> int:
    """Write each revision to `slug@day.md`, `day` being the first on which it holds; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for revision in revisions:
        path = folder / f"{revision.slug}@{revision.effective_from or 'always'}.md"
        path.write_text(markdown_of(revision), "utf-8")
        count += 1
    return count
