"""Fax pages as a PDF, the MMR octets as they are.

CCITTFaxDecode of ISO 32000-1 7.4.6 is T.6, so a page is wrapped, not coded again, and the file is
as small as the fax. img2pdf writes the file; it takes the octets out of a TIFF, which `tiff.write`
puts around them. Same pages, same title, same time: same octets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import img2pdf

from t4codec import tiff
from t4codec.coding import Coding, Compression
from t4codec.page import CodedPage, Resolution
from t4codec.transcode import transcode


def wrap(
    pages: Sequence[CodedPage],
    *,
    title: str,
    created: datetime,
    author: str = "",
    producer: str = "Faxgate",
) -> bytes:
    """A PDF of `pages` at their true size: at least one, each of at least one row.

    `created` is aware. Pages in MMR, most significant bit first, go in as they are; others are
    transcoded.
    """
    pdf: bytes = img2pdf.convert(
        tiff.write([_in_mmr(page) for page in pages]),
        engine=img2pdf.Engine.internal,  # the other writes a random identifier into each file
        layout_fun=_true_size,
        title=title,
        author=author or None,
        producer=producer,
        creationdate=created,
        moddate=created,
    )
    return pdf


def _in_mmr(page: CodedPage) -> CodedPage:
    coding = page.coding
    if coding.compression is Compression.MMR and not coding.lsb_first | coding.row_aligned:
        return page
    mmr = Coding(Compression.MMR, width=coding.width)
    return CodedPage(transcode(page.data, coding, mmr), mmr, page.height, page.resolution)


def _true_size(
    width: int, height: int, dpi: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Page and image size in points; TIFF's 204 x 196 dpi means T.4's pels and lines per mm."""
    size = Resolution(round(dpi[0]), round(dpi[1])).points(width, height)
    return (*size, *size)
