"""The letter and the evidence of a case, to be handed on: a PDF with the three parts that a notice of infringement has
by article 14 of the regulation on network dissemination, and a ZIP with the letter, the files and their hashes."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from assistant.creators.accounts import Creator
from assistant.errors import Unavailable
from assistant.programs.cases.desk import Case, Entry, Paper

FONT = "Noto"
REGULAR = Path("noto-sans-sc") / "400Regular" / "NotoSansSC_400Regular.ttf"
BOLD = Path("noto-sans-sc") / "700Bold" / "NotoSansSC_700Bold.ttf"


def letter(case: Case, creator: Creator, papers: Sequence[Paper], fonts: Path) -> bytes:
    """The letter as a PDF. Raises Unavailable when the fonts have not been fetched by `make setup`."""
    if not (fonts / REGULAR).exists():
        raise Unavailable("The fonts for letters have not been fetched; run `make setup`.")
    from fpdf import FPDF  # it takes longer to import than a server needs to answer; few letters are ever written

    page = FPDF(format="A4")
    page.set_margin(22)
    page.add_font(FONT, "", fonts / REGULAR)
    page.add_font(FONT, "B", fonts / BOLD)
    page.add_page()
    page.set_font(FONT, "B", 17)
    page.cell(0, 14, "侵权通知书" if case.side == "report" else "反通知（书面说明）", new_x="LMARGIN", new_y="NEXT")
    page.set_font(FONT, "", 9)
    page.set_text_color(110)
    page.cell(
        0,
        7,
        f"案件 #{case.id} · {case.opened_at:%Y-%m-%d} · 依据《信息网络传播权保护条例》第十四条",
        new_x="LMARGIN",
        new_y="NEXT",
    )
    page.set_text_color(0)
    own = [f"标题：{case.own_title}", f"链接：{case.own_url or '（未提供）'}"]
    if case.own_published_at:
        own.append(f"发布时间：{case.own_published_at:%Y-%m-%d %H:%M}")
    other = [
        f"标题：{case.other_title or '（未提供）'}",
        f"网络地址：{case.other_url}",
        f"账号：{case.other_name or '（未提供）'}",
    ]
    hints = [
        f"标题相似度 {case.title_likeness:.0%}" if case.title_likeness is not None else "",
        f"封面相似度 {case.cover_likeness:.0%}" if case.cover_likeness is not None else "",
    ]
    proof = [case.statement, *(f"附件：{paper.name}（SHA-256 {paper.hash}）" for paper in papers)]
    if any(hints):
        proof.append("，".join(filter(None, hints)) + "（机器计算，仅供参考）")
    parts = (
        ("一、权利人", [f"姓名（名称）：{creator.name}（{creator.id}）", f"联系方式：{case.contact or '（请补充）'}"]),
        ("二、权利人的作品", own),
        ("三、要求处理的作品和网络地址", other),
        ("四、初步证明材料", proof),
    )
    for title, lines in parts:
        page.ln(4)
        page.set_font(FONT, "B", 12)
        page.cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
        page.set_font(FONT, "", 11)
        for line in lines:
            page.multi_cell(0, 7, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def package(
    case: Case, creator: Creator, entries: Sequence[Entry], files: Sequence[tuple[Paper, bytes]], fonts: Path
) -> bytes:
    """Letter, history, files and a list of their hashes as a ZIP."""
    written = {"letter.pdf": letter(case, creator, [paper for paper, _ in files], fonts)}
    history = [
        {"at": one.at.isoformat() + "Z", "act": one.act, "author": one.author, "text": one.text} for one in entries
    ]
    written["history.json"] = json.dumps(history, ensure_ascii=False, indent=2).encode()
    for number, (paper, data) in enumerate(files, 1):
        extension = paper.media_type.rpartition("/")[2]
        written[f"evidence-{number:02}-{paper.role}.{extension}"] = data
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in written.items())
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**written, "SHA256SUMS": sums.encode()}.items():
            archive.writestr(name, data)
    return output.getvalue()
