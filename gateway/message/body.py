"""Whether the text of a mail is a page: as the subject or the settings ask, and without signature.

`ALONE` leaves the text out where something else of the mail makes a page: people who send a scan
rarely want "see attached" in front of it. What is left out is told. A text that is nothing but a
signature is never a page. Cutting signatures is asked for, since what stands below "-- " may be
the address that an answer should go to.

RFC 3676 4.3 (the line "-- "); what HTML marks as a signature is in `signed_html`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from gateway.message.decoration import is_visible
from gateway.message.part import BODY_NAME, LEFT_OUT, Part, Role
from gateway.message.signed_html import split_html

SIGNATURE_LINES = 15  # more than that below a line "-- " is text
LONGEST_SIGNATURE = 600  # octets of its text, where there is no other
_TAGS = re.compile(rb"(?s)<!--.*?-->|<[^>]*>|\s")
_SIGNATURE = re.compile(r"^-- *$", re.MULTILINE)
_DEVICE = re.compile(  # what a telephone writes under a mail when nobody writes anything
    r"(?:Sent|Wysłan[eoay]|Gesendet|Envoyé|Enviado|Inviato)\b[^\n]{0,60}"
    r"\b(?:iPhone|iPad|Android|Samsung|Galaxy|Xiaomi|Huawei|phone|Mobile|Outlook|Mail|Poczt)[^\n]{0,120}"
    r"|(?:Get|Pobierz|Downloaden?)[^\n]{0,20}\bOutlook\b[^\n]{0,120}"
    r"|Von meinem (?:iPhone|iPad|Mobiltelefon|Handy)[^\n]{0,60}"
)


class Body(Enum):
    """When the text of a mail is a page."""

    ALWAYS = "always"
    ALONE = "alone"
    NEVER = "never"


def settle_bodies(parts: Sequence[Part], body: Body, *, signature: bool) -> list[Part]:
    """Leave out what is no page of the mail's own texts; those of mails in it are documents."""
    signed = [_unsigned(part, keep=signature) if _is_own(part) else part for part in parts]
    kept = [part for part in signed if part.content or part.role is not Role.BODY or part.reason]
    attached = any(part.role is Role.ATTACHMENT or part.forwarded for part in kept)
    if body is Body.ALWAYS or (body is Body.ALONE and not attached):
        return kept
    rest = [part for part in kept if not _is_own(part)]
    if len(rest) == len(kept):
        return kept
    told = Part(BODY_NAME, "text/plain", b"", Role.SKIPPED, reason=LEFT_OUT)
    return [told, *rest]


def split_signature(text: str) -> tuple[str, str]:
    """Text, and the signature under it or ""; quoted text below a signature is no part of one."""
    found = list(_SIGNATURE.finditer(text))
    if not found:
        return text, ""
    above, below = text[: found[-1].start()], text[found[-1].start() :].rstrip()
    lines = below.split("\n")
    if len(lines) > SIGNATURE_LINES or any(line.startswith(">") for line in lines):
        return text, ""
    return above, below


def _is_own(part: Part) -> bool:
    return part.role is Role.BODY and not part.forwarded


def _unsigned(part: Part, *, keep: bool) -> Part:
    """The text without its signature; with it if it is to be kept and there is other text."""
    if part.reason:
        return part
    if part.content_type == "text/html":
        return _unsigned_html(part, keep=keep)
    if part.content_type != "text/plain":
        return part
    whole = part.content.decode("utf-8", "replace")
    text, signature = ("", whole) if _DEVICE.fullmatch(whole.strip()) else split_signature(whole)
    if not signature or (keep and text.strip()):
        return part
    return replace(part, content=text.rstrip().encode())


def _unsigned_html(part: Part, *, keep: bool) -> Part:
    html, signature = split_html(part.content)
    has_text = is_visible(html.decode("utf-8", "replace"))
    if not signature or (keep and has_text):
        return part
    if not has_text and len(_TAGS.sub(b"", signature)) > LONGEST_SIGNATURE:
        return part  # somebody wrote the mail where its signature was
    return replace(part, content=html if has_text else b"")
