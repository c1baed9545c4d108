"""Small files of every office kind, made on the spot."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO

import docx
import openpyxl
import pypdf

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def pdf(lines: Iterable[str] = ("Traffic plan 2024", "The plan gives 10 billion.")) -> bytes:
    """A PDF of one page with a line of text each; without lines its page shows nothing."""
    shown = b" ".join(b"(%s) Tj T*" % line.encode("ascii") for line in lines)
    return pdf_of(b"BT /F1 12 Tf 72 720 Td 14 TL " + shown + b" ET")


def paper() -> bytes:
    """A PDF of one page with two headings, a paragraph over two lines, a ruled table and a page number."""
    texts = (
        (24, 72, 720, b"Traffic plan"),
        (12, 72, 680, b"The plan gives ten billion impressions to creators who post"),
        (12, 72, 666, b"every week of the year."),
        (18, 72, 630, b"Levels"),
        (12, 76, 594, b"Level"), (12, 176, 594, b"Traffic"), (12, 76, 574, b"A"), (12, 176, 574, b"50000"),
        (12, 300, 40, b"- 1 -"),
    )  # fmt: skip
    written = b" ".join(b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % text for text in texts)
    across = b" ".join(b"72 %d m 272 %d l S" % (y, y) for y in (610, 588, 568))
    down = b" ".join(b"%d 610 m %d 568 l S" % (x, x) for x in (72, 172, 272))
    return pdf_of(b" ".join((written, across, down)))


def pdf_of(stream: bytes, filters: bytes = b"") -> bytes:
    """A PDF of one page that is drawn by `stream`."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), filters, stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(places)
    return written + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)


def pdf_bomb() -> bytes:
    """A PDF of a few kilobytes whose page unpacks to 335 megabytes."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b" " * 2**24) for _ in range(20)) + packer.flush()
    return pdf_of(zlib.compress(once, 9), b"/Filter[/FlateDecode/FlateDecode]")


def locked_pdf(user_password: str) -> bytes:
    """A PDF under an owner's password; with an empty `user_password` anyone may open it."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf()))
    writer.encrypt(user_password=user_password, owner_password="owner", algorithm="AES-256")
    return _saved(writer.write)


def word(text: str = "2024年给100亿。", picture: bool = False) -> bytes:
    """A DOCX with two headings, both kinds of lists and a table without a marked header row."""
    document = docx.Document()
    document.add_heading("光合计划", 1)
    document.add_paragraph(text)
    document.add_heading("条件", 2)
    for style, items in (("List Bullet", "甲乙"), ("List Number", "丙丁")):
        for item in items:
            document.add_paragraph(item, style=style)
    table = document.add_table(2, 2)
    for row, values in zip(table.rows, (("级别", "流量"), ("A", "5万")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    if picture:
        document.add_picture(BytesIO(png()))
    return _saved(document.save)


def sheets(*contents: Sequence[Sequence[object]]) -> bytes:
    """An XLSX with one sheet for each list of rows. A number below 1 is shown as a percentage."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in contents:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, float) and cell.value < 1:
                    cell.number_format = "0.0%"
    return _saved(book.save)


def png() -> bytes:
    """A picture of one grey pixel."""
    written = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")):
        written += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return written


def zip_of(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip with these files."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return packed.getvalue()


def rezipped(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same zip with every file changed by `change(name, content)`."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return zip_of([(name, change(name, archive.read(name))) for name in archive.namelist()])


def marked_encrypted(data: bytes) -> bytes:
    """The same zip, its directory saying of each file that it is encrypted."""
    return re.sub(rb"(PK\x01\x02.{4}).", lambda entry: entry[1] + b"\x01", data, flags=re.S)


def _saved(save: Callable[[BytesIO], object]) -> bytes:
    written = BytesIO()
    save(written)
    return written.getvalue()
