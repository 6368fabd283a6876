"""Stored pages in forms that people can open: a PDF, a small picture, the bare pels.

Pure, and slow enough for a thread. Nothing is drawn anew: the PDF has the MMR of the store bit for
bit, at the true size of the paper. Pictures have the proportions of the paper too: the pels of a
fax are not square.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PIL import Image

from gateway.store.records import StoredPage
from t4codec import CodedPage, Coding, Compression, Resolution, decode
from t4codec.pdf import wrap

WIDTH: Final = 300  # pixels
TALLEST: Final = 600  # pixels; of a longer page its top is shown
LEVELS: Final = 16


def as_pdf(pages: Sequence[StoredPage], title: str, created: datetime) -> bytes:
    """The pages as a PDF."""
    return wrap([coded(page) for page in pages], title=title, created=created)


def coded(page: StoredPage) -> CodedPage:
    """The page as the codec has it, bit for bit."""
    coding = Coding(Compression.MMR, page.width)
    return CodedPage(page.mmr, coding, page.height, Resolution(*page.vr.dpi))


def thumbnail(page: StoredPage) -> bytes:
    """The page as a PNG of WIDTH pixels, in so many levels of grey."""
    x, y = page.vr.dpi
    height = max(1, round(page.height * WIDTH * x / (page.width * y)))
    small = bilevel(page).convert("L").resize((WIDTH, height), Image.Resampling.BOX)
    top = small.crop((0, 0, WIDTH, min(height, TALLEST)))
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
