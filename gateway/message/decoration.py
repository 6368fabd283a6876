"""Which pictures of a mail are its design rather than its content, and which texts say too little.

A tracking pixel is no page, and neither is the logo under a signature. A pasted screenshot is. The
plain text of a mail says what its HTML says, unless the HTML shows a table or a picture, or the
text is only an excuse for not being HTML.

These are judgements, not standards: the limits are here, and the tests hold them to real mails.
"""

from __future__ import annotations

import re
import struct

PIXEL = 8  # pels; nothing this small was made to be looked at
LOGO = 200  # pels on the longer side of a picture that is part of the design
CONTENT = 20_000  # octets from which a picture shown in the text is a screenshot or photo
STUB = 3  # times more text in the HTML than in the plain text: that one is an excuse
STUB_LENGTH = 200  # characters up to which a plain text may be one

_RULED_TABLE = re.compile(
    rb"(?i)<th\b|<t(?:able|d|r)\b[^>]{0,2000}?(?:\bborder\s*=\s*[\"']?[1-9]"
    rb"|border(?:-\w+)?\s*:[^;\"'>]*\b(?:solid|double|dashed|dotted))"
)
_DATA_PICTURE = re.compile(rb"(?i)[\"'(]data:image/[^,]{1,100},[^\"')]{%d}" % CONTENT)
_UNSEEN = re.compile(
    r"(?is)<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?-->|<[^>]*>|&\w{1,8};|\s"
)


def is_decoration(content: bytes, *, inline: bool) -> bool:
    """Whether a picture is no page; `inline` if the mail puts it into its text."""
    size = picture_size(content)
    if size is None:
        return False
    return max(size) <= PIXEL or (inline and max(size) <= LOGO)


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Give the pels of a PNG, GIF or JPEG by its head; None for anything else."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:3] == b"GIF" and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    return _jpeg_size(content) if content[:2] == b"\xff\xd8" else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk the marker segments to the frame header (ITU-T T.81 B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + max(length, 2)
    return None


def shows_more(html: bytes, plain: bytes, pictures: dict[str, bytes]) -> bool:
    """Whether the HTML of an alternative has something that its plain text cannot have."""
    if any(_is_content(picture) for picture in pictures.values()) or _DATA_PICTURE.search(html):
        return True
    if _RULED_TABLE.search(html):
        return True
    text = plain.decode("utf-8", "replace").strip()
    if len(text) > STUB_LENGTH:
        return False
    visible = _UNSEEN.sub("", html.decode("utf-8", "replace"))
    return len(visible) > STUB * len(re.sub(r"\s", "", text)) + STUB_LENGTH


def _is_content(picture: bytes) -> bool:
    """Whether a picture in the text is more than its design: large to look at, or large to keep."""
    size = picture_size(picture)
    if is_decoration(picture, inline=True):
        return False
    return len(picture) >= CONTENT or (size is not None and min(size) > LOGO)


def is_visible(html: str) -> bool:
    """Whether HTML shows anything: a picture, or text outside tags, style and comments."""
    if re.search(r"<(?:img|svg|table)\b", html, re.IGNORECASE):
        return True
    html = re.sub(
        r"(?is)<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?-->|<[^>]*>", " ", html
    )
    return bool(re.sub(r"&nbsp;|&#160;|[\s\xa0\u200b\ufeff]", "", html))
