"""Faxes as files: documents that a line command sends, and what it receives, as TIFF-F.

A TIFF whose every frame is a fax page goes out as it is, pel by pel; anything else is rendered as
the gateway would. What comes in is one TIFF per call, whole and on disk after each page, because a
page is confirmed only then.

RFC 3949 4 (Profile F), TIFF 6.0.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from gateway.offramp.header import Sending, draw
from modems.pages import DecodingWriter, ReceivedPage, code_page, sizes
from modems.session import DF, VR
from modems.terminal import PageForm, PageReport, PageShape
from t4codec import Coding, Compression, encode

# Pels of a line on A4, B4 and A3 (T.4 2.1), by dots per inch.
WIDTHS: Final = {
    200: (1728, 2048, 2432),
    204: (1728, 2048, 2432),
    300: (2592, 3072, 3648),
    400: (3456, 4096, 4864),
    408: (3456, 4096, 4864),
}
TOLERANCE: Final = 3  # dots per inch; programs round 7.7 rows/mm to 195, 196 and 197.8
MOST_FRAMES: Final = 1000
STANDARD_ROWS: Final = 1430  # a frame without a resolution and with fewer rows is a standard one

# TIFF 6.0: types of a field, and the tags whose values stand apart.
SHORT, LONG, RATIONAL = 3, 4, 5
X_RESOLUTION, Y_RESOLUTION = 282, 283
Field = tuple[int, int, int, int]  # tag, type, count, value


class NotSent(Exception):  # noqa: N818 - it is an outcome
    """A file cannot be sent; the sentence says why."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page to send, at rest: MMR, first pel at the top bit."""

    mmr: bytes
    width: int
    height: int
    vr: VR
    bits: dict[DF, int]
    begins_document: bool = False


class FilePages:
    """A `PageSource` over the pages of files.

    `shortest`: each page's length is told, so that it travels in the coding that makes it shortest.
    `header` is the line at the top of pages; without one they go out pel by pel. `on_confirmed` is
    told of each page that the far end has answered for.
    """

    def __init__(
        self,
        pages: Sequence[FilePage],
        *,
        shortest: bool = True,
        header: Sending | None = None,
        on_confirmed: Callable[[PageReport], None] | None = None,
    ) -> None:
        self._pages = pages
        self._shortest = shortest
        self._header = header
        self._on_confirmed = on_confirmed

    @property
    def shapes(self) -> Sequence[PageShape]:
        """Every page."""
        return [
            PageShape(p.width, p.height, p.vr, p.bits if self._shortest else {}, p.begins_document)
            for p in self._pages
        ]

    async def coded(self, index: int, form: PageForm) -> bytes:
        """The page in the form that DCS settled."""
        page = self._pages[index]
        header = b""
        if self._header is not None:
            words = self._header.parts(datetime.now(UTC), index + 1, len(self._pages))
            header = await asyncio.to_thread(draw, words, form.width, form.vr)
        return await code_page(page.mmr, page.width, page.height, page.vr, form, header)

    async def confirming(self, index: int) -> None:
        """Nothing outlives this call."""

    async def confirmed(self, index: int, report: PageReport) -> None:  # noqa: ARG002
        """The call's report says it; who wants to know before is told."""
        if self._on_confirmed is not None:
            self._on_confirmed(report)


async def read_files(files: Sequence[Path]) -> list[FilePage]:
    """The pages of all files in order, each file a document. Raises NotSent."""
    pages: list[FilePage] = []
    for path in files:
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise NotSent(f"{path} cannot be read: {error.strerror}") from error
        document = await asyncio.to_thread(fax_pages, path) or await _rendered(path, content)
        pages += [replace(page, begins_document=n == 0) for n, page in enumerate(document)]
    return pages


def fax_pages(path: Path) -> list[FilePage]:
    """The pages of a TIFF that is a fax already; none where it is not."""
    try:
        with Image.open(path, formats=("TIFF",)) as image:
            pages = []
            for number in range(min(getattr(image, "n_frames", 1), MOST_FRAMES)):
                image.seek(number)
                vr = resolution(image)
                if vr is None:
                    return []
                pages.append(_at_rest(image, vr))
            return pages
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return []


def resolution(image: Image.Image) -> VR | None:
    """The resolution of a frame that is a fax page; None for any other picture."""
    if image.mode != "1":
        return None
    x, y = (float(value) for value in image.info.get("dpi", (0, 0)))
    if min(x, y) < 2:  # missing, or TIFF's "no absolute unit"
        x, y = 204, 98 if image.height < STANDARD_ROWS else 196
    near = [vr for vr in VR if abs(vr.dpi[0] - x) <= TOLERANCE and abs(vr.dpi[1] - y) <= TOLERANCE]
    vr = min(near, key=lambda v: abs(v.dpi[0] - x) + abs(v.dpi[1] - y), default=None)
    return vr if vr is not None and image.width in WIDTHS[vr.dpi[0]] else None


def _at_rest(image: Image.Image, vr: VR) -> FilePage:
    rows = image.tobytes("raw", "1;I")
    width = image.width
    bits = {DF[name]: count for name, count in sizes(rows, width, vr).items()}
    return FilePage(encode(rows, Coding(Compression.MMR, width=width)), *image.size, vr, bits)


