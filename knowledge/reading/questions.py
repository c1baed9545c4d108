"""Sheets of questions and answers: each row is one FAQ document."""

import re

import yaml

from knowledge.documents import NewRevision
from knowledge.errors import BadInput, Said
from knowledge.folding import clean, fold
from knowledge.reading.fields import one_line
from knowledge.reading.markdown import language_of, revision_of, slug_of
from knowledge.reading.sheets import Sheet

_COLUMNS = {
    "question": "问题 问 标准问 标准问题 q",
    "answer": "答案 回答 答 标准答案 a",
    "asked": "相似问法 相似问题 相似问 扩展问 其他问法 其他问题 similar_questions other_questions",
    "slug": "",
    "source": "来源 出处",
    "source_url": "链接 来源链接 网址 url link",
    "source_date": "日期 来源日期 发布日期 date published",
    "effective_from": "生效日期 生效日 生效 effective",
    "expires_on": "失效日期 失效日 失效 到期日期 expires",
}
_FIELDS = {alias: field for field, aliases in _COLUMNS.items() for alias in (field, *aliases.split())}
_DECORATION = re.compile(r"\([^()]*\)|[*:]|[ _]*\d+$")  # 答案（必填）*, 相似问法2
_SEVERAL = re.compile(r"[|｜]")
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$", re.M)
_UNDERLINE = re.compile(r"\n(?= {0,3}(?:=+|-+)[ \t]*$)", re.M)


def questions_of(sheets: list[Sheet], name: str, defaults: dict[str, str]) -> list[NewRevision]:
    """One revision a row of every sheet that has a header; sheets without one (notes, drafts) are passed over.

    Several questions with one answer stand in one cell, parted by |, or in columns of question forms. `defaults` are
    fields for rows without their own. Raises BadInput that names the row; no row is lost in silence.
    """
    found: dict[tuple[str, object], NewRevision] = {}
    for index, sheet in enumerate(sheets, 1):
        fields: list[str] = []
        for number, cells in sheet:
            place = Said("{name}, row {number}", name=name, number=number)
            if len(sheets) > 1:
                place = Said("{name}, sheet {sheet}, row {number}", name=name, sheet=index, number=number)
            if not fields:  # a title or a note may stand above the header
                fields = _header(cells, place)
                continue
            row = {**defaults, **_row(fields, cells)}
            own_slug = f"{slug_of(name)[:100]}-{number}" if index == 1 else f"{slug_of(name)[:100]}-{index}-{number}"
            new = _question(row, row.get("slug") or own_slug, place)
            if found.setdefault((new.slug, new.effective_from), new) is not new:
                raise BadInput(
                    "{place}: slug “{slug}” is taken by an earlier row; give each row its own.",
                    place=place, slug=new.slug,
                )
    if not found:
        raise BadInput(
            "{name} needs a header row with 问题 (question) and 答案 (answer), and rows below it.", name=name
        )
    return list(found.values())


def _header(cells: list[str], place: str | Said) -> list[str]:
    """The field of each column, empty for one that is not read; nothing when the row is no header."""
    fields = [_FIELDS.get(_DECORATION.sub("", fold(clean(cell)[:100])).strip().replace(" ", "_"), "") for cell in cells]
    if not {"question", "answer"} <= set(fields):
        return []
    for field in _COLUMNS:
        if field != "asked" and fields.count(field) > 1:
            raise BadInput(
                "{place}: two columns both give the {field}; keep one of them.", place=place, field=Said(field)
            )
    return fields


def _row(fields: list[str], cells: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for field, cell in zip(fields, cells, strict=False):
        text = literal(cell).strip()
        if field and text:
            row[field] = f"{row[field]}|{text}" if field in row else text
    return row


def _question(row: dict[str, str], slug: str, place: str | Said) -> NewRevision:
    first, *others = list(filter(None, map(one_line, _SEVERAL.split(row.pop("question", ""))))) or [""]
    answer = row.pop("answer", "")
    if not first or not answer:
        raise BadInput(
            "{place}: the {field} is missing; fill in the empty cell.",
            place=place, field=Said("answer" if first else "question"),
        )
    if {first, answer} & _ERRORS:
        raise BadInput(
            "{place}: a cell shows the error {error}; mend its formula.",
            place=place, error=({first, answer} & _ERRORS).pop(),
        )
    asked = others + list(filter(None, map(one_line, re.split(r"[|｜;；\n]", row.pop("asked", "")))))
    notes = yaml.safe_dump({"asked": asked}, allow_unicode=True, default_style='"', width=10**6)
    notes = "<!--\n" + notes.replace("-->", r"--\x3e") + "-->\n" if asked else ""
    # An answer has no headings of its own: they would part it from its question and from the forms of it.
    answer = _UNDERLINE.sub("\n\n", _HEADING.sub(_in_bold, answer))
    fields = {"slug": slug, "kind": "faq", "lang": language_of(first + answer), "title": first}
    return revision_of({**row, **fields, "body": f"## {first}\n{notes}\n{answer}"}, place)


def _in_bold(heading: re.Match[str]) -> str:
    return "**" + heading[1].rstrip(" \t#") + "**"


def literal(text: str) -> str:
    """Clean text in which `<!--` opens no notes: what comes from outside must not declare its own source official."""
    return clean(text).replace("<!--", "&lt;!--")
