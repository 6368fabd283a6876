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

from gateway.message import enriched
from gateway.message.body import Body, settle_bodies
from gateway.message.bulk import payload_of
from gateway.message.decoration import is_decoration, picture_size, shows_more
from gateway.message.enclosed import enclosed, parsed
from gateway.message.headers import Headers, headers_of
from gateway.message.mending import is_broken, mended, says_nothing
from gateway.message.names import file_name
from gateway.message.part import (
    DECORATION,
    REFUSED,
    REST,
    TNEF_BODY,
    WHOLE_MAIL,
    Part,
    Role,
    is_refusal,
    nature,
)
from gateway.message.sealed import signed_content
from gateway.message.texts import body as body_of
from gateway.message.texts import text_parts
from gateway.message.tnef import MAGIC, TYPES, unpacked
from gateway.said import said

SHAPELESS = said("is not built as mail should be, so its parts could not be told apart")
PACKED = said("is packed into too many other mails")
PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
DEPTH_LIMIT = 12  # of multiparts and forwarded mails in each other
PART_LIMIT = 100  # leaves that are looked at

Pictures = dict[str, bytes]  # Content-ID to octets


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


def _walk(mime: Mime, depth: int, around: Pictures | None = None) -> list[Part]:
    """The parts of a node; `around` are the pictures beside it in a multipart/related."""
    kind = mime.get_content_type()
    if depth > DEPTH_LIMIT:
        return [_leaf(mime, PACKED)]
    if (inner := _opened(mime)) is not None:
        return _walk(inner, depth + 1)
    if kind in REFUSED:
        return [_leaf(mime, REFUSED[kind])]
    if (inner := enclosed(mime)) is not None:
        return _forwarded(inner, depth)
    if is_broken(mime):
        return _broken(mime, depth)
    if not mime.is_multipart():
        return _leaves(mime)
    if kind == "multipart/alternative":
        return _alternative(mime, depth, around or {})
    if kind == "multipart/related":
        return _related(mime, depth)
    if kind == "multipart/appledouble":
        return _walk(_children(mime)[-1], depth + 1)
    return [part for child in _children(mime) for part in _walk(child, depth + 1)]


def _opened(mime: Mime) -> Mime | None:
    """The mail in an opaque S/MIME signature, which is sealed but not encrypted."""
    if mime.get_content_type() not in PKCS7 and not file_name(mime).lower().endswith(".p7m"):
        return None
    content = None if mime.is_multipart() else signed_content(payload_of(mime))
    return None if content is None else parsed(content)


def _broken(mime: Mime, depth: int) -> list[Part]:
    """A multipart without its boundary: with it, or as the text that it seems to be."""
    whole = mended(mime)
    if whole is not None:
        return _walk(whole, depth + 1)
    if says_nothing(mime):
        return []
    mime.set_type("text/plain")
    return _leaves(mime)


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
    return [replace(part, forwarded=True) for part in (body_of("text/plain", text), *parts)]


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


def _alternative(mime: Mime, depth: int, around: Pictures) -> list[Part]:
    branches = [_walk(child, depth + 1) for child in _children(mime)]
    if not branches:
        return []
    taken = max(branches, key=lambda branch: _worth(branch, branches, around))
    kept = [
        part
        for branch in branches
        if branch is not taken
        for part in branch
        if part.role is Role.ATTACHMENT and not part.content_type.startswith("image/")
    ]
    return taken + kept


def _worth(branch: list[Part], others: list[list[Part]], around: Pictures) -> int:
    """Plain text that says as much is the best alternative, then HTML, then anything else.

    Outlook puts the pictures of the HTML around both, Apple and Thunderbird beside the HTML.
    """
    bodies = {p.content_type: p for p in branch if p.role is Role.BODY and p.content}
    plain, page = bodies.get("text/plain"), bodies.get("text/html")
    if plain is None:
        return 2 if page else int(any(p.role is Role.ATTACHMENT for p in branch))
    pages = [p for other in others for p in other if p.content_type == "text/html" and p.content]
    more = (shows_more(p.content, plain.content, {**around, **p.pictures}) for p in pages)
    return 1 if any(more) else 3


def _related(mime: Mime, depth: int) -> list[Part]:
    """HTML with the pictures that it shows; a part that it does not show stands for itself."""
    children = _children(mime)
    if not children:
        return []
    pictures = {_cid(child): payload_of(child) for child in children[1:] if _is_shown(child)}
    parts = _walk(children[0], depth + 1, pictures)
    page = next((part for part in parts if part.content_type == "text/html"), None)
    for child in children[1:]:
        cid = _cid(child)
        if cid not in pictures or (page and f"cid:{cid}".encode() not in page.content):
            parts += _walk(child, depth + 1)
        elif page is not None:
            page.pictures[cid] = pictures[cid]
    return parts


def _is_shown(mime: Mime) -> bool:
    """Whether HTML may show it in itself; a document that it links to stands for itself."""
    shown = mime.get_content_maintype() == "image" or mime.get_content_type() == "text/css"
    return bool(_cid(mime)) and not mime.is_multipart() and (shown or _is_picture(mime))


def _is_picture(mime: Mime) -> bool:
    return picture_size(payload_of(mime)) is not None  # Outlook may call it an octet-stream


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


def _leaves(mime: Mime) -> list[Part]:
    """A leaf that is to be looked at, and what is packed in it."""
    kind = mime.get_content_type()
    attached = mime.get_content_disposition() == "attachment" or bool(file_name(mime))
    if kind in ("text/plain", "text/html", *enriched.TYPES) and not attached:
        charset = str(mime.get_param("charset", "") or "")[:60]
        return text_parts(mime, payload_of(mime), charset)
    leaf = _leaf(mime)
    return _outlook(leaf) if _is_tnef(leaf) else [leaf]


def _leaf(mime: Mime, reason: str = "") -> Part:
    kind = mime.get_content_type()
    name = file_name(mime)
    content = b"" if mime.is_multipart() else payload_of(mime)
    charset = str(mime.get_param("charset", "") or "")[:60]
    if reason:
        called = name or (WHOLE_MAIL if mime.is_multipart() else kind)
        return Part(called, kind, content, reason=reason)
    known = nature(kind, name, content)
    if is_refusal(known):
        return Part(name or kind, kind, content, reason=known)
    if known:
        return Part(name or kind, kind, b"", Role.SKIPPED, reason=known)
    cid = _cid(mime) if kind.startswith("image/") else ""
    inline = bool(cid) and mime.get_content_disposition() != "attachment"
    if kind.startswith("image/") and is_decoration(content, inline=inline):
        return Part(name or kind, kind, content, Role.SKIPPED, reason=DECORATION, cid=cid)
    return Part(name or said("unnamed {kind}", kind=kind), kind, content, charset=charset, cid=cid)


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
