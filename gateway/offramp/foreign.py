"""C libraries by ctypes: the C library itself, loaded once, and functions declared in a table.

Each `CDLL` is a new class, so none is made in a child that is forked for a document.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any, Final

LIBC: Final = ctypes.CDLL(None, use_errno=True)
FONTCONFIG: Final = "libfontconfig.so.1"
PR_SET_NO_NEW_PRIVS: Final = 38  # linux/prctl.h

Declared = Mapping[str, tuple[Any, ...]]  # by name: the result, and the arguments


def forgo_new_powers() -> None:
    """Gain nothing by any program from now on, which filters of one's own ask for."""
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def declared(library: str, functions: Declared) -> ctypes.CDLL:
    """A library with these functions; OSError or AttributeError where one of them is missing."""
    loaded = ctypes.CDLL(library)
    for name, (result, *arguments) in functions.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded
