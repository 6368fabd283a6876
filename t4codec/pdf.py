"""Fax pages as a PDF, the MMR octets as they are.

CCITTFaxDecode of ISO 32000-1 7.4.6 is T.6, so a page is wrapped, not coded again, and the file is
as small as the fax. The objects are written by hand: a page takes three, img2pdf would want a
TIFF file around every page first and loads Pillow to read it back, pypdf builds the same
dictionaries in ten times the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from t4codec.coding import Coding, Compression
from t4codec.page import CodedPage
from t4codec.transcode import transcode

_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"  # four octets above 127 say that it is binary
_A4_HEIGHT = 297 / 25.4 * 72  # points
_FIRST_PAGE_OBJECT = 4  # after catalogue, page tree and information
_OBJECTS_PER_PAGE = 3  # page, its content, its image


def wrap(
    pages: Sequence[CodedPage],
    *,
    title: str,
    created: datetime,
    author: str = "",
    producer: str = "Faxgate",
) -> bytes:
    """A PDF of `pages` at their true size. `created` is aware.

    Pages in MMR, most significant bit first, go in as they are; others are transcoded.
    """
    file = _File()
    kids = [_FIRST_PAGE_OBJECT + _OBJECTS_PER_PAGE * i for i in range(len(pages))]
    references = b" ".join(b"%d 0 R" % kid for kid in kids)
    file.add(b"<< /Type /Catalog /Pages 2 0 R >>")
    file.add(b"<< /Type /Pages /Kids [%b] /Count %d >>" % (references, len(kids)))
    file.add(_information(title, author, producer, created))
    for number, page in zip(kids, pages, strict=True):
        _add_page(file, number, page)
    return file.end()


def _add_page(file: _File, number: int, page: CodedPage) -> None:
    """Add the three objects of a page, the first of which has `number`.

    A page of no rows shows no image, which would have no height, on a sheet as high as A4.
    """
    width, height = page.points
    size = (width, height or _A4_HEIGHT)
    shown = b"/XObject << /Fax %d 0 R >> " % (number + 2) if page.height else b""
    file.add(
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R"
        b" /Resources << %b>> >>" % (*size, number + 1, shown)
    )
    file.add_stream(b"", b"%.2f 0 0 %.2f 0 0 cm /Fax Do" % size if shown else b"")
    columns, rows = page.coding.width, page.height
    file.add_stream(
        b" /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray"
        b" /BitsPerComponent 1 /Filter /CCITTFaxDecode"
        b" /DecodeParms << /K -1 /Columns %d /Rows %d >>" % (columns, rows, columns, rows),
        _mmr(page),
    )


def _mmr(page: CodedPage) -> bytes:
    coding = page.coding
    as_it_is = coding.compression is Compression.MMR and not coding.lsb_first | coding.row_aligned
    if as_it_is:
        return page.data
    return transcode(page.data, coding, Coding(Compression.MMR, width=coding.width))


def _information(title: str, author: str, producer: str, created: datetime) -> bytes:
    date = created.strftime("D:%Y%m%d%H%M%S%z")
    date = f"{date[:-2]}'{date[-2:]}'"
    entries = [("Title", title), ("Author", author), ("Producer", producer)]
    texts = b"".join(b" /%b %b" % (key.encode(), _text(text)) for key, text in entries if text)
    return b"<<%b /CreationDate (%b) >>" % (texts, date.encode())


def _text(text: str) -> bytes:
    """A text string (ISO 32000-1 7.9.2.2): UTF-16 in hexadecimal, in which nothing is special."""
    return b"<FEFF%b>" % text.encode("utf-16-be", "replace").hex().upper().encode()


class _File:
    """The body of a PDF file and the offsets of its objects, which are numbered from 1."""

    def __init__(self) -> None:
        self._parts = [_HEAD]
        self._at = len(_HEAD)
        self._offsets: list[int] = []

    def add(self, content: bytes) -> None:
        """Add an object."""
        self._offsets.append(self._at)
        self._write(b"%d 0 obj\n%b\nendobj\n" % (len(self._offsets), content))

    def add_stream(self, entries: bytes, content: bytes) -> None:
        """Add a stream object with further dictionary entries."""
        self.add(b"<<%b /Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content))

    def _write(self, part: bytes) -> None:
        self._parts.append(part)
        self._at += len(part)

    def end(self) -> bytes:
        """Close the file with its cross-reference table (ISO 32000-1 7.5.4)."""
        table_at = self._at
        size = len(self._offsets) + 1
        entries = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets)
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, entries))
        self._write(b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\n" % size)
        self._write(b"startxref\n%d\n%%%%EOF\n" % table_at)
        return b"".join(self._parts)
