"""Office documents for tests, made by the libraries that other people use, and hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

import docx
import openpyxl
import pptx

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def letter(*paragraphs: str, pages: int = 1) -> bytes:
    """A DOCX of so many pages, all alike."""
    document = docx.Document()
    for number in range(pages):
        if number:
            document.add_page_break()  # type: ignore[no-untyped-call]
        for text in paragraphs:
            document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    """An XLSX with these rows of cells on each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def slides(*titles: str) -> bytes:
    """A PPTX with one slide for each title."""
    presentation = pptx.Presentation()
    for title in titles:
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = title
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def open_document(body: str, kind: str = "text", files: Mapping[str, bytes] | None = None) -> bytes:
    """A flat little OpenDocument file around a body element."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "drawing")
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces} '
        f'office:version="1.2"><office:body>{body}</office:body></office:document-content>'
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{odf(kind)}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    return packed(
        {
            "mimetype": odf(kind).encode(),
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
            **(files or {}),
        }
    )


def odf(kind: str) -> str:
    """The media type of an OpenDocument kind."""
    return f"application/vnd.oasis.opendocument.{kind}"


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive, its first file stored as OpenDocument wants it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, content) in enumerate(files.items()):
            how = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(name, content, how)
    return out.getvalue()


def rewritten(document: bytes, name: str, content: bytes) -> bytes:
    """A ZIP archive with one of its files replaced."""
    with zipfile.ZipFile(BytesIO(document)) as archive:
        return packed({n: archive.read(n) for n in archive.namelist()} | {name: content})


def compound(*streams: str) -> bytes:
    """What looks like a compound file with streams of these names."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return COMPOUND.ljust(512, b"\0") + entries.ljust(2048, b"\0")


def zip_bomb() -> bytes:
    """A DOCX whose text unpacks to half a gigabyte."""
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": bytes(500_000_000)})


def entity_bomb() -> bytes:
    """A DOCX whose text is ten entities deep, each ten times the one before."""
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol" * 10}">' for n in range(11)
    )
    text = (
        f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><w:document xmlns:w="http://schemas.'
        'openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&e10;</w:t></w:r>'
        "</w:p></w:body></w:document>"
    )
    return rewritten(letter("x"), "word/document.xml", text.encode())
