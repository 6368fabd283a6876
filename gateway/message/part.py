"""One leaf of a mail: what it is to the fax, and what is never a page, by its declared type."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


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
    cid: str = ""  # Content-ID, without its angle brackets
    forwarded: bool = False  # part of a mail in the mail


BODY_NAME = "The message text"
TNEF_BODY = "The message text (winmail.dat)"
DECORATION = "is part of the mail's design, not a page"
LEFT_OUT = "was left out, as the subject or the settings of this gateway ask"

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


def skipped_on_purpose(content_type: str, reason: str) -> bool:
    """Whether a part with this reason is no page by its nature rather than by a fault."""
    return content_type in SKIPPED or DECORATION in reason or LEFT_OUT in reason
