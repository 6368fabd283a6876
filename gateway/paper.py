"""Stored pages in forms that people can open: a PDF, a small picture, the bare pels.

Pure, and slow enough for a thread. Nothing is drawn anew: the PDF has the MMR of the store bit for
bit, at the true size of the paper. Pictures have the proportions of the paper too: the pels of a
fax are not square.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from PIL import Image

from gateway.ocr.turn import turned
from gateway.store.records import StoredPage
from modems.pages import converted
from modems.session import DF, VR
from modems.terminal import PageForm
from t4codec import CodedPage, Coding, Compression, Resolution, decode, encode
from t4codec.pdf import wrap
from t4codec.tiff import write_minimal

WIDTH: Final = 300  # pixels
TALLEST: Final = 600  # pixels; of a longer page its top is shown
LEVELS: Final = 16
MINIMAL_WIDTH: Final = 1728  # pels (RFC 3949 3.2.1)
MINIMAL: Final = {  # each resolution that Profile S has, and the finer ones of its family
    VR.R8_STANDARD: VR.R8_STANDARD,
    VR.INCH_200X100: VR.INCH_200X100,
    VR.INCH_200X200: VR.INCH_200X200,
    VR.INCH_200X400: VR.INCH_200X200,
    VR.INCH_300X300: VR.INCH_200X200,
    VR.INCH_400X400: VR.INCH_200X200,
}


def as_pdf(pages: Sequence[StoredPage], title: str, created: datetime) -> bytes:
    """The pages as a PDF."""
    return wrap([coded(page) for page in pages], title=title, created=created)


def coded(page: StoredPage) -> CodedPage:
    """The page as the codec has it, bit for bit."""
    coding = Coding(Compression.MMR, page.width)
    return CodedPage(page.mmr, coding, page.height, Resolution(*page.vr.dpi))


def minimal_tiff(pages: Sequence[StoredPage]) -> bytes:
    """The pages as a TIFF of Profile S: 1728 pels wide, 200 rows to the inch at most, in MH."""
    return write_minimal([coded(_minimal(page)) for page in pages])


def _minimal(page: StoredPage) -> StoredPage:
    """The page as Profile S can have it; one that is wider or finer shrinks."""
    vr = MINIMAL.get(page.vr, VR.R8_FINE)
    if (page.width, page.vr) == (MINIMAL_WIDTH, vr):
        return page
    form = PageForm(MINIMAL_WIDTH, vr, DF.MH)
    rows = converted(rows_of(page), page.width, page.vr, form)
    mmr = encode(rows, Coding(Compression.MMR, MINIMAL_WIDTH))
    height = len(rows) * 8 // MINIMAL_WIDTH
    return replace(page, width=MINIMAL_WIDTH, height=height, vr=vr, mmr=mmr)


def thumbnail(page: StoredPage, degrees: int = 0) -> bytes:
    """The page as a PNG of WIDTH pixels, in so many levels of grey; turned clockwise."""
    x, y = page.vr.dpi
    wide, tall = page.width / x, page.height / y
    size = (WIDTH, max(1, round(WIDTH * tall / wide)))
    if degrees in {90, 270}:
        size = (max(1, round(WIDTH * wide / tall)), WIDTH)
    small = turned(bilevel(page).convert("L").resize(size, Image.Resampling.BOX), degrees)
    top = small.crop((0, 0, small.width, min(small.height, TALLEST)))
    png = io.BytesIO()
    top.quantize(LEVELS).save(png, "PNG", optimize=True)
    return png.getvalue()


def bilevel(page: StoredPage) -> Image.Image:
    """The page as an image of mode "1", white 1 as Pillow has it."""
    rows = rows_of(page)
    return Image.frombytes("1", (page.width, page.height), rows, "raw", "1;I")


def rows_of(page: StoredPage) -> bytes:
    """The packed rows of a page, black 1, first pel at the top bit; exactly `height` of them."""
    size = (page.width + 7) // 8 * page.height
    rows = decode(page.mmr, Coding(Compression.MMR, page.width), page.height).rows
    return rows[:size].ljust(size, b"\0")
