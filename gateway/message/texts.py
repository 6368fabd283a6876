"""The text of a mail as it goes on pages: decoded, in plain lines, without what nobody is to read.

Control characters are left out, and so are the marks of terminals. Files that old programs write
into the text (uuencode) come out as attachments. A text that PGP has signed stands there without
its armour; one that it has encrypted is no text.

RFC 3676 (flowed), RFC 9580 section 7 (cleartext signatures), POSIX uuencode.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message as Mime

from gateway.message import enriched
from gateway.message.charset import decode_text
from gateway.message.decoration import is_visible
from gateway.message.flowed import unflow
from gateway.message.names import without_path
from gateway.message.part import BODY_NAME, ENCRYPTED, Part, Role
from gateway.said import said

FILES = 100  # that are taken out of one text
_CONTROLS = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\x00-\x08\x0e-\x1f]")
_FILE = re.compile(
    r"^begin 0?[0-7]{3} (\S[^\n]{0,200})\n((?:[ -`]{1,90}\n)++)end[ \t]*$", re.MULTILINE
)
_SIGNED = re.compile(
    r"\A\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]{1,30}: [^\n]*\n)*\n(.*?)\n"
    r"-----BEGIN PGP SIGNATURE-----\n.*?-----END PGP SIGNATURE-----",
    re.DOTALL,
)
_PLACE = re.compile(r"\[cid:[^\]\s]{1,200}\]")  # Outlook's, where a picture is in the HTML
# Files in the text that are not undone: what would be printed is a page of rubbish.
_CODED = (
    (
        re.compile(rb"^=ybegin (?:part=\d+ )?.{0,80}?\bname=", re.MULTILINE),
        said(
            "has a file in it that is packed for newsgroups (yEnc); please attach the file itself"
        ),
    ),
    (
        re.compile(rb"^\(This file must be converted with BinHex", re.MULTILINE),
        said(
            "has a file in it that is packed for old Macs (BinHex); please attach the file itself"
        ),
    ),
)
_SEALED = re.compile(r"\s*-----BEGIN PGP MESSAGE-----\n")


def text_parts(mime: Mime, content: bytes, charset: str) -> list[Part]:
    """Give the text of a leaf that is no attachment, and the files in it."""
    kind = mime.get_content_type()
    coded = next((reason for pattern, reason in _CODED if pattern.search(content)), None)
    if coded is not None:
        return [Part(BODY_NAME, kind, content, Role.BODY, charset, coded)]
    decoded = decode_text(content, charset or _meta_charset(content))
    if decoded.text is None:
        reason = said("is written in a character set that could not be recognised")
        return [Part(BODY_NAME, kind, content, Role.BODY, charset, reason)]
    text = in_lines(decoded.text)
    if kind == "text/html":
        return [body(kind, text)]
    if kind in enriched.TYPES:
        return [body("text/plain", enriched.plain(text, kind))]
    if str(mime.get_param("format", "")).lower() == "flowed":
        text = unflow(text, delsp=str(mime.get_param("delsp", "")).lower() == "yes")
    if _SEALED.match(text):
        return [replace(body(kind, text), reason=ENCRYPTED)]
    text = _PLACE.sub("", _SIGNED.sub(_signed_text, text))
    return [*_with_files(kind, text)]


def in_lines(text: str) -> str:
    """Text in lines that end as Unix's do, without control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def body(kind: str, text: str) -> Part:
    """A text of the mail itself; without content if it shows nothing."""
    empty = not is_visible(text) if kind == "text/html" else not text.strip(" \t\n\xa0\u200b\ufeff")
    content = b"" if empty else text.encode("utf-8", "replace")
    return Part(BODY_NAME, kind, content, Role.BODY, "utf-8")


def _with_files(kind: str, text: str) -> Iterator[Part]:
    """The text, the first file in it, the text after that, and so on."""
    at = 0
    for found in list(_FILE.finditer(text))[:FILES]:
        content = _decoded(found[2])
        if content:
            yield body(kind, text[at : found.start()].strip("\n"))
            yield Part(without_path(found[1]), "application/octet-stream", content)
            at = found.end()
    yield body(kind, text[at:].lstrip("\n") if at else text)


def _decoded(lines: str) -> bytes:
    """Undo uuencode; b"" if the lines are none. Spaces at their ends may have been lost."""
    octets = b""
    for line in lines.splitlines():
        length = (ord(line[0]) - 32) & 63
        try:
            octets += binascii.a2b_uu(line.ljust(1 + (length + 2) // 3 * 4))
        except binascii.Error:
            return b""
    return octets


def _signed_text(found: re.Match[str]) -> str:
    """What was signed, its dashes as they were written (RFC 9580 7.2)."""
    return re.sub(r"^- ", "", found[1], flags=re.MULTILINE)


def _meta_charset(content: bytes) -> str:
    found = re.search(rb"(?i)<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", content[:4096])
    return found[1].decode("ascii") if found else ""
