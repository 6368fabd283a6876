"""A mail of ours before it has a body: headers that are right, whatever text goes into them.

Text from a telephone line or from somebody's mail passes `header_text` on its way into a header:
no line break, control character or bidi mark of a stranger's gets there, and no encoded word
either, which the `email` package would decode, line breaks and all. Two letters written
from the same facts with the same Message-ID are the same octets: a repeat after a crash is the
same mail, not a second one.

RFC 5322 (Date, Message-ID, threading), RFC 3834 (Auto-Submitted), RFC 6532 for addresses beyond
ASCII. The envelope is the worker's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8
from typing import Literal

from gateway.mailout.pieces import with_crlf
from gateway.words import printable

SUBJECT = 150  # characters; longer ones are cut
# addr-spec of RFC 5322 3.4.1 and 6532 3.2 without comments and quoted strings, which hide things
ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[\w.-]{1,255}")
POLICY = SMTP.clone(cte_type="7bit")  # any mail server takes it, with 8BITMIME or without
POLICY_UTF8 = SMTPUTF8.clone(cte_type="7bit")  # for an address that ASCII cannot write


@dataclass(frozen=True, slots=True)
class Head:
    """What every mail of ours says about itself. `sender` is the From address, `name` before it."""

    sender: str
    name: str
    to: str
    subject: str
    at: datetime
    message_id: str
    automatic: Literal["auto-replied", "auto-generated"]
    zone: tzinfo | None = None  # None: the system's


def letter(head: Head) -> EmailMessage:
    """An empty mail with these headers.

    An address that cannot be written in a header is left out of To; the envelope still has it.
    """
    message = EmailMessage(POLICY if head.to.isascii() else POLICY_UTF8)
    message["From"] = _address(head.sender, header_text(head.name, 80)) or head.sender
    recipient = _address(head.to)
    if recipient:
        message["To"] = recipient
    message["Subject"] = header_text(head.subject, SUBJECT)
    message["Date"] = head.at.astimezone(head.zone)
    message["Message-ID"] = head.message_id
    message["Auto-Submitted"] = head.automatic
    message["MIME-Version"] = "1.0"
    return message


def header_text(text: str, limit: int = 200) -> str:
    """`text` as the value of an unstructured header: one bounded line that is what it looks like.

    Whoever decodes RFC 2047 must do so before; what still looks like an encoded word is broken up.
    """
    return printable(text, limit).replace("=?", "= ?")


def octets(message: EmailMessage) -> bytes:
    """The mail as it travels, with CRLF. Boundaries come from the Message-ID, not from chance.

    What `message.as_bytes()` gives, but attachments are not searched through line by line.
    """
    for number, part in enumerate(_parts(message, "multipart")):
        part.set_boundary(f"=_{_digest(message, number)}")
    large = {
        _digest(message, -1 - number): part
        for number, part in enumerate(_parts(message, "application"))
        if part["Content-Transfer-Encoding"] == "base64"
    }
    payloads = {mark: str(part.get_payload()) for mark, part in large.items()}
    for mark, part in large.items():
        part.set_payload(mark)
    rest = message.as_bytes()
    pieces: list[bytes] = []
    for mark, part in large.items():
        part.set_payload(payloads[mark])
        before, _, rest = rest.partition(mark.encode())
        pieces += [before, *with_crlf(payloads[mark].encode())]
    return b"".join([*pieces, rest])


def _parts(message: EmailMessage, maintype: str) -> Iterator[MIMEPart]:
    return (part for part in message.walk() if part.get_content_maintype() == maintype)


def _digest(message: EmailMessage, number: int) -> str:
    return hashlib.sha256(f"{message['Message-ID']} {number}".encode()).hexdigest()[:32]


def _address(address: str, name: str = "") -> Address | None:
    if not ADDRESS.fullmatch(address) or "=?" in address:
        return None
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
