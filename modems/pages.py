"""Pages between rest and line: the only file of modems that knows the codec.

A page at rest is MMR with the first pel at the top bit, as PDF and TIFF want it. On the line it is
MH, MR or MMR, first bit in bit 0 of an octet, filled to the minimum scan-line time and ended by
RTC; its resolution and width are what DCS settled. `code_page` makes the one of the other,
`PageDecoder` goes the way back with octets as they arrive. What the line damages is counted, never
raised. Both take tens of milliseconds at worst, and take them in a thread.

T.4 2 (pels and rows), 4.1.3 (fill), 4.2.1 (K); T.6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from modems.session import DF, VR
from modems.terminal import PageForm, PageQuality
from t4codec import Coding, Compression, Decoder, coded_bits, decode, encode

COMPRESSION = {DF.MH: Compression.MH, DF.MR: Compression.MR, DF.MMR: Compression.MMR}
MAX_ROWS = 50_000  # 3.2 m at 15.4 lines/mm: what comes beyond is not kept
INK = 64  # of 255; a pel of a coarser page is black when a quarter of its area is

# T.4 4.2.1: after a one-dimensional row, at most K-1 two-dimensional ones. Larger figures exist for
# finer pages, but only between terminals that said so (DIS bit 122).
K_STANDARD, K_FINE = 2, 4
STANDARD_DPI = 100


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """A page that came over a line, at rest; `bits` is its size in each coding."""

    width: int
    height: int
    vr: VR
    mmr: bytes
    bits: Mapping[str, int]
    quality: PageQuality


def sizes(rows: bytes, width: int, vr: VR) -> dict[str, int]:
    """Bits of a page in each coding, without fill, by the name of the coding."""
    return {df.name: coded_bits(rows, _coding(df, width, vr)) for df in COMPRESSION}


async def code_page(mmr: bytes, width: int, height: int, vr: VR, form: PageForm) -> bytes:
    """A page at rest of `width` pels and `height` rows as it goes over the line, with its end mark.

    LSB view. Works in a thread.
    """
    return await asyncio.to_thread(_code, mmr, width, height, vr, form)


def _code(mmr: bytes, width: int, height: int, vr: VR, form: PageForm) -> bytes:
    rows = decode(mmr, Coding(Compression.MMR, width=width)).rows[: height * _stride(width)]
    if (width, vr) != (form.width, form.vr):
        rows = converted(rows, width, vr, form)
    return encode(rows, _line_coding(form))


def converted(rows: bytes, width: int, vr: VR, form: PageForm) -> bytes:
    """Packed rows in the form's resolution and width.

    A narrower page is set at the left of white paper; a wider one shrinks in both directions. Thin
    lines stay: a pel is black when a quarter of what it covers is.
    """
    image = Image.frombytes("1", (width, len(rows) // _stride(width)), rows, "raw", "1;I")
    target = _target_size(image.size, vr, form)
    if target != image.size:
        image = _reduced(image, target)
    paper = Image.new("1", (form.width, target[1]), 1)
    paper.paste(image, (0, 0))
    return paper.tobytes("raw", "1;I")


def _target_size(size: tuple[int, int], vr: VR, form: PageForm) -> tuple[int, int]:
    """Columns and rows of a page of `size` under the form, shrunk to fit its width."""
    (x, y), (form_x, form_y) = vr.dpi, form.vr.dpi
    columns, rows = size[0] * form_x / x, size[1] * form_y / y
    shrink = min(1.0, form.width / columns)
    return round(columns * shrink), max(1, round(rows * shrink))


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A bilevel image in fewer pels, by the area that is black."""
    grey = image.convert("L").resize(size, Image.Resampling.BOX)
    return grey.point(lambda level: 255 * (level <= 255 - INK), "1")


def _stride(width: int) -> int:
    return (width + 7) // 8


def _coding(df: DF, width: int, vr: VR) -> Coding:
    k = K_STANDARD if vr.dpi[1] <= STANDARD_DPI else K_FINE
    return Coding(COMPRESSION[df], width=width, k=k)


def _line_coding(form: PageForm) -> Coding:
    k = K_STANDARD if form.vr.dpi[1] <= STANDARD_DPI else K_FINE
    return Coding(
        COMPRESSION[form.df],
        width=form.width,
        k=k,
        min_row_bits=0 if form.df is DF.MMR else form.min_row_bits,
        lsb_first=True,
    )


class PageDecoder:
    """One page as it arrives: octets in at any split, rows counted, a page at rest at the end."""

    def __init__(self, form: PageForm) -> None:
        self._form = form
        self._decoder = Decoder(_line_coding(form))
        self._rows = bytearray()
        self._limit = MAX_ROWS * _stride(form.width)

    def feed(self, chunk: bytes) -> None:
        """Take octets, LSB view."""
        self._keep(self._decoder.feed(chunk))

    @property
    def quality(self) -> PageQuality:
        """Rows and damage so far."""
        quality = self._decoder.quality
        return PageQuality(quality.rows, quality.bad_rows, quality.longest_bad_run)

    async def finished(self) -> ReceivedPage:
        """The page at rest; nothing may be fed afterwards."""
        self._keep(self._decoder.close())
        return await asyncio.to_thread(self._at_rest)

    def _keep(self, rows: bytes) -> None:
        self._rows += rows[: self._limit - len(self._rows)]

    def _at_rest(self) -> ReceivedPage:
        rows, width, vr = bytes(self._rows), self._form.width, self._form.vr
        height = len(rows) // _stride(width)
        mmr = encode(rows, Coding(Compression.MMR, width=width))
        return ReceivedPage(width, height, vr, mmr, sizes(rows, width, vr), self.quality)
