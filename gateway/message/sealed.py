"""S/MIME's opaque signature, opened: the mail in it is only wrapped, not encrypted.

Outlook and Exchange send a signed mail so ("application/pkcs7-mime; smime-type=signed-data"). The
wrapping is walked here down to the content, in DER and in BER with its indefinite lengths and its
octet strings in pieces. The signature is not checked: who may send is decided elsewhere.

RFC 5652 section 5.1 (SignedData), RFC 8551 3.5.2, ITU-T X.690 8.1.
"""

from __future__ import annotations

from collections.abc import Iterator

SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
OBJECT, OCTETS, SEQUENCE, CONTENT = 0x06, 0x04, 0x30, 0xA0
OCTETS_IN_PIECES = 0x24
DEEPEST = 16  # values in each other

Value = tuple[int, memoryview]  # tag and contents


def signed_content(octets: bytes) -> bytes | None:
    """What was signed; None if it is no SignedData, or damaged, or the content is elsewhere."""
    try:
        kind, wrapped = _within(memoryview(octets), SEQUENCE)[:2]
        if kind[0] != OBJECT or bytes(kind[1]) != SIGNED_DATA:
            return None
        signed = _within(wrapped[1], SEQUENCE) if wrapped[0] == CONTENT else []
        inside = next(contents for tag, contents in signed if tag == SEQUENCE)
        content = list(_values(inside, DEEPEST))[1]
        return b"".join(_pieces(content[1], DEEPEST)) if content[0] == CONTENT else None
    except (ValueError, IndexError, StopIteration):
        return None


def _within(octets: memoryview, tag: int) -> list[Value]:
    """The values in the one value of this tag."""
    found, contents = next(_values(octets, DEEPEST))
    if found != tag:
        raise ValueError("another type")
    return list(_values(contents, DEEPEST))


def _values(octets: memoryview, deep: int) -> Iterator[Value]:
    """Tags and contents in a row, up to the end or the end-of-contents."""
    at = 0
    while at < len(octets):
        tag, start, end, after = _value(octets, at, deep)
        if tag == 0:
            return
        yield tag, octets[start:end]
        at = after


def _value(octets: memoryview, at: int, deep: int) -> tuple[int, int, int, int]:
    """Tag, start and end of the contents, and where the next value begins."""
    tag, length = octets[at], octets[at + 1]
    if tag & 0x1F == 0x1F or not deep:
        raise ValueError("a tag that CMS has not, or too deep")
    start = at + 2
    if length == 0x80:
        end = _end(octets, start, deep - 1)
        return tag, start, end, end + 2
    if length > 0x80:
        size = length - 0x80
        length = int.from_bytes(octets[start : start + size], "big")
        start += size
    if start + length > len(octets):
        raise ValueError("cut short")
    return tag, start, start + length, start + length


def _end(octets: memoryview, at: int, deep: int) -> int:
    """Where the end-of-contents of an indefinite length is."""
    while octets[at] or octets[at + 1]:
        at = _value(octets, at, deep)[3]
    return at


def _pieces(octets: memoryview, deep: int) -> Iterator[bytes]:
    """The octets of an octet string, whole or in pieces."""
    for tag, contents in _values(octets, deep):
        if tag == OCTETS:
            yield bytes(contents)
        elif tag == OCTETS_IN_PIECES and deep:
            yield from _pieces(contents, deep - 1)
        else:
            raise ValueError("no octet string")
