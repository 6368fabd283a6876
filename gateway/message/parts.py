"""The parts of a mail in the order in which they become pages.

`read` walks the MIME tree and decides what each leaf is: the message itself (`Role.BODY`), a
document (`Role.ATTACHMENT`), or something that is never a page, such as a signature or a contact
card (`Role.SKIPPED`, with the sentence that says so). It never raises: a mail too broken to be
walked is one part with a reason.

Of multipart/alternative the plain text is taken where it says anything, else the HTML; documents
that hang in the branch not taken are kept (Apple Mail puts them there). What can be converted is
not decided here.

RFC 2046 5.1 (multipart), RFC 2387 (related), RFC 1847 (signed), RFC 2392 (cid:).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from email.message import Message as Mime
from email.parser import BytesParser
from enum import Enum
from typing import cast

from gateway.message.bulk import RAW, lift, payload_of
from gateway.message.charset import decode_text
from gateway.message.flowed import unflow
from gateway.message.headers import Headers, decode_value, headers_of

DEPTH_LIMIT = 12  # of multiparts and forwarded mails in each other
PART_LIMIT = 100  # leaves that are looked at


class Role(Enum):
    """What a part is to the fax."""

    BODY = "body"
    ATTACHMENT = "attachment"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf. A body's `content` is UTF-8; an attachment's is as it was attached."""

    name: str  # file name, or what people call it
    content_type: str  # declared, lower case
    content: bytes
    role: Role = Role.ATTACHMENT
    charset: str = ""  # declared
    reason: str = ""  # why it is no page, where that is known already
    pictures: dict[str, bytes] = field(default_factory=dict)  # of HTML: Content-ID -> octets
    forwarded: bool = False  # part of a mail in the mail


@dataclass(frozen=True, slots=True)
class Message:
    """A mail: its header as values, and its parts in order."""

    headers: Headers
    parts: tuple[Part, ...]


BODY_NAME = "The message text"

# Parts that are never pages, and what the sender is told about them.
SKIPPED = {
    "application/pgp-signature": "is a signature, not a page",
    "application/pkcs7-signature": "is a signature, not a page",
    "application/x-pkcs7-signature": "is a signature, not a page",
    "application/pgp-keys": "is a key, not a page",
    "text/calendar": "is a calendar entry, not a page",
    "application/ics": "is a calendar entry, not a page",
    "text/vcard": "is a contact card, not a page",
    "text/x-vcard": "is a contact card, not a page",
    "text/directory": "is a contact card, not a page",
    "application/applefile": "is a Macintosh resource fork, not a page",
    "message/delivery-status": "is a report for machines, not a page",
    "message/disposition-notification": "is a report for machines, not a page",
    "text/rfc822-headers": "is a report for machines, not a page",
}
REFUSED = {
    "multipart/encrypted": "is encrypted, so the gateway cannot read it",
    "application/pkcs7-mime": "is encrypted or sealed (S/MIME), so the gateway cannot read it",
    "application/x-pkcs7-mime": "is encrypted or sealed (S/MIME), so the gateway cannot read it",
    "message/external-body": "is only a reference to a document elsewhere",
    "message/partial": "is only a piece of a mail that was sent in several",
}


def read(raw: bytes, *, body: bool = True) -> Message:
    """Read a mail into headers and parts; never raises.

    Without `body` the text of the mail itself is left out, but not that of a mail in it.
    """
    try:
        lifted = lift(raw)
        policy = RAW.clone(lifted=lifted)  # type: ignore[call-arg]  # an attribute of ours
        mime = BytesParser(policy=policy).parsebytes(lifted.raw)
        parts = [p for p in _walk(mime, 0) if body or p.role is not Role.BODY or p.forwarded]
        if len(parts) > PART_LIMIT:
            reason = f"was not looked at: it has {len(parts)} parts"
            parts[PART_LIMIT:] = [Part("The rest of the mail", "", b"", reason=reason)]
        return Message(headers_of(mime), tuple(_merge(parts)))
    except (RecursionError, LookupError, ValueError):
        # What the standard library's parser raises on headers built to break it.
        reason = "is not built as mail should be, so its parts could not be told apart"
        return Message(Headers(), (Part("The mail", "message/rfc822", b"", reason=reason),))


def _walk(mime: Mime, depth: int) -> list[Part]:
    kind = mime.get_content_type()
    if depth > DEPTH_LIMIT:
        return [_leaf(mime, "is packed into too many other mails")]
    if kind in REFUSED:
        return [_leaf(mime, REFUSED[kind])]
    if kind == "message/rfc822" and mime.is_multipart():
        return _forwarded(_children(mime)[0], depth)
    if not mime.is_multipart():
        return [_leaf(mime)]
    if kind == "multipart/alternative":
        return _alternative(mime, depth)
    if kind == "multipart/related":
        return _related(mime, depth)
    if kind == "multipart/appledouble":
        return _walk(_children(mime)[-1], depth + 1)
    return [part for child in _children(mime) for part in _walk(child, depth + 1)]


def _children(mime: Mime) -> list[Mime]:
    return cast(list[Mime], mime.get_payload())


