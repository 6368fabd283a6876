"""What the codec raises: at its caller, never because of what came over a line."""

from __future__ import annotations


class CodecError(Exception):
    """The base of everything that t4codec raises on purpose."""


class CodingError(CodecError, ValueError):
    """The caller asked for something that T.4 and T.6 have no form for."""
