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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from PIL import Image

from modems.session import DF, VR
from modems.terminal import PageForm, PageQuality, PageReport
from t4codec import Coding, Compression, Decoder, coded_bits, decode, encode, halve

COMPRESSION = {DF.MH: Compression.MH, DF.MR: Compression.MR, DF.MMR: Compression.MMR}
INK = 0.25  # a pel of a coarser page is black when so much of what it covers is

# T.4 4.2.1: after a one-dimensional row, at most K-1 two-dimensional ones. Larger figures exist for
# finer pages, but only between terminals that said so (DIS bit 122).
K_STANDARD, K_FINE = 2, 4
STANDARD_DPI = 100

# Two EOL in a row stand in no page, so that they end one that its carrier ends (T.4 4.1.4).
_RETURNS = {DF.MH: "000000000001" * 2, DF.MR: "0000000000011" * 2}
_TAIL = 256  # octets: RTC, and the zeros that some modems send after it

HALVES = {  # rows of the first are twice those of the second, pels alike
    (VR.R8_FINE, VR.R8_STANDARD),
    (VR.R8_SUPERFINE, VR.R8_FINE),
    (VR.INCH_200X200, VR.INCH_200X100),
    (VR.INCH_200X400, VR.INCH_200X200),
}


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """A page that came over a line, at rest; `bits` is its size in each coding, by its name."""

    width: int
    height: int
    vr: VR
    mmr: bytes
    bits: Mapping[str, int]
    quality: PageQuality


async def code_page(
    mmr: bytes, width: int, height: int, vr: VR, form: PageForm, header: bytes = b""
) -> bytes:
    """A page at rest, of `width` pels and `height` rows, as it goes over the line with its RTC.

    LSB view; in MMR it ends with EOFB. Where the form differs from the page, see `converted`; for
    `header`, rows as the form has them, see `headed`.
    """
    return await asyncio.to_thread(_code, mmr, width, height, vr, form, header)


def headed(header: bytes, rows: bytes) -> bytes:
    """A page with rows at its top: in its margin where that is white, else above it."""
    covered = rows[: len(header)].count(0) == len(header)
    return header + (rows[len(header) :] if covered else rows)


