"""What the codec raises: at its caller, never because of what came over a line."""

from __future__ import annotations


class CodecError(Exception):
    """The base of everything that t4codec raises on purpose."""


class CodingError(CodecError, ValueError):
    """The caller asked for something that T.4 and T.6 have no form for."""


class TiffError(CodecError, ValueError):
    """The bytes are not a TIFF file that holds fax pages; the text says why, for people."""
