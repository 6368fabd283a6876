"""Large mails in small pieces, so that no step of theirs holds the interpreter for long.

A search or copy over ten megabytes is one call into C: neither the event loop nor another thread
runs meanwhile, and the line time of a call in progress does not wait. Cut into pieces of whole
lines, each step takes well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator

PIECE = 65_536  # octets, and up to the end of the line


def whole_lines(octets: bytes, size: int = PIECE) -> Iterator[bytes]:
    """The same octets, cut after line feeds, at least `size` in each piece but the last."""
    start = 0
    while start < len(octets):
        end = octets.find(b"\n", start + size - 1) + 1 or len(octets)
        yield octets[start:end]
        start = end


def for_data(message: bytes, size: int = PIECE) -> Iterator[bytes]:
    """A mail as SMTP's DATA wants it: CRLF ends lines, leading dots are doubled, a dot ends it all.

    RFC 5321 2.3.8 and 4.5.2. No bare CR or LF goes out: servers disagree on what they mean.
    """
    for piece in whole_lines(message, size):
        lines = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not lines.endswith(b"\n"):
            lines += b"\n"
        stuffed = (b"\n" + lines).replace(b"\n.", b"\n..")
        yield stuffed[1:].replace(b"\n", b"\r\n")
    yield b".\r\n"


def with_crlf(text: bytes) -> Iterator[bytes]:
    """Text whose lines end with LF alone, with CRLF."""
    return (piece.replace(b"\n", b"\r\n") for piece in whole_lines(text))


def with_lf(text: bytes) -> Iterator[bytes]:
    """Text whose lines end with CRLF, with LF alone."""
    return (piece.replace(b"\r\n", b"\n") for piece in whole_lines(text))
