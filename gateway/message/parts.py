"""The parts of a mail in the order in which they become pages.

`read` walks the MIME tree and decides what each leaf is: the message itself (`Role.BODY`), a
document (`Role.ATTACHMENT`), or something that is never a page, such as a signature or a contact
card (`Role.SKIPPED`, with the sentence that says so). It never raises: a mail too broken to be
walked is one part with a reason.

Of multipart/alternative the plain text is taken where it says all that the HTML does, else the
HTML; documents that hang in the branch not taken are kept (Apple Mail puts them there). Pictures
that are the mail's design are skipped, pictures that its HTML shows are shown there. What can be
converted is not decided here.

RFC 2046 5.1 (multipart), RFC 2387 (related), RFC 1847 (signed), RFC 2392 (cid:).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from email.message import Message as Mime
from typing import cast

from gateway.message.body import Body, settle_bodies
from gateway.message.bulk import payload_of
from gateway.message.charset import decode_text
from gateway.message.decoration import is_decoration, is_visible, shows_more
from gateway.message.enclosed import enclosed, parsed
from gateway.message.flowed import unflow
from gateway.message.headers import Headers, headers_of
from gateway.message.names import file_name
from gateway.message.part import (
    BODY_NAME,
    DECORATION,
    REFUSED,
    REST,
    SKIPPED,
    TNEF_BODY,
    WHOLE_MAIL,
    Part,
    Role,
)
from gateway.message.tnef import MAGIC, TYPES, unpacked
from gateway.said import said

SHAPELESS = said("is not built as mail should be, so its parts could not be told apart")
PACKED = said("is packed into too many other mails")
DEPTH_LIMIT = 12  # of multiparts and forwarded mails in each other
PART_LIMIT = 100  # leaves that are looked at


@dataclass(frozen=True, slots=True)
class Message:
    """A mail: its header as values, and its parts in order."""

    headers: Headers
    parts: tuple[Part, ...]


def read(raw: bytes, *, body: Body = Body.ALWAYS, signature: bool = True) -> Message:
    """Read a mail into headers and parts; never raises.

    `body` is when the text of the mail itself is kept; that of a mail in it always is. Without
    `signature` the text's signature is cut.
    """
    try:
        mime = parsed(raw)
        parts = _walk(mime, 0)
        if len(parts) > PART_LIMIT:
            reason = said("was not looked at: the mail has {parts} parts", parts=len(parts))
            parts[PART_LIMIT:] = [Part(REST, "", b"", reason=reason)]
        kept = settle_bodies(_settled(parts), body, signature=signature)
        return Message(headers_of(mime), tuple(_merge(kept)))
    except (RecursionError, LookupError, ValueError):
        # What the standard library's parser raises on headers built to break it.
        return Message(Headers(), (Part(WHOLE_MAIL, "message/rfc822", b"", reason=SHAPELESS),))


def _walk(mime: Mime, depth: int) -> list[Part]:
    kind = mime.get_content_type()
    if depth > DEPTH_LIMIT:
        return [_leaf(mime, PACKED)]
    if kind in REFUSED:
        return [_leaf(mime, REFUSED[kind])]
    if (inner := enclosed(mime)) is not None:
        return _forwarded(inner, depth)
    if not mime.is_multipart():
        leaf = _leaf(mime)
        return _outlook(leaf) if _is_tnef(leaf) else [leaf]
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
    shown = [f"{name}: {value}" for name, value in lines if value]
    parts = _walk(mime, depth + 1)
    if parts and parts[0].role is Role.BODY and parts[0].content_type == "text/html":
        heading = "".join(f"<div>{html.escape(line)}</div>" for line in shown)
        first = replace(parts[0], content=_headed(parts[0].content, heading.encode()))
        return [replace(part, forwarded=True) for part in (first, *parts[1:])]
    text = "---------- Forwarded message ----------\n" + "".join(f"{line}\n" for line in shown)
    return [replace(part, forwarded=True) for part in (_body("text/plain", text), *parts)]


def _headed(content: bytes, heading: bytes) -> bytes:
    """HTML with a heading of a forwarded mail at its top."""
    body = re.search(rb"(?i)<body\b[^>]*>", content)
    at = body.end() if body else 0
    rule = b'<div style="border-bottom: 1px solid; margin-bottom: 1em">' + heading + b"</div>"
    return content[:at] + rule + content[at:]


def _is_tnef(part: Part) -> bool:
    return part.role is Role.ATTACHMENT and (
        part.content_type in TYPES or part.content.startswith(MAGIC)
    )


def _outlook(part: Part) -> list[Part]:
    """What is in a winmail.dat: its text, which `_settled` may leave out, and its attachments."""
    inside = unpacked(part.content)
    if inside is None:
        return [replace(part, reason=said("is Outlook's own format and damaged"))]
    parts = [Part(name, "application/octet-stream", octets) for name, octets in inside.attachments]
    if inside.text_type:
        text = Part(TNEF_BODY, inside.text_type, inside.text, Role.BODY, "utf-8")
        parts.insert(0, text)
    return parts


def _alternative(mime: Mime, depth: int) -> list[Part]:
    branches = [_walk(child, depth + 1) for child in _children(mime)]
    if not branches:
        return []
    taken = max(branches, key=lambda branch: _worth(branch, branches))
    kept = [
        part
        for branch in branches
        if branch is not taken
        for part in branch
        if part.role is Role.ATTACHMENT and not part.content_type.startswith("image/")
    ]
    return taken + kept


def _worth(branch: list[Part], others: list[list[Part]]) -> int:
    """Plain text that says as much is the best alternative, then HTML, then anything else."""
    bodies = {p.content_type: p for p in branch if p.role is Role.BODY and p.content}
    plain, page = bodies.get("text/plain"), bodies.get("text/html")
    if plain is None:
        return 2 if page else int(any(p.role is Role.ATTACHMENT for p in branch))
    pages = [p for other in others for p in other if p.content_type == "text/html" and p.content]
    return 1 if any(shows_more(p.content, plain.content, p.pictures) for p in pages) else 3


def _related(mime: Mime, depth: int) -> list[Part]:
    """HTML with the pictures that it shows; a part that it does not show stands for itself."""
    children = _children(mime)
    if not children:
        return []
    parts = _walk(children[0], depth + 1)
    page = next((part for part in parts if part.content_type == "text/html"), None)
    for child in children[1:]:
        cid = _cid(child)
        shown = bool(cid) and (page is None or f"cid:{cid}".encode() in page.content)
        if not shown:
            parts += _walk(child, depth + 1)
        elif page is not None:
            page.pictures[cid] = payload_of(child)
    return parts


def _cid(mime: Mime) -> str:
    return str(mime.get("Content-ID", "")).strip().strip("<>")


def _settled(parts: list[Part]) -> list[Part]:
    """Decide what only the whole mail tells: where pictures are shown, and which text is said."""
    pages = [part for part in parts if part.content_type == "text/html" and part.content]
    has_text = any(p.role is Role.BODY and p.content and p.name != TNEF_BODY for p in parts)
    settled = []
    for part in parts:
        page = next(
            (p for p in pages if part.cid and f"cid:{part.cid}".encode() in p.content), None
        )
        if page is not None:
            page.pictures[part.cid] = part.content
        elif not (has_text and part.name == TNEF_BODY):
            settled.append(part)
    return settled


def _leaf(mime: Mime, reason: str = "") -> Part:
    kind = mime.get_content_type()
    name = file_name(mime)
    content = b"" if mime.is_multipart() else payload_of(mime)
    charset = str(mime.get_param("charset", "") or "")[:60]
    if reason:
        return Part(name or kind, kind, content, reason=reason)
    if kind in SKIPPED:
        return Part(name or kind, kind, b"", Role.SKIPPED, reason=SKIPPED[kind])
    disposition = mime.get_content_disposition()
    attached = disposition == "attachment" or bool(name)
    cid = _cid(mime) if kind.startswith("image/") else ""
    inline = bool(cid) and disposition != "attachment"
    if kind.startswith("image/") and is_decoration(content, inline=inline):
        return Part(name or kind, kind, content, Role.SKIPPED, reason=DECORATION, cid=cid)
    if kind in ("text/plain", "text/html") and not attached:
        return _text_body(mime, content, charset)
    return Part(name or said("unnamed {kind}", kind=kind), kind, content, charset=charset, cid=cid)


def _text_body(mime: Mime, content: bytes, charset: str) -> Part:
    kind = mime.get_content_type()
    decoded = decode_text(content, charset or _meta_charset(content))
    if decoded.text is None:
        reason = said("is written in a character set that could not be recognised")
        return Part(BODY_NAME, kind, content, Role.BODY, charset, reason)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if str(mime.get_param("format", "")).lower() == "flowed":
        text = unflow(text, delsp=str(mime.get_param("delsp", "")).lower() == "yes")
    return _body(kind, text)


def _body(kind: str, text: str) -> Part:
    empty = not is_visible(text) if kind == "text/html" else not text.strip(" \t\n\xa0\u200b\ufeff")
    content = b"" if empty else text.encode("utf-8", "replace")
    return Part(BODY_NAME, kind, content, Role.BODY, "utf-8")


def _meta_charset(content: bytes) -> str:
    found = re.search(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", content[:4096])
    return found[1].decode("ascii") if found else ""


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
