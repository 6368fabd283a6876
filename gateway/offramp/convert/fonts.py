"""Which characters this machine can draw, asked of fontconfig, so that no fax has empty boxes.

A letter for which no font is installed makes the text unfaxable, and the sender is told; a symbol,
such as an emoji, is written out as its Unicode name in brackets instead.
"""

from __future__ import annotations

import ctypes
import functools
import unicodedata
from collections.abc import Callable
from typing import Final

from gateway.offramp.convert.base import Unfaxable
from gateway.offramp.foreign import FONTCONFIG, declared
from gateway.said import said

SHOWN = 10  # characters named in the reason
# Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian and Georgian first; then what is better than the
# fonts of many scripts that fontconfig would find for India.
FAMILIES = """"DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Lohit Devanagari", "Lohit Gurmukhi",
    sans-serif"""
_INVISIBLE = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs", "Mn", "Me")


def with_known_letters(text: str) -> str:
    """Give text that can be drawn; raises `Unfaxable` when letters of it cannot."""
    missing = missing_characters(text)
    if not missing:
        return text
    check_letters(text)
    return text.translate({ord(c): _written_out(c) for c in missing})


def check_letters(text: str) -> None:
    """Raise `Unfaxable` where letters of a text would come out as boxes."""
    letters = missing_letters(text)
    if letters:
        shown = "".join(letters[:SHOWN]) + ("…" if len(letters) > SHOWN else "")
        raise Unfaxable(
            said("has letters for which the gateway has no font: {letters}", letters=shown)
        )


def missing_letters(text: str) -> list[str]:
    """List the letters and digits among the characters that no font has."""
    return [c for c in missing_characters(text) if unicodedata.category(c)[0] in "LN"]


def missing_characters(text: str) -> list[str]:
    """List, in the order of their code points, the visible characters that no font has."""
    if text.isascii():
        return []
    can_draw = coverage()
    return [
        c
        for c in sorted(set(text))
        if c > "\x7f" and unicodedata.category(c) not in _INVISIBLE and not can_draw(ord(c))
    ]


def _written_out(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"[{name.lower()}]" if name else "\ufffd"


class _FontSet(ctypes.Structure):
    """FcFontSet of fontconfig/fontconfig.h."""

    _fields_ = (
        ("nfont", ctypes.c_int),
        ("sfont", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


@functools.cache
def coverage() -> Callable[[int], bool]:
    """Give a function that tells whether any installed font has a code point."""
    library = _fontconfig()
    if library is None:
        return lambda _: True  # then Pango could not draw at all, and that is reported
    every, objects = library.FcPatternCreate(), library.FcObjectSetCreate()
    library.FcObjectSetAdd(objects, b"charset")
    listed = library.FcFontList(None, every, objects).contents
    union = library.FcCharSetCreate()
    charset = ctypes.c_void_p()
    for index in range(listed.nfont):
        pattern = listed.fonts[index]
        if library.FcPatternGetCharSet(pattern, b"charset", 0, ctypes.byref(charset)) == 0:
            library.FcCharSetMerge(union, charset, None)
    return lambda code: bool(library.FcCharSetHasChar(union, code))


_pointer = ctypes.c_void_p
FUNCTIONS: Final = {
    "FcPatternCreate": (_pointer,),
    "FcObjectSetCreate": (_pointer,),
    "FcObjectSetAdd": (ctypes.c_int, _pointer, ctypes.c_char_p),
    "FcFontList": (ctypes.POINTER(_FontSet), _pointer, _pointer, _pointer),
    "FcCharSetCreate": (_pointer,),
    "FcPatternGetCharSet": (
        *(ctypes.c_int, _pointer, ctypes.c_char_p, ctypes.c_int),
        ctypes.POINTER(_pointer),
    ),
    "FcCharSetMerge": (_pointer, _pointer, _pointer),
    "FcCharSetHasChar": (ctypes.c_int, _pointer, ctypes.c_uint32),
}


def _fontconfig() -> ctypes.CDLL | None:
    try:
        return declared(FONTCONFIG, FUNCTIONS)
    except OSError:
        return None
