"""winmail.dat for tests, packed as Outlook and Exchange pack it ([MS-OXTNEF] 2.1)."""

from __future__ import annotations

import struct

import compressed_rtf

SIGNATURE = 0x223E9F78
MESSAGE, ATTACHMENT = 1, 2  # levels
RENDERING, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069003
RTF_COMPRESSED, HTML = 0x1009, 0x1013  # [MS-OXPROPS]
BINARY = 0x0102


def winmail(*attachments: tuple[str, bytes], rtf: bytes = b"", html: bytes = b"") -> bytes:
    """A mail with these attachments and texts."""
    out = struct.pack("<IH", SIGNATURE, 1)
    properties = [(HTML, html)] if html else []
    if rtf:
        properties.append((RTF_COMPRESSED, compressed_rtf.compress(rtf)))
    if properties:
        out += _object(MESSAGE, PROPERTIES, _properties(properties))
    for name, content in attachments:
        out += _object(ATTACHMENT, RENDERING, bytes(14))
        out += _object(ATTACHMENT, TITLE, name.encode("cp1252") + b"\0")
        out += _object(ATTACHMENT, DATA, content)
    return out


def _object(level: int, attribute: int, data: bytes) -> bytes:
    checksum = sum(data) & 0xFFFF
    return struct.pack("<BII", level, attribute, len(data)) + data + struct.pack("<H", checksum)


def _properties(properties: list[tuple[int, bytes]]) -> bytes:
    out = struct.pack("<I", len(properties))
    for identifier, value in properties:
        out += struct.pack("<HHII", BINARY, identifier, 1, len(value))
        out += value + bytes(-len(value) % 4)
    return out
