"""One leaf of a mail: what it is to the fax, and what is never a page, by its declared type."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from gateway.said import said


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


WHOLE_MAIL = said("The mail")
REST = said("The rest of the mail")
BODY_NAME = said("The message text")
TNEF_BODY = said("The message text (winmail.dat)")
DECORATION = said("is part of the mail's design, not a page")
LEFT_OUT = said("was left out, as the subject or the settings of this gateway ask")

# Parts that are never pages, and what the sender is told about them.
SKIPPED = {
    "application/pgp-signature": said("is a signature, not a page"),
    "application/pkcs7-signature": said("is a signature, not a page"),
    "application/x-pkcs7-signature": said("is a signature, not a page"),
    "application/pgp-keys": said("is a key, not a page"),
    "text/calendar": said("is a calendar entry, not a page"),
    "application/ics": said("is a calendar entry, not a page"),
    "text/vcard": said("is a contact card, not a page"),
    "text/x-vcard": said("is a contact card, not a page"),
    "text/directory": said("is a contact card, not a page"),
    "application/applefile": said("is a Macintosh resource fork, not a page"),
    "message/delivery-status": said("is a report for machines, not a page"),
    "message/disposition-notification": said("is a report for machines, not a page"),
    "text/rfc822-headers": said("is a report for machines, not a page"),
}
ENCRYPTED = said("is encrypted, so the gateway cannot read it")
REFUSED = {
    "multipart/encrypted": ENCRYPTED,
    "application/pkcs7-mime": said(
        "is encrypted or sealed (S/MIME), so the gateway cannot read it"
    ),
    "application/x-pkcs7-mime": said(
        "is encrypted or sealed (S/MIME), so the gateway cannot read it"
    ),
    "message/external-body": said("is only a reference to a document elsewhere"),
    "message/partial": said("is only a piece of a mail that was sent in several"),
}

# What an attachment is by its first octets or its name, whatever type it was given.
_BEGINNINGS = {
    b"BEGIN:VCARD": SKIPPED["text/vcard"],
    b"BEGIN:VCALENDAR": SKIPPED["text/calendar"],
    b"-----BEGIN PGP SIGNATURE": SKIPPED["application/pgp-signature"],
    b"-----BEGIN PGP PUBLIC KEY": SKIPPED["application/pgp-keys"],
    b"-----BEGIN PGP MESSAGE": ENCRYPTED,
}
_ENDINGS = {
    "p7s": SKIPPED["application/pkcs7-signature"],
    "p7m": REFUSED["application/pkcs7-mime"],
    "pgp": ENCRYPTED,
    "gpg": ENCRYPTED,
}


def nature(content_type: str, name: str, content: bytes) -> str:
    """Why an attachment is no page by what it is, "" if it may be one."""
    if content_type in SKIPPED:
        return SKIPPED[content_type]
    head = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip().upper()
    begins = (reason for beginning, reason in _BEGINNINGS.items() if head.startswith(beginning))
    return next(begins, _ENDINGS.get(name.rpartition(".")[2].lower(), ""))


def is_refusal(reason: str) -> bool:
    """Whether a part with this nature is a document that cannot be read."""
    return reason in REFUSED.values()


def skipped_on_purpose(content_type: str, reason: str) -> bool:
    """Whether a part with this reason is no page by its nature rather than by a fault."""
    on_purpose = (*SKIPPED.values(), DECORATION, LEFT_OUT)
    return content_type in SKIPPED or any(words in reason for words in on_purpose)
