"""Office files as revisions: a page or paper is one document, each row of a question sheet is one FAQ document."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from knowledge.documents import NewRevision
from knowledge.errors import BadInput, Misconfigured
from knowledge.folding import clean, fold
from knowledge.reading.markdown import language_of, revision_of, slug_of

OFFICE_SUFFIXES: frozenset[str] = frozenset({".html", ".htm", ".pdf", ".docx", ".xlsx", ".csv"})
_COLUMNS = {
    "question": "问题 问 q", "answer": "答案 回答 答 a", "asked": "相似问法", "slug": "", "source": "来源",
    "source_url": "", "source_date": "日期", "effective_from": "生效日期", "expires_on": "失效日期",
}
_FIELDS = {alias: field for field, aliases in _COLUMNS.items() for alias in (field, *aliases.split())}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s.*)?")


def read_office(path: Path) -> list[NewRevision]:
    """The revisions in an office file, in its order. Raises BadInput with one sentence that names the file."""
    found = _converted(path)
    if "sheets" in found:
        return _questions(found["sheets"], path.name)
    body = _literal(found["markdown"])
    titles = (found["title"], *re.findall(r"^#{1,6}[ \t]+(.+)$", body, re.M)[:1], path.stem)
    title = next(filter(None, (_one_line(title.replace("**", "")) for title in titles)), path.name)
    return [revision_of({"slug": slug_of(path.name), "title": title, "body": body}, path.name)]


def _converted(path: Path) -> dict[str, Any]:
    # -P and a bare environment: a data folder cannot shadow a module, and no key is near a file from outside.
    command = [sys.executable, "-P", "-m", "knowledge.reading.office_worker", path.suffix.lower()]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(command, input=path.read_bytes(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           env=environment, check=False)
    if ended.returncode == os.EX_CONFIG:
        raise Misconfigured(f"{path.name} was not read because the file converters do not start; run `make setup`.")
    if ended.returncode:  # a signal at a limit, or no memory left to say so
        raise BadInput(f"{path.name} took more time or memory than a conversion may take; split it into smaller files.")
    found: dict[str, Any] = json.loads(ended.stdout)
    if "problem" in found:
        raise BadInput(f"{path.name} {found['problem']}.")
    return found


def _questions(sheets: list[list[tuple[int, list[str]]]], name: str) -> list[NewRevision]:
    """One revision a row of every sheet that has the header; sheets without it (notes, drafts) are passed over."""
    found: dict[tuple[str, object], NewRevision] = {}
    for index, sheet in enumerate(sheets, 1):
        fields: list[str] = []
        for number, cells in sheet:
            if not fields:  # a title or a note may stand above the header
                named = [_FIELDS.get(fold(clean(cell)).strip(), "") for cell in cells]
                fields = named if {"question", "answer"} <= set(named) else []
                continue
            row = {field: _literal(cell).strip() for field, cell in zip(fields, cells, strict=False) if field}
            place = f"{name}, row {number}" if len(sheets) == 1 else f"{name}, sheet {index}, row {number}"
            own_slug = f"{slug_of(name)[:100]}-{number}" if index == 1 else f"{slug_of(name)[:100]}-{index}-{number}"
            new = _question(row, row.get("slug") or own_slug, place)
            if found.setdefault((new.slug, new.effective_from), new) is not new:
                raise BadInput(f"{place}: slug “{new.slug}” is taken by an earlier row; give each row its own.")
    if not found:
        raise BadInput(f"{name} needs a header row with 问题 (question) and 答案 (answer), and rows below it.")
    return list(found.values())


def _question(row: dict[str, str], slug: str, place: str) -> NewRevision:
    question, answer = _one_line(row.pop("question", "")), row.pop("answer", "")
    if not question or not answer:
        raise BadInput(f"{place}: the {'answer' if question else 'question'} is missing; fill in the empty cell.")
    asked = list(filter(None, map(_one_line, re.split(r"[|｜;；\n]", row.pop("asked", "")))))
    notes = yaml.safe_dump({"asked": asked}, allow_unicode=True, default_style='"', width=10**6)
    notes = "<!--\n" + notes.replace("-->", r"--\x3e") + "-->\n" if asked else ""
    # An answer has no headings of its own: they would part it from its question and from the forms of it.
    answer = re.sub(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", r"**\1**", answer, flags=re.M)
    answer = re.sub(r"\n(?= {0,3}(?:=+|-+)[ \t]*$)", "\n\n", answer, flags=re.M)
    for field in {"source_date", "effective_from", "expires_on"} & row.keys():
        row[field] = _DAY.sub(lambda day: f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}", row[field])
    fields = {"slug": slug, "kind": "faq", "lang": language_of(question + answer), "title": question}
    return revision_of({**row, **fields, "body": f"## {question}\n{notes}\n{answer}"}, place)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _literal(text: str) -> str:
    """Clean text in which `<!--` opens no notes: a page from outside must not declare its own source official."""
    return clean(text).replace("<!--", "&lt;!--")
