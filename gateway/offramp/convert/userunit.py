"""UserUnit of PDF pages: how many points one unit of a page is (ISO 32000-1 14.11.1, Table 30).

Drawings that are larger than five metres, or that somebody wants to measure in millimetres, have
one; PDFium does not read it. Few files have one, and opening a file a second time costs more than
drawing a page, so it is opened only where the word stands somewhere, also in a compressed object
stream. A file that cannot be read so keeps PDFium's sizes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from io import BytesIO

WORD = b"/UserUnit"
MOST = 16_000_000  # octets of one object stream that are looked through
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,2000}?\bstream\r?\n", re.DOTALL)


def user_units(content: bytes) -> Mapping[int, float]:
    """The pages, from 1, whose unit is not a point, with their units in points."""
    return _read(content) if _may_have_one(content) else {}


def _may_have_one(content: bytes) -> bool:
    if WORD in content:
        return True
    streams = list(_OBJECT_STREAM.finditer(content))
    if streams and b"/Encrypt" in content:
        return True
    return any(WORD in _inflated(content[found.end() :]) for found in streams)


def _inflated(octets: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(octets, MOST)
    except zlib.error:
        return b""  # another filter, which no program uses for objects


def _read(content: bytes) -> Mapping[int, float]:
    import pikepdf  # slow to load, and seldom needed

    units: dict[int, float] = {}
    try:
        with pikepdf.open(BytesIO(content)) as document:
            for number, page in enumerate(document.pages, 1):
                unit = float(page.obj.get("/UserUnit", 1))
                if unit > 0 and unit != 1:
                    units[number] = unit
    except (pikepdf.PdfError, ValueError, TypeError, OverflowError, RuntimeError):
        return {}
    return units