def converted(rows: bytes, width: int, vr: VR, form: PageForm) -> bytes:
    """Packed rows of `width` pels in the form's resolution and width.

    A narrower page is set at the left of white paper; one that is wider, or longer than the far
    end has paper for, shrinks in both directions. Thin lines stay: a pel is black when a quarter of
    what it covers is.
    """
    height = len(rows) // _stride(width)
    if (vr, form.vr) in HALVES and width == form.width and not _too_long(-(-height // 2), form):
        return halve(rows, _stride(width))
    image = Image.frombytes("1", (width, height), rows, "raw", "1;I")
    target = _target_size(image.size, vr, form)
    if target != image.size:
        image = _reduced(image, target)
    paper = Image.new("1", (form.width, target[1]), 1)
    paper.paste(image, (0, 0))
    return paper.tobytes("raw", "1;I")


def sizes(rows: bytes, width: int, vr: VR) -> dict[str, int]:
    """Bits of a page in each coding, without fill, by the name of the coding."""
    return {df.name: coded_bits(rows, _on_line(PageForm(width, vr, df))) for df in COMPRESSION}


class PageDecoder:
    """One page as it arrives: octets in at any split, rows counted, a page at rest at the end.

    How long a page may become is bounded by the codec.
    """

    def __init__(self, form: PageForm) -> None:
        self._form = form
        self._decoder = Decoder(_on_line(form))
        self._rows = bytearray()
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Take octets, LSB view."""
        self._rows += self._decoder.feed(chunk)
        self._tail = (self._tail + chunk[-_TAIL:])[-_TAIL:]

    @property
    def quality(self) -> PageQuality:
        """Rows and damage so far."""
        quality = self._decoder.quality
        counts = (quality.rows, quality.bad_rows, quality.longest_bad_run)
        return PageQuality(*counts, ended=self._decoder.ended or self._returns())

    def _returns(self) -> bool:
        """Whether the last that came is RTC, if of fewer EOL than six."""
        end = self._tail.rstrip(b"\0")[-8:]
        bits = "".join(f"{octet:08b}"[::-1] for octet in end).rstrip("0")
        return bits.endswith(_RETURNS.get(self._form.df, bits + "."))

    async def finished(self) -> ReceivedPage:
        """The page at rest, its octets all fed; the same again when repeated."""
        self._rows += self._decoder.close()
        return await asyncio.to_thread(self._at_rest)

    def _at_rest(self) -> ReceivedPage:
        rows, width, vr = bytes(self._rows), self._form.width, self._form.vr
        mmr = encode(rows, _at_rest(width))
        height = len(rows) // _stride(width)
        return ReceivedPage(width, height, vr, mmr, sizes(rows, width, vr), self.quality)


class DecodingWriter:
    """A `PageWriter` that decodes a page as it comes, and has the whole of it kept by `keep`."""

    def __init__(
        self, form: PageForm, keep: Callable[[PageReport, ReceivedPage], Awaitable[bool]]
    ) -> None:
        self._decoder = PageDecoder(form)
        self._keep = keep

    def feed(self, chunk: bytes) -> None:
        """Take octets of the page."""
        self._decoder.feed(chunk)

    @property
    def quality(self) -> PageQuality:
        """What has been decoded so far."""
        return self._decoder.quality

    async def commit(self, report: PageReport) -> bool:
        """Keep the page, whatever is answered for it."""
        return await self._keep(report, await self._decoder.finished())


def _code(
    mmr: bytes, width: int, height: int, vr: VR, form: PageForm, header: bytes = b""
) -> bytes:
    rows = decode(mmr, _at_rest(width)).rows[: height * _stride(width)]
    page = headed(header, _fitting(rows, width, vr, form))
    if _too_long(len(page) // _stride(form.width), form):
        room = form.max_rows - len(header) // _stride(form.width)
        page = headed(header, _fitting(rows, width, vr, replace(form, max_rows=room)))
    return encode(page, _on_line(form))


def _fitting(rows: bytes, width: int, vr: VR, form: PageForm) -> bytes:
    """The rows in the form's resolution and width, and no more than it has room for."""
    if (width, vr) == (form.width, form.vr) and not _too_long(len(rows) // _stride(width), form):
        return rows
    return converted(rows, width, vr, form)


def _at_rest(width: int) -> Coding:
    return Coding(Compression.MMR, width=width)


def _on_line(form: PageForm) -> Coding:
    return Coding(
        COMPRESSION[form.df],
        width=form.width,
        k=K_STANDARD if form.vr.dpi[1] <= STANDARD_DPI else K_FINE,
        min_row_bits=0 if form.df is DF.MMR else form.min_row_bits,
        lsb_first=True,
    )


def _stride(width: int) -> int:
    return (width + 7) // 8


def _target_size(size: tuple[int, int], vr: VR, form: PageForm) -> tuple[int, int]:
    """Columns and rows of a page of `size` under the form, shrunk to fit its width."""
    (x, y), (form_x, form_y) = vr.dpi, form.vr.dpi
    columns, rows = size[0] * form_x / x, size[1] * form_y / y
    length = form.max_rows / rows if _too_long(rows, form) else 1.0
    shrink = min(1.0, form.width / columns, length)
    return round(columns * shrink), max(1, round(rows * shrink))


def _too_long(rows: float, form: PageForm) -> bool:
    return bool(form.max_rows) and rows > form.max_rows


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A bilevel image in fewer pels, by the area that is black."""
    grey = image.convert("L").resize(size, Image.Resampling.BOX)
    darkest_white = int(255 * (1 - INK))
    return grey.point(lambda level: 255 * (level > darkest_white), "1")
