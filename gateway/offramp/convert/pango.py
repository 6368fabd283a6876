"""Pango lays a paragraph out: lines of glyphs of one font, where they stand, in points.

Everything that makes a line right is Pango's: shaping, kerning, ligatures, right-to-left runs
(UAX #9) and where lines may be broken (UAX #14). It looks for fonts among one file, since asking
for all fonts of a machine costs more than a page, and in threads besides: so a `Layout` is made in
the process that uses it and no fork takes one along. The file's configuration may be taken along.

Structures as in pango-layout.h and pango-glyph.h, which the library's ABI fixes.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.foreign import declared

SCALE: Final = 1024.0  # PANGO_SCALE: units of a point, at 72 dots per inch
WRAP_WORD_CHAR: Final = 2  # PANGO_WRAP_WORD_CHAR
EMPTY: Final = 0x0FFFFFFF  # PANGO_GLYPH_EMPTY: nothing to draw
UNKNOWN: Final = 0x10000000  # PANGO_GLYPH_UNKNOWN_FLAG
SOFT_HYPHEN: Final = "\xad"

_pointer, _int, _double, _chars = ctypes.c_void_p, ctypes.c_int, ctypes.c_double, ctypes.c_char_p
FUNCTIONS: Final[dict[str, dict[str, tuple[Any, ...]]]] = {  # by library: result and arguments
    "libpangoft2-1.0.so.0": {
        "pango_ft2_font_map_new": (_pointer,),
        "pango_ft2_font_map_set_resolution": (None, _pointer, _double, _double),
        "pango_fc_font_map_set_config": (None, _pointer, _pointer),
    },
    "libpango-1.0.so.0": {
        "pango_font_map_create_context": (_pointer, _pointer),
        "pango_context_set_round_glyph_positions": (None, _pointer, _int),
        "pango_font_description_from_string": (_pointer, _chars),
        "pango_font_description_free": (None, _pointer),
        "pango_layout_new": (_pointer, _pointer),
        "pango_layout_set_font_description": (None, _pointer, _pointer),
        "pango_layout_set_width": (None, _pointer, _int),
        "pango_layout_set_wrap": (None, _pointer, _int),
        "pango_layout_set_attributes": (None, _pointer, _pointer),
        "pango_layout_set_text": (None, _pointer, _chars, _int),
        "pango_layout_get_line_count": (_int, _pointer),
        "pango_layout_get_line_readonly": (_pointer, _pointer, _int),
        "pango_layout_line_get_extents": (None, _pointer, _pointer, _pointer),
        "pango_attr_list_new": (_pointer,),
        "pango_attr_list_insert": (None, _pointer, _pointer),
        "pango_attr_list_unref": (None, _pointer),
        "pango_attr_insert_hyphens_new": (_pointer, _int),
    },
    "libgobject-2.0.so.0": {"g_object_unref": (None, _pointer)},
}


class _List(ctypes.Structure):
    """GSList."""

    _fields_ = (("data", _pointer), ("next", _pointer))


class _Line(ctypes.Structure):
    """PangoLayoutLine, as far as it is needed."""

    _fields_ = (("layout", _pointer), ("start", _int), ("length", _int), ("runs", _pointer))


class _Run(ctypes.Structure):
    """PangoGlyphItem, as far as it is needed."""

    _fields_ = (("item", _pointer), ("glyphs", _pointer))


class _Glyphs(ctypes.Structure):
    """PangoGlyphString, as far as it is needed."""

    _fields_ = (("count", _int), ("glyphs", _pointer))


class _Rectangle(ctypes.Structure):
    """PangoRectangle."""

    _fields_ = (("x", _int), ("y", _int), ("width", _int), ("height", _int))


GLYPH: Final = np.dtype(  # PangoGlyphInfo
    [("glyph", "u4"), ("width", "i4"), ("x", "i4"), ("y", "i4"), ("attributes", "u4")]
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its glyphs' numbers in the font, where each stands from the line's start (points,
    y downwards from the baseline), the line's width, and how far its font reaches up and down.
    """

    glyphs: NDArray[np.uint32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    width: float
    ascent: float
    descent: float

    @property
    def is_known(self) -> bool:
        """Whether the font has all of it."""
        return not bool((self.glyphs >= UNKNOWN).any())


class Layout:
    """Lays out paragraphs `width` points wide in `points` of the font; close it, or use `with`."""

    def __init__(self, family: str, points: float, width: float, config: int) -> None:
        """`config` is a fontconfig configuration that has the font only. Needs `available()`."""
        pango = self._pango = _libraries()
        self._map = pango["pango_ft2_font_map_new"]()
        pango["pango_fc_font_map_set_config"](self._map, config)
        pango["pango_ft2_font_map_set_resolution"](self._map, 72.0, 72.0)
        self._context = pango["pango_font_map_create_context"](self._map)
        pango["pango_context_set_round_glyph_positions"](self._context, 0)
        self._layout = pango["pango_layout_new"](self._context)
        font = pango["pango_font_description_from_string"](f"{family} {points}".encode())
        pango["pango_layout_set_font_description"](self._layout, font)
        pango["pango_font_description_free"](font)
        pango["pango_layout_set_width"](self._layout, int(width * SCALE))
        pango["pango_layout_set_wrap"](self._layout, WRAP_WORD_CHAR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        for thing in (self._layout, self._context, self._map):
            self._pango["g_object_unref"](thing)

    def lines(self, paragraph: str) -> list[Line]:
        """The lines of a paragraph, in which no line is ended by hand."""
        self._show_hyphens(SOFT_HYPHEN in paragraph)
        octets = paragraph.encode()
        self._pango["pango_layout_set_text"](self._layout, octets, len(octets))
        count = self._pango["pango_layout_get_line_count"](self._layout)
        return [self._line(number) for number in range(count)]

    def _show_hyphens(self, wanted: bool) -> None:
        """A line that ends at a soft hyphen shows it; a word that fits on no line shows none."""
        attributes = self._pango["pango_attr_list_new"]()
        hyphens = self._pango["pango_attr_insert_hyphens_new"](int(wanted))
        self._pango["pango_attr_list_insert"](attributes, hyphens)
        self._pango["pango_layout_set_attributes"](self._layout, attributes)
        self._pango["pango_attr_list_unref"](attributes)

    def _line(self, number: int) -> Line:
        line = self._pango["pango_layout_get_line_readonly"](self._layout, number)
        extents = _Rectangle()
        self._pango["pango_layout_line_get_extents"](line, None, ctypes.byref(extents))
        found = np.concatenate([np.zeros(0, GLYPH), *_runs(line)])
        at = np.cumsum(found["width"], dtype=np.int64) - found["width"] + found["x"]
        drawn = found["glyph"] != EMPTY
        return Line(
            found["glyph"][drawn],
            at[drawn] / SCALE,
            found["y"][drawn] / SCALE,
            extents.width / SCALE,
            -extents.y / SCALE,
            (extents.height + extents.y) / SCALE,
        )


def _runs(line: int) -> Iterator[NDArray[Any]]:
    """The glyphs of each run, from left to right; copies, since Pango's own go with the text."""
    at = _Line.from_address(line).runs
    while at:
        link = _List.from_address(at)
        glyphs = _Glyphs.from_address(_Run.from_address(link.data).glyphs)
        yield np.frombuffer(ctypes.string_at(glyphs.glyphs, glyphs.count * GLYPH.itemsize), GLYPH)
        at = link.next


def available() -> bool:
    """Whether this machine has Pango with all that is called here."""
    return bool(_libraries())


@functools.cache
def _libraries() -> dict[str, Any]:
    """The functions by their names; none where one is missing."""
    found: dict[str, Any] = {}
    try:
        for name, functions in FUNCTIONS.items():
            library = declared(name, functions)
            found |= {function: getattr(library, function) for function in functions}
    except (OSError, AttributeError):
        return {}
    return found
