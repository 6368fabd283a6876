"""HEIC files as telephones write them, put together anew around one coded picture.

ISO/IEC 23008-12 (items and their properties), ISO/IEC 14496-12 (boxes).
"""

from __future__ import annotations

import struct
from pathlib import Path

from PIL import Image

UPRIGHT = (Path(__file__).parents[2] / "data" / "heic" / "upright.heic").read_bytes()


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of ISO/IEC 14496-12 4.2."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *content: bytes, version: int = 0) -> bytes:
    """A box with version and flags."""
    return box(kind, bytes([version, 0, 0, 0]), *content)


def taken_sideways(quarters: int, *, exif: int = 0) -> bytes:
    """The upright picture, turned by so many quarters anticlockwise when it is shown (irot).

    With `exif` the file also says so in EXIF, which readers of HEIF leave alone.
    """
    ipco = UPRIGHT.index(b"ipco")
    size = int.from_bytes(UPRIGHT[ipco - 4 : ipco], "big")
    properties = UPRIGHT[ipco + 4 : ipco - 4 + size]  # hvcC, colr, ispe, pixi
    picture = UPRIGHT[UPRIGHT.index(b"mdat") + 4 :]
    note = b""
    if exif:
        tags = Image.Exif()
        tags[0x0112] = exif
        note = bytes(4) + tags.tobytes().removeprefix(b"Exif\0\0")
    meta = _meta(properties + box(b"irot", bytes([quarters])), len(picture), len(note), 0)
    start = 28 + len(meta) + 8
    meta = _meta(properties + box(b"irot", bytes([quarters])), len(picture), len(note), start)
    return UPRIGHT[:28] + meta + box(b"mdat", picture, note)


def _meta(properties: bytes, picture: int, note: int, start: int) -> bytes:
    items = [full(b"infe", b"\0\1\0\0hvc1\0", version=2)]
    places = [(1, start, picture)]
    if note:
        items.append(full(b"infe", b"\0\2\0\0Exif\0", version=2))
        places.append((2, start + picture, note))
    extents = (struct.pack(">HHHII", number, 0, 1, at, size) for number, at, size in places)
    described = box(b"cdsc", struct.pack(">HHH", 2, 1, 1)) if note else b""
    return full(
        b"meta",
        full(b"hdlr", bytes(4), b"pict", bytes(13)),
        full(b"pitm", b"\0\1"),
        full(b"iloc", b"\x44\0", struct.pack(">H", len(places)), *extents),
        full(b"iinf", struct.pack(">H", len(items)), *items),
        *([full(b"iref", described)] if described else []),
        box(
            b"iprp",
            box(b"ipco", properties),
            full(b"ipma", b"\0\0\0\1\0\1\5\x81\2\3\4\x85"),
        ),
    )
