"""FreeType draws the glyphs of one font: which pels of a page each of them makes black.

A pel is black from the part of it on that makes a drawn page's pel ink (`bilevel.MIDDLE`), and
glyphs stand at whole pels, so that a letter looks alike wherever it stands. Pels are not square:
a font has a size along the scan line and one across it. What was drawn is kept, and a fork takes it
along.

freetype/freetype.h, whose structures the library's ABI fixes.
"""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.bilevel import MIDDLE

NO_HINTING, RENDER, NO_BITMAP = 2, 4, 8  # FT_LOAD_*
BLACK_FROM: Final = 255 - MIDDLE  # coverage of 255, above which a pel is black
Pels = NDArray[np.int32]

_int, _long, _pointer = ctypes.c_int, ctypes.c_long, ctypes.c_void_p


class _Generic(ctypes.Structure):
    """FT_Generic."""

    _fields_ = (("data", _pointer), ("finalizer", _pointer))


class _Bitmap(ctypes.Structure):
    """FT_Bitmap."""

    _fields_ = (
        *(("rows", ctypes.c_uint), ("width", ctypes.c_uint), ("pitch", _int)),
        *(("buffer", _pointer), ("grays", ctypes.c_ushort), ("mode", ctypes.c_ubyte)),
        *(("palette_mode", ctypes.c_ubyte), ("palette", _pointer)),
    )


class _Slot(ctypes.Structure):
    """FT_GlyphSlotRec, as far as it is needed."""

    _fields_ = (
        *(("library", _pointer), ("face", _pointer), ("next", _pointer)),
        *(("index", ctypes.c_uint), ("generic", _Generic), ("metrics", _long * 8)),
        *(("linear", _long * 2), ("advance", _long * 2), ("format", _int), ("bitmap", _Bitmap)),
        *(("left", _int), ("top", _int)),
    )


class _Face(ctypes.Structure):
    """FT_FaceRec, as far as it is needed."""

    _fields_ = (
        *(("faces", _long), ("index", _long), ("flags", _long), ("style", _long)),
        *(("glyphs", _long), ("family", _pointer), ("style_name", _pointer), ("sizes", _int)),
        *(("available", _pointer), ("charmap_count", _int), ("charmaps", _pointer)),
        *(("generic", _Generic), ("bbox", _long * 4), ("metrics", ctypes.c_short * 8)),
        ("slot", ctypes.POINTER(_Slot)),
    )


class Ink(NamedTuple):
    """The black pels of a glyph, as rows and pels from where it stands."""

    rows: Pels
    pels: Pels


class Font:
    """A font file, at any size."""

    def __init__(self, path: Path) -> None:
        """Read it; raises OSError where there is no FreeType, or the file is no single font."""
        library, handle, self._face = _library(), _pointer(), ctypes.POINTER(_Face)()
        self._content = path.read_bytes()  # a file would be closed in every child
        if library is None or library.FT_Init_FreeType(ctypes.byref(handle)) != 0:
            raise OSError("there is no FreeType")
        error = library.FT_New_Memory_Face(
            handle, self._content, len(self._content), 0, ctypes.byref(self._face)
        )
        if error != 0 or self._face.contents.faces != 1:
            raise OSError(f"{path} is no font that can be used alone")
        self._library = library
        self._drawn: dict[tuple[int, int, int], Ink] = {}

    def ink(self, glyph: int, size: tuple[float, float]) -> Ink:
        """A glyph's pels, in a size of so many pels and rows to the em."""
        width, height = (round(of * 64) for of in size)
        key = (glyph, width, height)
        if key not in self._drawn:
            self._library.FT_Set_Char_Size(self._face, width, height, 72, 72)
            self._drawn[key] = self._draw(glyph)
        return self._drawn[key]

    def _draw(self, glyph: int) -> Ink:
        flags = NO_HINTING | RENDER | NO_BITMAP
        if self._library.FT_Load_Glyph(self._face, glyph, flags) != 0:
            return Ink(np.zeros(0, np.int32), np.zeros(0, np.int32))
        slot = self._face.contents.slot.contents
        bitmap = slot.bitmap
        size = bitmap.rows * abs(bitmap.pitch)
        octets = ctypes.string_at(bitmap.buffer, size) if size else b""
        coverage = np.frombuffer(octets, np.uint8).reshape(bitmap.rows, -1 if size else 0)
        rows, pels = np.nonzero(coverage[:, : bitmap.width] > BLACK_FROM)
        return Ink((rows - slot.top).astype(np.int32), (pels + slot.left).astype(np.int32))


@functools.cache
def _library() -> Any:
    try:
        library = ctypes.CDLL("libfreetype.so.6")
    except OSError:
        return None
    library.FT_New_Memory_Face.argtypes = (
        *(_pointer, ctypes.c_char_p, _long, _long, ctypes.POINTER(ctypes.POINTER(_Face))),
    )
    library.FT_Set_Char_Size.argtypes = (
        *(ctypes.POINTER(_Face), _long, _long, ctypes.c_uint, ctypes.c_uint),
    )
    library.FT_Load_Glyph.argtypes = (ctypes.POINTER(_Face), ctypes.c_uint, ctypes.c_int32)
    return library
