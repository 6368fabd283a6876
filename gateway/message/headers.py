"""Header fields as values: decoded, bounded, and harmless whatever the sender wrote in them.

Fields are kept as octets in the clothes of a str (surrogate escapes) until one of these functions
decodes them, so that raw 8-bit names and subjects survive. Control characters never leave.

RFC 5322 3.6, RFC 2047 (encoded words), RFC 2231 (parameters), RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import binascii
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message as Mime
from email.parser import BytesHeaderParser

from gateway.message.bulk import RAW
from gateway.message.charset import decode_text

HEADER_LIMIT = 262_144  # octets of header that are looked at
VALUE_LIMIT = 2_000  # characters of a decoded value
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_AUTOMATIC_PRECEDENCE = {"bulk", "junk", "list", "auto_reply"}


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a mail that the gateway quotes or obeys; "" or None where it has none."""

    subject: str = ""
    sender: str = ""  # From, decoded: "Jan Żak <jan@example.org>"
    message_id: str = ""  # with its angle brackets
    references: tuple[str, ...] = ()
    in_reply_to: str = ""
    date: datetime | None = None  # aware, UTC
    utc_offset: timedelta | None = None  # of the sender's clock; None where Date does not tell
    language: str = ""  # Accept-Language or Content-Language, as it stands
    notify_to: str = ""  # the one address that Disposition-Notification-To names (RFC 8098 2.1)
    automatic: bool = False  # no answer may be sent to it (RFC 3834 section 2)


def read_headers(raw: bytes) -> Headers:
    """Read the header of a mail and nothing behind it; never raises."""
    mime = BytesHeaderParser(policy=RAW).parsebytes(raw[:HEADER_LIMIT])
    return headers_of(mime)


def read_recipients(raw: bytes) -> list[str]:
    """The addresses in To and Cc, in order; never raises. Nobody is sent to for their sake."""
    mime = BytesHeaderParser(policy=RAW).parsebytes(raw[:HEADER_LIMIT])
    fields = [str(value) for name in ("To", "Cc") for value in mime.get_all(name, [])]
    return [address for _, address in email.utils.getaddresses(fields) if "@" in address]


def headers_of(mime: Mime) -> Headers:
    """Decode the fields of one parsed header."""
    ids = _MESSAGE_ID.findall(_field(mime, "Message-ID"))
    replied = _MESSAGE_ID.findall(_field(mime, "In-Reply-To"))
    return Headers(
        subject=decode_value(_field(mime, "Subject")),
        sender=decode_value(_field(mime, "From")),
        message_id=ids[0] if ids else "",
        references=tuple(_MESSAGE_ID.findall(_field(mime, "References"))[-50:]),
        in_reply_to=replied[0] if replied else "",
        date=_date(_field(mime, "Date")),
        utc_offset=_utc_offset(_field(mime, "Date")),
        language=_field(mime, "Accept-Language") or _field(mime, "Content-Language"),
        notify_to=_only_address(_field(mime, "Disposition-Notification-To")),
        automatic=_automatic(mime),
    )


def decode_value(raw: str) -> str:
    """Decode RFC 2047 words and raw 8-bit octets to one line of text without controls."""
    octets, text = bytearray(), ""
    charset: str | None = None  # of the octets gathered; None before the first
    for piece, of in _pieces(raw[: VALUE_LIMIT * 12]):
        if of != charset:
            text += _decoded(bytes(octets), charset)
            octets.clear()
        octets += piece
        charset = of
    text += _decoded(bytes(octets), charset)
    return _CONTROLS.sub(" ", text).strip()[:VALUE_LIMIT]


def _pieces(raw: str) -> Iterator[tuple[bytes, str]]:
    """Octets with their charset label ("" outside encoded words), as they follow each other.

    Neighbours of one charset are decoded together: senders cut characters in two at the border of
    encoded words, though RFC 2047 section 5 (3) forbids it.
    """
    end = 0
    for word in _ENCODED_WORD.finditer(raw):
        between = raw[end : word.start()]
        if between.strip() or end == 0:
            yield _octets(between), ""
        label, encoding, content = word.groups()
        yield _decode_word(encoding, content), label.split("*")[0].lower()
        end = word.end()
    yield _octets(raw[end:]), ""


def _decode_word(encoding: str, content: str) -> bytes:
    octets = _octets(content)
    if encoding in "qQ":
        return binascii.a2b_qp(octets, header=True)
    alphabet = re.sub(rb"[^A-Za-z0-9+/]", b"", octets)
    return binascii.a2b_base64(alphabet[: len(alphabet) - (len(alphabet) % 4 == 1)] + b"==")


def _decoded(octets: bytes, charset: str | None) -> str:
    decoded = decode_text(octets, charset or "")
    return decoded.text if decoded.text is not None else octets.decode("ascii", "replace")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _field(mime: Mime, name: str) -> str:
    value = mime.get(name, "")
    return value if isinstance(value, str) else str(value)


def _only_address(value: str) -> str:
    """The address of a list of one; two would each want an answer, and the second is a stranger."""
    found = [address for _, address in email.utils.getaddresses([value[:VALUE_LIMIT]])]
    return found[0] if len(found) == 1 and "@" in found[0] else ""


def _date(value: str) -> datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _utc_offset(value: str) -> timedelta | None:
    """The zone of a Date; -0000 says that it is not known (RFC 5322 3.3)."""
    try:
        return email.utils.parsedate_to_datetime(value).utcoffset()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _automatic(mime: Mime) -> bool:
    submitted = _field(mime, "Auto-Submitted").split(";")[0].strip().lower()
    precedence = _field(mime, "Precedence").strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in _AUTOMATIC_PRECEDENCE
        or bool(mime.get("X-Autoreply") or mime.get("X-Autorespond"))
        or mime.get_content_type() == "multipart/report"
    )
