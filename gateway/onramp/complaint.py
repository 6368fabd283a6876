"""What the owner of a mailbox writes to have no more faxes of a caller, and what that means.

The mail of a received fax names an address that only its reader knows (`gateway.admission.token`).
Writing to it is not enough, for mail programs and filters write too: the word must be there, as the
subject or as the first line. Pure.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Final

from gateway.address import Refusal
from gateway.admission.fields import author, read_fields
from gateway.onramp.numbers import digits
from gateway.said import said
from gateway.store.records import ReceivedFax

WORDS: Final = frozenset({"junk", "spam", "śmieć", "śmieci", "smiec", "smieci", "niechciany"})
LARGEST: Final = 262_144  # octets of the mail that are looked at
NUMBER: Final = 6  # digits that tell one machine from others; "FAX" is what many call themselves

NOT_SAID: Final = Refusal(
    "5.6.0", said("nothing has changed: write junk as the subject or the first line")
)

_REPLY = re.compile(r"^(?:(?:re|odp|fwd?|pd)\s*:\s*)+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,2000}>")


def complainer(raw: bytes) -> str | Refusal:
    """Who writes, by From, in lower case; a refusal where the mail does not say junk."""
    fields = read_fields(raw)
    address = fields if isinstance(fields, Refusal) else author(fields)
    if isinstance(address, Refusal):
        return address
    if not _says_so(raw):
        return NOT_SAID
    return address.lower()


def entry_for(fax: ReceivedFax) -> str:
    """The line of the junk list that keeps this caller away; "" where nothing tells them apart."""
    number = digits(fax.caller)
    if number:
        return f"+{number}" if fax.caller.strip().startswith("+") else number
    name = " ".join(fax.tsi.split())
    if sum(c.isdigit() for c in name) < NUMBER or not name.isprintable():
        return ""
    return "tsi: " + "".join("?" if c in "*?[]#" else c for c in name)


def _says_so(raw: bytes) -> bool:
    try:
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        subject = _REPLY.sub("", str(message["Subject"] or "").strip())
        return _is_word(subject) or _is_word(_first_line(message))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False  # whatever it is, it does not say so


def _first_line(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body else ""
    if body and body.get_content_subtype() == "html":
        text = _TAG.sub("\n", text)
    lines = (line.strip() for line in text.splitlines()[:200])
    return next((line for line in lines if line and not line.startswith(">")), "")


def _is_word(text: str) -> bool:
    return text.strip(" .!\t").lower() in WORDS