async def _rendered(path: Path, content: bytes) -> list[FilePage]:
    """Any other document, as the gateway would send it from a mail."""
    kind, _, subtype = (mimetypes.guess_type(path.name)[0] or "application/octet-stream").partition(
        "/"
    )
    mail = EmailMessage()
    mail.add_attachment(content, maintype=kind, subtype=subtype, filename=path.name)
    from gateway.config.documents import Documents  # slow, and TIFF-F needs neither
    from gateway.offramp.render import Renderer

    renderer = Renderer(Documents(workers=1))
    try:
        rendered = await renderer.render(bytes(mail))
    finally:
        await renderer.close()
    if rendered.refused:
        raise NotSent(rendered.refused)
    return [
        FilePage(p.mmr, p.width, p.height, p.vr, {DF[name]: n for name, n in p.bits.items()})
        for p in rendered.pages
    ]


class TiffSink:
    """A `PageSink` that keeps one call's pages in the file `path`, and tells of each `on_kept`."""

    def __init__(self, path: Path, *, on_kept: Callable[[PageReport], None] | None = None) -> None:
        self.path = path
        self._on_kept = on_kept
        self._pages: dict[int, ReceivedPage] = {}

    @property
    def written(self) -> bool:
        """Whether there is a file."""
        return bool(self._pages)

    def begin(self, form: PageForm) -> DecodingWriter:
        """A page of this form comes next."""
        return DecodingWriter(form, self._keep)

    async def _keep(self, report: PageReport, page: ReceivedPage) -> bool:
        """Write the file anew with this page, in the place of a worse copy; whether it is there."""
        if page.height == 0:
            return False
        if not report.verdict.confirmed and self._has_better(report.number, page):
            return True
        pages = {**self._pages, report.number: page}
        try:
            await asyncio.to_thread(write_tiff, self.path, [pages[n] for n in sorted(pages)])
        except OSError:
            return False
        self._pages = pages
        if self._on_kept is not None:
            self._on_kept(report)
        return True

    def _has_better(self, number: int, page: ReceivedPage) -> bool:
        """Whether more rows of an earlier copy can be read."""
        before = self._pages.get(number)
        return before is not None and _readable(before) > _readable(page)


def _readable(page: ReceivedPage) -> int:
    return page.height - page.quality.bad_rows


def write_tiff(path: Path, pages: Sequence[ReceivedPage]) -> None:
    """Write pages as TIFF-F, durably and all at once: the file is the old or the new one."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as out:
        out.write(b"".join(tiff(pages)))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def tiff(pages: Sequence[ReceivedPage]) -> Iterator[bytes]:
    """The octets of a TIFF-F: each page as it is at rest, in one strip before its directory."""
    at = 8
    first = at + _even(len(pages[0].mmr))
    yield struct.pack("<2sHI", b"II", 42, first)
    for number, page in enumerate(pages):
        strip = page.mmr.ljust(_even(len(page.mmr)), b"\0")
        fields = _fields(page, number, len(pages), at)
        end = at + len(strip) + 2 + 12 * len(fields) + 4  # of the directory
        resolutions = struct.pack("<4I", page.vr.dpi[0], 1, page.vr.dpi[1], 1)
        following = pages[number + 1 : number + 2]
        at = end + len(resolutions)
        places = {X_RESOLUTION: end, Y_RESOLUTION: end + 8}
        yield strip + struct.pack("<H", len(fields))
        for tag, kind, count, value in fields:
            yield struct.pack("<HHII", tag, kind, count, places.get(tag, value))
        after = at + _even(len(following[0].mmr)) if following else 0
        yield struct.pack("<I", after) + resolutions


def _fields(page: ReceivedPage, number: int, count: int, strip: int) -> list[Field]:
    """The fields that Profile F asks for (RFC 3949 4.2), in the order of their tags."""
    return [
        (254, LONG, 1, 2),  # NewSubfileType: a page of many
        (256, LONG, 1, page.width),
        (257, LONG, 1, page.height),
        (258, SHORT, 1, 1),  # BitsPerSample
        (259, SHORT, 1, 4),  # Compression: T.6
        (262, SHORT, 1, 0),  # PhotometricInterpretation: white is zero
        (266, SHORT, 1, 1),  # FillOrder: first pel at the top bit
        (273, LONG, 1, strip),  # StripOffsets
        (277, SHORT, 1, 1),  # SamplesPerPixel
        (278, LONG, 1, page.height),  # RowsPerStrip
        (279, LONG, 1, len(page.mmr)),  # StripByteCounts
        (X_RESOLUTION, RATIONAL, 1, 0),
        (Y_RESOLUTION, RATIONAL, 1, 0),
        (293, LONG, 1, 0),  # T6Options
        (296, SHORT, 1, 2),  # ResolutionUnit: inch
        (297, SHORT, 2, number | count << 16),  # PageNumber
    ]


def _even(length: int) -> int:
    """Directories begin at even places (TIFF 6.0 2)."""
    return length + length % 2
