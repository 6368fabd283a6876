"""The font that a text is set in, by itself: what fontconfig would choose first, and its letters.

A text whose every letter it has needs no other, and then nobody has to look through all fonts of
the machine.
"""

from __future__ import annotations

import ctypes
import functools
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.offramp.convert.glyphs import Font
from gateway.offramp.foreign import FONTCONFIG, declared

PATTERN: Final = 0  # FcMatchPattern
UNSEEN: Final = ("Cc", "Cf")  # categories of Unicode
_pointer, _int, _chars = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
FUNCTIONS: Final = {
    "FcNameParse": (_pointer, _chars),
    "FcConfigSubstitute": (_int, _pointer, _pointer, _int),
    "FcDefaultSubstitute": (None, _pointer),
    "FcFontMatch": (_pointer, _pointer, _pointer, ctypes.POINTER(_int)),
    "FcPatternGetString": (_int, _pointer, _chars, _int, ctypes.POINTER(_chars)),
    "FcPatternGetInteger": (_int, _pointer, _chars, _int, ctypes.POINTER(_int)),
    "FcPatternGetCharSet": (_int, _pointer, _chars, _int, ctypes.POINTER(_pointer)),
    "FcCharSetHasChar": (_int, _pointer, ctypes.c_uint32),
    "FcConfigCreate": (_pointer,),
    "FcConfigAppFontAddFile": (_int, _pointer, _chars),
}


@dataclass(frozen=True)
class OneFont:
    """A font, to be drawn and to be laid out with; `config` is fontconfig's, with it alone."""

    family: str
    drawn: Font
    config: int
    has: Callable[[int], bool]

    def covers(self, signs: Iterable[str]) -> bool:
        """Whether it has every one of these, but for what nobody sees."""
        return all(
            self.has(ord(sign)) or sign.isspace() or unicodedata.category(sign) in UNSEEN
            for sign in signs
        )


@functools.cache
def one_font(families: str) -> OneFont | None:
    """The first font for these families, a list as CSS has it; None where there is none alone."""
    library = _library()
    if library is None:
        return None
    names = ",".join(name.strip().strip('"') for name in families.split(","))
    wanted = library.FcNameParse(names.encode())
    library.FcConfigSubstitute(None, wanted, PATTERN)
    library.FcDefaultSubstitute(wanted)
    found = library.FcFontMatch(None, wanted, ctypes.byref(_int()))  # kept: its letters are asked
    return _alone(library, found) if found else None


def _alone(library: Any, found: int) -> OneFont | None:
    path, family, index, charset = _chars(), _chars(), _int(), _pointer()
    missing = (
        library.FcPatternGetString(found, b"file", 0, ctypes.byref(path)),
        library.FcPatternGetString(found, b"family", 0, ctypes.byref(family)),
        library.FcPatternGetInteger(found, b"index", 0, ctypes.byref(index)),
        library.FcPatternGetCharSet(found, b"charset", 0, ctypes.byref(charset)),
    )
    if any(missing) or index.value != 0 or path.value is None or family.value is None:
        return None
    config = library.FcConfigCreate()
    try:
        font = Font(Path(path.value.decode()))
    except OSError:
        return None
    if not library.FcConfigAppFontAddFile(config, path.value):
        return None
    has = functools.cache(lambda code: bool(library.FcCharSetHasChar(charset, code)))
    return OneFont(family.value.decode(), font, config, has)


@functools.cache
def _library() -> Any:
    try:
        return declared(FONTCONFIG, FUNCTIONS)
    except OSError:
        return None
