"""Files that must not be read, each with a part of the one sentence that refuses it; and files that are read cleaned.

The tests of the command line and of the console give a file for every sentence.
"""

import codecs
import json
from pathlib import Path

from tests.knowledge.reading import samples

MARK = "\u202e"  # right-to-left override: what follows is shown backwards
_ROW = '{"slug": "%s", "title": "题", "body": "正文。"}'


def hostile_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write every file that is refused into `folder`; by name, its path and a part of the sentence. One is a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: (folder / name, says) for name, (_, says) in _REFUSED.items()}
    for name, (data, _) in _REFUSED.items():
        (folder / name).write_bytes(data())
    (folder / "folder.docx").mkdir(exist_ok=True)
    return {**found, "folder.docx": (folder / "folder.docx", "nothing that can be read")}


def files_of_every_sentence(folder: Path) -> dict[str, tuple[Path, str]]:
    """The first of the hostile files for each sentence: where sentences are shown, a second file tells nothing new."""
    firsts: dict[str, str] = {}
    files = hostile_files(folder)
    for name, (_, says) in files.items():
        firsts.setdefault(says, name)
    return {name: files[name] for name in firsts.values()}


def cleaned_files(folder: Path) -> dict[str, Path]:
    """Write every file that is read after cleaning; each says 给100亿 and nothing of `MARK`, NUL, scripts and links."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in _CLEANED.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in _CLEANED}


def _word_bomb() -> bytes:
    return samples.zip_of([("word/document.xml", b"<a/>" * 10**7)])


def _sheet_bomb() -> bytes:
    return samples.zip_of([("xl/workbook.xml", b"<a/>"), ("xl/sharedStrings.xml", b" " * 10**8)])


def _many_entries() -> bytes:
    return samples.zip_of((f"word/{number}.xml", b"x") for number in range(2_001))


def _locked_office() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


def _old_office() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")


def _lines(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def _yaml_bomb() -> bytes:
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    levels = [f"{name}: &{name} [{', '.join([f'*{above}'] * 9)}]" for above, name in pairs]
    return _lines("---", "slug: bomb", "title: 题", "a: &a [x, x, x, x, x, x, x, x, x]", *levels, "---", "正文。")


def _front(*lines: str) -> bytes:
    return _lines("---", "slug: a", "title: 题", *lines, "---", "正文。")


_REFUSED = {
    # Files that unpack to more than they are.
    "bomb.docx": (_word_bomb, "unpacks to far more"),
    "bomb.xlsx": (_sheet_bomb, "unpacks to far more"),
    "entries.docx": (_many_entries, "unpacks to far more"),
    "bomb.md": (_yaml_bomb, "uses YAML aliases"),
    "brackets.md": (lambda: _front("a: " + "[" * 9_000), "the front matter is not valid YAML"),
    "tag.md": (lambda: _front('a: !!int ""'), "the front matter is not valid YAML"),
    "object.md": (lambda: _front("a: !!python/object/apply:os.system [x]"), "the front matter is not valid YAML"),
    "endless.md": (lambda: _front("a: " + "x" * 30_000), "longer than 20,000 characters"),
    # Files under a password.
    "locked.docx": (_locked_office, "password"),
    "locked.xlsx": (_locked_office, "password"),
    "marked.docx": (lambda: samples.marked_encrypted(samples.word()), "password"),
    "locked.pdf": (lambda: samples.locked_pdf("secret"), "password"),
    # Broken and cut off.
    "cut.docx": (lambda: samples.word()[:9_000], "damaged"),
    "cut.xlsx": (lambda: samples.sheets([["q", "a"], ["1", "2"]])[:2_000], "damaged"),
    "cut.pdf": (lambda: samples.pdf()[:400], "cut off"),
    "halved.docx": (lambda: samples.rezipped(samples.word(), lambda _, part: part[: len(part) // 2]), "damaged"),
    "hollow.pdf": (lambda: b"%PDF-1.7 and then nothing that a PDF holds %%EOF", ""),
    "parts.xlsx": (lambda: samples.rezipped(samples.sheets([["q", "a"]]), lambda _, part: part[:40]), "damaged"),
    # Not what the name says.
    "picture.docx": (samples.png, "does not hold DOCX"),
    "paper.txt": (samples.pdf, "does not hold TXT"),
    "picture.md": (samples.png, "does not hold MD"),
    "sheet.docx": (lambda: samples.sheets([["q", "a"]]), "does not hold DOCX"),
    "word.xlsx": (samples.word, "does not hold XLSX"),
    "old.docx": (_old_office, "does not hold DOCX"),
    "sheet.csv": (lambda: samples.sheets([["q", "a"]]), "does not hold CSV"),
    "paper.html": (samples.pdf, "does not hold HTML"),
    "page.pdf": (lambda: b"<html><p>x", "does not hold PDF"),
    "program.exe": (lambda: b"MZ", "files of this kind cannot be read"),
    # Nothing in them.
    "empty.md": (lambda: b"", "empty"),
    "empty.docx": (lambda: b"", "empty"),
    **{f"empty{suffix}": (lambda: b"", "empty") for suffix in (".html", ".htm", ".pdf", ".xlsx", ".csv", ".jsonl")},
    "blank.txt": (lambda: b" \n\n ", "empty"),
    "invisible.txt": (lambda: (MARK + "\u200b").encode(), "empty"),
    "scanned.pdf": (lambda: samples.pdf(()), "no text can be read from it"),
    "pictures.html": (lambda: b"<img src='https://example.org/a.png'>", "no text can be read from it"),
    # No text, or too much of it.
    "nul.txt": (lambda: "正\0文".encode(), "NUL bytes"),
    "nul.md": (lambda: "# 题\n正\0文".encode(), "NUL bytes"),
    "nul.csv": (lambda: "q,a\n一\0,1\n".encode(), "NUL bytes"),
    "unmarked.txt": (lambda: "没有标记\n的文本".encode("utf-16-le"), "NUL bytes"),
    "noise.md": (lambda: bytes(range(128, 256)) * 3, "is not text in UTF-8"),
    "noise.html": (lambda: bytes(range(128, 256)) * 3, "is not text in UTF-8"),
    "ten-megabytes.txt": (lambda: ("说明。" * 1_165_000).encode(), "longer than the 300,000 characters"),
    "ten-megabytes.md": (lambda: b"# a\n" + b"word " * 2_097_152, "longer than the 300,000 characters"),
    "book.md": (lambda: b"# a\n" + b"word " * 60_000, "one document may hold 300,000 characters"),
    "book.html": (lambda: b"<p>" + b"word " * 60_001, "one document may hold 300,000 characters"),
    "lines.md": (lambda: b"- a\n" * 20_001, "20,000 lines"),
    "headings.md": (lambda: b"# a\nb\n" * 2_001, "2,000 passages"),
    "comments.md": (lambda: b"<!--" * 50_000, "is not closed"),
    "huge.md": (lambda: b"a" * (20 * 2**20 + 1), "larger than 20 MB"),
    "nested.html": (lambda: b"<div>" * 3_000 + b"x", "nested too deeply"),
    # One bad row spoils the file.
    "row.jsonl": (lambda: _lines(_ROW % "a", '{"slug": "b"', _ROW % "c"), "row.jsonl, line 2: this is not JSON"),
    "array.jsonl": (lambda: _lines(_ROW % "a", "[1]"), "array.jsonl, line 2: each line must be one JSON object"),
    "twice.jsonl": (lambda: _lines(_ROW % "a", _ROW % "b", _ROW % "a"), "twice.jsonl, line 3: slug “a” is taken"),
    "deep.jsonl": (
        lambda: b'{"slug": "a", "title": "t", "body": "b", "x": ' + b"[" * 900 + b"]" * 900 + b"}",
        "a field holds a value that cannot be kept",
    ),
    "script.jsonl": (
        lambda: json.dumps({"slug": "a", "title": "t", "body": "b", "source_url": "javascript:alert(1)"}).encode(),
        "source_url must begin with http",
    ),
    "headers.csv": (lambda: "问题,答案,答案\n一,1,2\n".encode(), "two columns both give the answer"),
    "headless.csv": (lambda: "问题,备注\n一,1\n".encode(), "needs a header row"),
    "quote.csv": (lambda: 'q,a\n一,"1\n二,2\n'.encode(), "not valid CSV"),
    "gap.csv": (lambda: "q,a\n一,1\n二,\n".encode(), "gap.csv, row 3: the answer is missing"),
    "formula.xlsx": (lambda: samples.sheets([["q", "a"], ["一", "=1+1"]]), "a formula without its value in B2"),
    "error.csv": (lambda: "q,a\n一,#REF!\n".encode(), "error.csv, row 2: a cell shows the error #REF!"),
}

_PAGE = f"""<title>题</title><script>alert('100亿')</script><h1>光合{MARK}计划</h1>
<p onclick="x()">给1\u200b00亿<a href="javascript:alert(1)">详情</a><a href="/rule">规则</a>
<a href="file:///etc/passwd">文件</a><img src="https://example.org/spy.png" alt="流程图"><iframe src="https://example.org/"></iframe>"""
_CLEANED = {
    "marks.md": f"# 光合{MARK}计划\n给1\u200b00亿".encode(),
    "marks.txt": f"光合{MARK}计划\n\n给1\u200b00亿".encode(),
    "marks.csv": f"问题,答案\n光合{MARK}计划,给1\u200b00亿\n".encode(),
    "scripts.html": _PAGE.encode(),
    "nul.html": "<p>给1\0" "00亿</p>".encode(),
    "escapes.jsonl": rb'{"slug": "escapes", "title": "\ud800\u0000t", "body": "\u7ed9100\u4ebf\udfff",'
    rb' "category": "\ud800", "source": "\u202e", "note": ["\ud800\u0000"]}',
    "escapes.md": _lines(
        "---", "slug: escapes", r'title: "\ud800\0题"', r'source: "\u202e"', "---",
        "## 一", "<!--", r'asked: ["\ud800\0问"]', "-->", "给100亿",
    ),
    "windows.txt": codecs.BOM_UTF16_LE + "给100亿".encode("utf-16-le"),
    "mainland.txt": "光合计划给100亿。".encode("gb18030"),
    "taiwan.txt": "給100亿，光合計劃的說明。".replace("亿", "億").encode("big5"),
}
