"""PDF to pages with PDFium: what a printer would show, or a reason why it cannot be shown whole.

PDFium repairs what it can and draws blank pages for what it cannot. A fax with silent holes is
worse than none, so a file whose end is missing, or that had to be repaired and has empty pages, is
refused. Drawn straight at the fax's resolution, with forms and the annotations that print.

ISO 32000-1: 7.5 (file structure), 7.6 (encryption), 12.5.3 (annotation flags). PDFium is not
thread-safe: one document, one process.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from gateway.offramp.convert.base import Grey, PageSink, Source, Unfaxable
from gateway.offramp.convert.portfolio import is_portfolio
from gateway.offramp.convert.userunit import user_units
from gateway.offramp.sheet import WIDTH, Placement
from gateway.said import said

POINT = 25.4 / 72  # mm
LARGEST = 14_400.0 * POINT  # mm, 5.08 m: the limit of PDF 1.7 Annex C
SMALLEST = 1.0  # mm
SPECK = 256  # pels; a smaller picture shows nothing that could be missed
TAIL = 4096  # octets in which the end of the file must be
XFA_FORMS = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)
ENCRYPTED = said("is protected with a password")


class PdfPage:
    """One page, loaded."""

    def __init__(
        self, page: pypdfium2.PdfPage, form: object, number: int, unit: float = 1.0
    ) -> None:
        self._page = page
        self._form = form
        self._number = number
        self._unit = unit  # points

    @property
    def size(self) -> tuple[float, float]:
        """In millimetres, /Rotate and /UserUnit applied."""
        width, height = self._page.get_size()
        return width * self._unit * POINT, height * self._unit * POINT

    def draw(self, placement: Placement) -> Grey:
        """Render in grey, anisotropic: PDFium takes any width with any height."""
        grey = np.full((placement.rows, WIDTH), 255, np.uint8)
        pels = (ctypes.c_ubyte * grey.size).from_buffer(grey.data)
        bitmap = pypdfium2.PdfBitmap.new_native(
            *grey.shape[::-1], pdfium.FPDFBitmap_Gray, buffer=pels
        )
        box = placement.box
        where = (box.left, box.top, box.width, box.height, int(placement.turned))
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING
        pdfium.FPDF_RenderPageBitmap(bitmap, self._page, *where, flags)
        if self._form is not None:
            pdfium.FPDF_FFLDraw(self._form, bitmap, self._page, *where, flags)
        bitmap.close()
        self._check_pictures(grey, where)
        return grey

    def _check_pictures(self, grey: Grey, where: tuple[int, ...]) -> None:
        """Refuse a page that shows nothing where a picture is, if that cannot be decoded."""
        for item in self._page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,)):
            rows, pels = self._window(item.get_bounds(), where)
            shown = grey[rows, pels]
            if shown.size > SPECK and shown.min() == 255 and not _is_sound_picture(item):
                raise Unfaxable(
                    said("is damaged: the picture on page {page} cannot be read", page=self._number)
                )

    def _window(self, bounds: tuple[float, ...], where: tuple[int, ...]) -> tuple[slice, slice]:
        """Rows and pels of the fax page on which something of these bounds, in points, lies."""
        left, bottom, right, top = bounds
        corners = [self._on_fax(x, y, where) for x, y in ((left, bottom), (right, top))]
        pels, rows = (sorted(max(at, 0) for at in ends) for ends in zip(*corners, strict=True))
        return slice(rows[0], rows[1] + 1), slice(pels[0], pels[1] + 1)

    def _on_fax(self, x: float, y: float, where: tuple[int, ...]) -> tuple[int, int]:
        pel, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(self._page, *where, x, y, pel, row)
        return pel.value, row.value


def convert(source: Source, sink: PageSink) -> None:
    """Draw every page."""
    content = source.content
    _check_end(content)
    with _opened(content) as document:
        if document.get_formtype() in XFA_FORMS:
            raise Unfaxable(
                said("is a form that only Adobe Reader can show; please print it to a PDF")
            )
        document.init_forms()
        if len(document) == 0:
            raise Unfaxable(said("has no pages"))
        if pdfium.FPDFDoc_GetAttachmentCount(document) and is_portfolio(content):
            raise Unfaxable(
                said("is a PDF portfolio; please attach the documents in it themselves")
            )
        sink.expect(len(document))
        sound, units = _is_sound(content), user_units(content)
        for number in range(1, len(document) + 1):
            with _loaded(document, number) as page:
                drawing = PdfPage(page, document.formenv, number, units.get(number, 1.0))
                _check_size(drawing.size, number)
                if not sound and pdfium.FPDFPage_CountObjects(page) == 0:
                    raise Unfaxable(
                        said("is damaged: page {page} is empty where it should not be", page=number)
                    )
                sink.add(drawing)


def text_of(content: bytes, most: int) -> str:
    """Every character on the first pages, each once: what was meant, whatever its glyph is."""
    seen: set[str] = set()
    with _opened(content) as document:
        for number in range(1, min(len(document), most) + 1):
            with _loaded(document, number) as page:
                text = page.get_textpage()
                seen.update(text.get_text_range())
                text.close()
    return "".join(sorted(seen))


@contextmanager
def _opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", 0)
        if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unfaxable(ENCRYPTED) from error
        raise Unfaxable(said("is damaged and cannot be opened as PDF")) from error
    try:
        yield document
    finally:
        document.close()


@contextmanager
def _loaded(document: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise Unfaxable(said("is damaged: page {page} cannot be read", page=number)) from error
    try:
        yield page
    finally:
        page.close()


def _check_end(content: bytes) -> None:
    """Refuse a file that was cut off on its way (ISO 32000-1 7.5.5: it ends in %%EOF)."""
    tail = content.rstrip(b"\0 \t\r\n\x1a")[-TAIL:]
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise Unfaxable(said("is damaged: the end of the file is missing"))


def _is_sound(content: bytes) -> bool:
    """Whether the cross-reference table is where the end of the file says."""
    found = re.findall(rb"startxref\s+(\d{1,12})", content[-TAIL:])
    if not found:
        return False
    start = content.find(b"%PDF-", 0, 1024)
    return any(
        re.match(rb"\s*(xref|\d+\s+\d+\s+obj)", content[offset : offset + 40])
        for offset in {int(found[-1]), int(found[-1]) + max(start, 0)}
    )


def _is_sound_picture(item: pypdfium2.PdfObject) -> bool:
    bitmap = pdfium.FPDFImageObj_GetBitmap(item)
    if not bitmap:
        return False
    pdfium.FPDFBitmap_Destroy(bitmap)
    return True


def _check_size(size: tuple[float, float], number: int) -> None:
    if max(size) > LARGEST:
        metres = round(max(size) / 1000)
        raise Unfaxable(
            said("has a page {page} that is {metres} m long", page=number, metres=metres)
        )
    if min(size) < SMALLEST:
        raise Unfaxable(said("has a page {page} without area", page=number))
