"""Mails that hang on a mail in other clothes than message/rfc822 as the standard has it.

Web mailers attach a saved mail as application/octet-stream with a name that ends in .eml, and some
encode message/rfc822 in base64, which RFC 2046 5.2.1 forbids and a parser does not undo.
"""

from __future__ import annotations

import re
from email.message import Message as Mime
from email.parser import BytesParser
from typing import cast

from gateway.message.bulk import RAW, lift, payload_of
from gateway.message.names import file_name

FIELDS = ("From", "Date", "Subject", "Received", "MIME-Version")
_FIELD = re.compile(rb"(?:From |[A-Za-z][A-Za-z0-9-]{0,60}:)")


def parsed(raw: bytes) -> Mime:
    """Parse a mail of its own, its long runs lifted; raises what the standard's parser does."""
    lifted = lift(raw)
    policy = RAW.clone(lifted=lifted)  # type: ignore[call-arg]  # an attribute of ours
    return BytesParser(policy=policy).parsebytes(lifted.raw)


def enclosed(mime: Mime) -> Mime | None:
    """The mail that a part is; None if it is none."""
    if mime.get_content_type() == "message/rfc822" and mime.is_multipart():
        inner = cast(list[Mime], mime.get_payload())[0]
        return _decoded(mime, inner) or inner
    if mime.is_multipart() or not file_name(mime).lower().endswith(".eml"):
        return None
    return _mail(payload_of(mime))


def _decoded(outer: Mime, inner: Mime) -> Mime | None:
    """What was parsed as a mail without a header is one in base64."""
    encoding = str(outer.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding != "base64" or inner.keys():
        return None
    inner["Content-Transfer-Encoding"] = encoding
    return _mail(payload_of(inner))


def _mail(content: bytes) -> Mime | None:
    """Octets that begin like a mail, as one."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not _FIELD.match(content):
        return None
    mime = parsed(content)
    return mime if any(name in mime for name in FIELDS) else None
