"""Fax pages in TIFF files: Profiles S and F of RFC 3949, read generously, written strictly.

`read` takes what HylaFAX, libtiff, Ghostscript, Pillow and old fax software write: either byte
order and fill order, T.4 with and without EOLs, T.6, many strips, either photometric sense, metric
resolution. What cannot be read is said in `Document.problem`; nothing raises. `write` makes one
strip for each page, T.4 without RTC, T.6 with EOFB.

RFC 3949 3 (Profile S) and 4 (Profile F), TIFF 6.0 sections 10 and 11. Not here: colour and JBIG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from t4codec.coding import MAX_WIDTH, Coding, Compression
from t4codec.decoder import MAX_ROWS, Decoded, Quality, decode
from t4codec.encoder import encode
from t4codec.page import R8_FINE, CodedPage, Resolution
from t4codec.tiff_directory import (
    LONG,
    RATIONAL,
    SHORT,
    Directory,
    Field,
    Writer,
    read_directories,
)
from t4codec.transcode import transcode

# Tags (TIFF 6.0; the last three and T4Options and T6Options in RFC 3949 4.2 to 4.4).
NEW_SUBFILE_TYPE = 254
IMAGE_WIDTH = 256
IMAGE_LENGTH = 257
BITS_PER_SAMPLE = 258
COMPRESSION = 259
PHOTOMETRIC = 262
FILL_ORDER = 266
STRIP_OFFSETS = 273
SAMPLES_PER_PIXEL = 277
ROWS_PER_STRIP = 278
STRIP_BYTE_COUNTS = 279
X_RESOLUTION = 282
Y_RESOLUTION = 283
T4_OPTIONS = 292
T6_OPTIONS = 293
RESOLUTION_UNIT = 296
PAGE_NUMBER = 297
BAD_FAX_LINES = 326
CLEAN_FAX_DATA = 327
CONSECUTIVE_BAD_FAX_LINES = 328

UNCOMPRESSED, CCITT_RLE, T4, T6 = 1, 2, 3, 4
REDUCED_IMAGE = 1  # NewSubfileType bit 0
ONE_OF_MANY = 2
BLACK_IS_ZERO = 1
LSB_FIRST = 2
INCH, CENTIMETRE = 2, 3
TWO_DIMENSIONAL = 1  # T4Options bit 0
EOL_ALIGNED = 4  # T4Options bit 2
CLEAN, REGENERATED = 0, 1

_CLEAN = Quality()
LEAST_DPI, MOST_DPI = 30, 3000
MAX_FILE_ROWS = 1_000_000  # 250 m of fine fax; a few octets could claim far more


@dataclass(frozen=True, slots=True)
class TiffPage:
    """A page and how well it was received. From `read` it is MMR, most significant bit first."""

    page: CodedPage
    quality: Quality = _CLEAN


@dataclass(frozen=True, slots=True)
class Document:
    """The pages that could be read, and a sentence where that is not all."""

    pages: tuple[TiffPage, ...]
    problem: str = ""


def read(data: bytes) -> Document:
    """Every fax page of a TIFF file."""
    pages: list[TiffPage] = []
    problem = "" if any(True for _ in read_directories(data)) else "This is not a TIFF file."
    rows_left = MAX_FILE_ROWS
    for number, directory in enumerate(read_directories(data), 1):
        if _one(directory, NEW_SUBFILE_TYPE, 0) & REDUCED_IMAGE:
            continue
        refusal = _refusal(directory, rows_left)
        if refusal:
            problem = problem or f"Page {number} {refusal}."
            continue
        pages.append(_read_page(data, directory))
        rows_left -= pages[-1].page.height
    return Document(tuple(pages), problem)


def _one(directory: Directory, tag: int, default: int) -> int:
    """The first value of a field."""
    return (directory.get(tag) or (default,))[0]


def _refusal(directory: Directory, rows_left: int) -> str:
    """Why a page cannot be read, empty if it can."""
    width, height = _one(directory, IMAGE_WIDTH, 0), _one(directory, IMAGE_LENGTH, 0)
    if not 1 <= width <= MAX_WIDTH or not 1 <= height <= MAX_ROWS:
        return f"has impossible dimensions, {width} x {height}"
    if height > rows_left:
        return "is more than one file may hold"
    if (_one(directory, BITS_PER_SAMPLE, 1), _one(directory, SAMPLES_PER_PIXEL, 1)) != (1, 1):
        return "is not black and white"
    compression = _one(directory, COMPRESSION, UNCOMPRESSED)
    if compression not in {UNCOMPRESSED, CCITT_RLE, T4, T6}:
        return f"is compressed by method {compression}, which is no fax coding"
    offsets = directory.get(STRIP_OFFSETS, ())
    if not offsets or len(directory.get(STRIP_BYTE_COUNTS, offsets)) != len(offsets):
        return "does not say where its pixels are"
    return ""


def _read_page(data: bytes, directory: Directory) -> TiffPage:
    """A page whose fields make sense; missing rows repeat the last one and count as bad."""
    width, height = _one(directory, IMAGE_WIDTH, 0), _one(directory, IMAGE_LENGTH, 0)
    coding = Coding(Compression.MMR, width=width)
    rows_per_strip = max(1, _one(directory, ROWS_PER_STRIP, height))
    rows = bytearray()
    bad, longest = 0, 0
    offsets = directory[STRIP_OFFSETS]
    counts = directory.get(STRIP_BYTE_COUNTS, (len(data),) * len(offsets))  # old files say none
    for offset, count in zip(offsets, counts, strict=True):
        wanted = min(rows_per_strip, height - len(rows) // coding.stride)
        if wanted <= 0:
            break
        strip = _decode_strip(data[offset : offset + count], directory, width, wanted)
        rows += strip.rows
        bad += strip.quality.bad_rows
        longest = max(longest, strip.quality.longest_bad_run)
    missing = height - len(rows) // coding.stride
    rows += (rows[-coding.stride :] or bytes(coding.stride)) * missing
    if _one(directory, PHOTOMETRIC, 0) == BLACK_IS_ZERO:
        rows = rows.translate(bytes(range(255, -1, -1)))
    quality = Quality(
        height,
        max(bad + missing, min(_one(directory, BAD_FAX_LINES, 0), height)),
        max(longest, missing, min(_one(directory, CONSECUTIVE_BAD_FAX_LINES, 0), height)),
    )
    page = CodedPage(encode(bytes(rows), coding), coding, height, _resolution(directory))
    return TiffPage(page, quality)


def _decode_strip(strip: bytes, directory: Directory, width: int, height: int) -> Decoded:
    """At most `height` rows of a strip."""
    compression = _one(directory, COMPRESSION, UNCOMPRESSED)
    coding = Coding(
        Compression.MMR if compression == T6 else Compression.MH,
        width=width,
        eol=compression == T4,
        row_aligned=compression == CCITT_RLE,
        lsb_first=_one(directory, FILL_ORDER, 1) == LSB_FIRST,
    )
    if compression == UNCOMPRESSED:
        whole = min(len(strip) // coding.stride, height)
        return Decoded(strip[: whole * coding.stride], whole, Quality(whole))
    if compression == T4 and _one(directory, T4_OPTIONS, 0) & TWO_DIMENSIONAL:
        coding = replace(coding, compression=Compression.MR)
    decoded = decode(strip, coding, max_rows=height)
    if compression == T4 and decoded.height < height and coding.compression is Compression.MH:
        without_eol = decode(strip, replace(coding, eol=False), max_rows=height)
        decoded = max(decoded, without_eol, key=lambda d: d.height - d.quality.bad_rows)
    return decoded


def _resolution(directory: Directory) -> Resolution:
    """In dots per inch, to the nearest integer; fine where the file says none or nonsense."""
    per_inch = {INCH: 1.0, CENTIMETRE: 2.54}.get(_one(directory, RESOLUTION_UNIT, INCH), 0.0)
    x = _quotient(directory.get(X_RESOLUTION, ())) * per_inch
    y = _quotient(directory.get(Y_RESOLUTION, ())) * per_inch
    sensible = all(LEAST_DPI <= dots <= MOST_DPI for dots in (x, y))
    return Resolution(round(x), round(y)) if sensible else R8_FINE


def _quotient(rational: tuple[int, ...]) -> float:
    """The value of a RATIONAL, 0 for anything else."""
    if len(rational) != 2 or rational[1] == 0:
        return 0.0
    return rational[0] / rational[1]


def write(pages: Sequence[TiffPage | CodedPage]) -> bytes:
    """A TIFF file of Profile F, or S where its pages are MH, LSB first, and of one of its forms."""
    writer = Writer()
    for number, each in enumerate(pages):
        tiff_page = each if isinstance(each, TiffPage) else TiffPage(each)
        page = _for_a_strip(tiff_page.page)
        fields = [*_fields(page, number, len(pages)), *_quality_fields(tiff_page.quality)]
        writer.add(page.data, STRIP_OFFSETS, fields)
    return writer.end()


def write_minimal(pages: Sequence[CodedPage]) -> bytes:
    """A TIFF file of Profile S and nothing beyond it (RFC 3949 3).

    Pages are 1728 pels wide, of 200 or 204 by 98, 100, 196 or 200 pels per inch.
    """
    writer = Writer()
    for number, each in enumerate(pages):
        page = minimal(each)
        writer.add(page.data, STRIP_OFFSETS, _fields(page, number, len(pages)))
    return writer.end()


def minimal(page: CodedPage) -> CodedPage:
    """The page as Profile S has it: MH, least significant bit first (RFC 3949 3.4)."""
    coding = Coding(Compression.MH, width=page.coding.width, end_mark=False, lsb_first=True)
    return replace(page, data=transcode(page.data, page.coding, coding), coding=coding)


def _for_a_strip(page: CodedPage) -> CodedPage:
    """The page without what a strip does not hold: RTC, fill, rows without EOL."""
    is_mmr = page.coding.compression is Compression.MMR
    coding = replace(page.coding, end_mark=is_mmr, eol=True, row_aligned=False, min_row_bits=0)
    return replace(page, data=transcode(page.data, page.coding, coding), coding=coding)


def _fields(page: CodedPage, number: int, pages: int) -> list[Field]:
    coding = page.coding
    is_mmr = coding.compression is Compression.MMR
    options = (coding.compression is Compression.MR) * TWO_DIMENSIONAL
    options += coding.eol_aligned * EOL_ALIGNED
    return [
        Field(NEW_SUBFILE_TYPE, LONG, (ONE_OF_MANY,)),
        Field(IMAGE_WIDTH, LONG, (coding.width,)),
        Field(IMAGE_LENGTH, LONG, (page.height,)),
        Field(BITS_PER_SAMPLE, SHORT, (1,)),
        Field(COMPRESSION, SHORT, (T6 if is_mmr else T4,)),
        Field(PHOTOMETRIC, SHORT, (0,)),
        Field(FILL_ORDER, SHORT, (LSB_FIRST if coding.lsb_first else 1,)),
        Field(SAMPLES_PER_PIXEL, SHORT, (1,)),
        Field(ROWS_PER_STRIP, LONG, (page.height,)),
        Field(STRIP_BYTE_COUNTS, LONG, (len(page.data),)),
        Field(X_RESOLUTION, RATIONAL, (page.resolution.x_dpi, 1)),
        Field(Y_RESOLUTION, RATIONAL, (page.resolution.y_dpi, 1)),
        Field(T6_OPTIONS, LONG, (0,)) if is_mmr else Field(T4_OPTIONS, LONG, (options,)),
        Field(RESOLUTION_UNIT, SHORT, (INCH,)),
        Field(PAGE_NUMBER, SHORT, (number, pages)),
    ]


def _quality_fields(quality: Quality) -> list[Field]:
    """What the receiver counted (RFC 3949 4.4.3); bad rows were regenerated, never kept."""
    if not quality.bad_rows:
        return [Field(CLEAN_FAX_DATA, SHORT, (CLEAN,))]
    return [
        Field(BAD_FAX_LINES, LONG, (quality.bad_rows,)),
        Field(CLEAN_FAX_DATA, SHORT, (REGENERATED,)),
        Field(CONSECUTIVE_BAD_FAX_LINES, LONG, (quality.longest_bad_run,)),
    ]
