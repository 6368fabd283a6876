"""A multipart whose parts a parser cannot tell apart, because its boundary is missing or wrong.

Mail programs show such a mail as it lies there, base64 and all. The boundary is found again where
a line that begins with two hyphens is followed by a field of a part's header.

RFC 2046 5.1.1.
"""

from __future__ import annotations

import re
from email.message import Message as Mime

from gateway.message.bulk import payload_of
from gateway.message.enclosed import parsed

_BOUNDARY = re.compile(rb"(?m)^--([^\s].{0,69}?)[ \t]*\r?\nContent-[A-Za-z-]{1,40}:")
_PREAMBLE = re.compile(rb"(?i)[^\n]{0,200}\bMIME\b[^\n]{0,200}")  # to those who do not know MIME


def is_broken(mime: Mime) -> bool:
    """Whether it is called a multipart and is none."""
    return mime.get_content_maintype() == "multipart" and not mime.is_multipart()


def mended(mime: Mime) -> Mime | None:
    """The multipart with the boundary that its parts have; None if there is none."""
    content = payload_of(mime)
    found = _BOUNDARY.search(content)
    if found is None or b'"' in found[1] or b"\\" in found[1]:
        return None
    kind = mime.get_content_type().encode("ascii", "replace")
    whole = parsed(b'Content-Type: %s; boundary="%s"\n\n%s' % (kind, found[1], content))
    return whole if whole.is_multipart() else None


def says_nothing(mime: Mime) -> bool:
    """Whether a broken multipart is an empty one: it begins and ends, with nothing between."""
    boundary = str(mime.get_boundary("") or "").encode("utf-8", "surrogateescape")
    content = payload_of(mime).strip()
    ends = bool(boundary) and b"--" + boundary + b"--" in content
    return not content or ends or bool(_PREAMBLE.fullmatch(content))
