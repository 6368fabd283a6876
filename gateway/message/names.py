"""The file name of a part: RFC 2183's, in RFC 2231, RFC 2047 or raw 8-bit clothes; never a path."""

from __future__ import annotations

import re
from email.message import Message as Mime

from gateway.message.charset import decode_text
from gateway.message.headers import decode_value

LONGEST = 200  # characters


def file_name(mime: Mime) -> str:
    """Give the name by which a part was attached, "" if it has none."""
    name = _parameter(mime, "filename", "Content-Disposition") or _parameter(mime, "name")
    return without_path(name)


def without_path(name: str) -> str:
    """Give the last piece of what may be a path."""
    return re.split(r"[/\\]", name)[-1].strip()[:LONGEST]


def _parameter(mime: Mime, name: str, header: str = "Content-Type") -> str:
    value = mime.get_param(name, "", header)
    if isinstance(value, tuple):  # RFC 2231: charset, language, octets as Latin-1
        charset, _, octets = value
        data = octets.encode("utf-8" if charset is None else "latin-1", "surrogateescape")
        text = decode_text(data, charset or "").text
        return decode_value(text if text is not None else octets)
    return decode_value(value or "")