def _forwarded(mime: Mime, depth: int) -> list[Part]:
    """A mail in the mail: its own heading, then its parts."""
    headers = headers_of(mime)
    date = f"{headers.date:%Y-%m-%d %H:%M} UTC" if headers.date else ""
    lines = (("From", headers.sender), ("Date", date), ("Subject", headers.subject))
    heading = "\n".join(f"{name}: {value}" for name, value in lines if value)
    text = f"---------- Forwarded message ----------\n{heading}\n"
    parts = [_body("text/plain", text), *_walk(mime, depth + 1)]
    return [replace(part, forwarded=True) for part in parts]


def _alternative(mime: Mime, depth: int) -> list[Part]:
    branches = [_walk(child, depth + 1) for child in _children(mime)]
    if not branches:
        return []
    taken = max(branches, key=_worth)
    kept = [
        part
        for branch in branches
        if branch is not taken
        for part in branch
        if part.role is Role.ATTACHMENT and not part.content_type.startswith("image/")
    ]
    return taken + kept


def _worth(branch: list[Part]) -> int:
    """Plain text that says something is the best alternative, then HTML, then anything else."""
    bodies = {part.content_type for part in branch if part.role is Role.BODY and part.content}
    if "text/plain" in bodies:
        return 3
    return 2 if "text/html" in bodies else int(any(p.role is Role.ATTACHMENT for p in branch))


def _related(mime: Mime, depth: int) -> list[Part]:
    """HTML with the pictures that it shows; a part that it does not show stands for itself."""
    children = _children(mime)
    if not children:
        return []
    parts = _walk(children[0], depth + 1)
    html = next((part for part in parts if part.content_type == "text/html"), None)
    for child in children[1:]:
        cid = str(child.get("Content-ID", "")).strip().strip("<>")
        shown = bool(cid) and (html is None or f"cid:{cid}".encode() in html.content)
        if not shown:
            parts += _walk(child, depth + 1)
        elif html is not None:
            html.pictures[cid] = payload_of(child)
    return parts


def _leaf(mime: Mime, reason: str = "") -> Part:
    kind = mime.get_content_type()
    name = _name(mime)
    content = b"" if mime.is_multipart() else payload_of(mime)
    charset = str(mime.get_param("charset", "") or "")[:60]
    if reason:
        return Part(name or kind, kind, content, reason=reason)
    if kind in SKIPPED:
        return Part(name or kind, kind, b"", Role.SKIPPED, reason=SKIPPED[kind])
    attached = mime.get_content_disposition() == "attachment" or bool(name)
    if kind in ("text/plain", "text/html") and not attached:
        return _text_body(mime, content, charset)
    return Part(name or f"unnamed {kind}", kind, content, charset=charset)


def _text_body(mime: Mime, content: bytes, charset: str) -> Part:
    kind = mime.get_content_type()
    decoded = decode_text(content, charset or _meta_charset(content))
    if decoded.text is None:
        reason = "is written in a character set that could not be recognised"
        return Part(BODY_NAME, kind, content, Role.BODY, charset, reason)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if str(mime.get_param("format", "")).lower() == "flowed":
        text = unflow(text, delsp=str(mime.get_param("delsp", "")).lower() == "yes")
    return _body(kind, text)


def _body(kind: str, text: str) -> Part:
    empty = not _visible(text) if kind == "text/html" else not text.strip(" \t\n\xa0\u200b\ufeff")
    content = b"" if empty else text.encode("utf-8", "replace")
    return Part(BODY_NAME, kind, content, Role.BODY, "utf-8")


def _visible(html: str) -> bool:
    """Whether HTML shows anything: a picture, or text outside tags, style and comments."""
    if re.search(r"<(?:img|svg|table)\b", html, re.IGNORECASE):
        return True
    html = re.sub(
        r"(?is)<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?-->|<[^>]*>", " ", html
    )
    return bool(re.sub(r"&nbsp;|&#160;|[\s\xa0\u200b\ufeff]", "", html))


def _meta_charset(content: bytes) -> str:
    found = re.search(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", content[:4096])
    return found[1].decode("ascii") if found else ""


def _name(mime: Mime) -> str:
    """The file name of RFC 2183, in RFC 2231, RFC 2047 or raw 8-bit clothes; no path."""
    name = _parameter(mime, "filename", "Content-Disposition") or _parameter(mime, "name")
    return re.split(r"[/\\]", name)[-1].strip()[:200]


def _parameter(mime: Mime, name: str, header: str = "Content-Type") -> str:
    value = mime.get_param(name, "", header)
    if isinstance(value, tuple):  # RFC 2231: charset, language, octets as Latin-1
        charset, _, octets = value
        data = octets.encode("utf-8" if charset is None else "latin-1", "surrogateescape")
        text = decode_text(data, charset or "").text
        return decode_value(text if text is not None else octets)
    return decode_value(value or "")


def _merge(parts: list[Part]) -> list[Part]:
    """Drop empty bodies; put neighbouring plain texts on one run of pages."""
    merged: list[Part] = []
    for part in parts:
        if part.role is Role.BODY and not part.content and not part.reason:
            continue
        if merged and _is_plain(part) and _is_plain(merged[-1]):
            joined = merged[-1].content.rstrip() + b"\n\n" + part.content
            merged[-1] = replace(merged[-1], content=joined)
        else:
            merged.append(part)
    return merged


def _is_plain(part: Part) -> bool:
    return part.role is Role.BODY and part.content_type == "text/plain" and not part.reason
