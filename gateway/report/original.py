"""The mail that a receipt answers: only its header is read, and it is read as a stranger's.

Whatever the header holds, nothing raises and every answer is bounded: a subject for a person, the
identifiers for threading (RFC 5322 3.6.4), and the header as text to be quoted.
"""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.parser import HeaderParser

from gateway.words import printable

LONGEST_HEADER = 32_768  # octets that are read and quoted
REFERENCES = 10  # identifiers kept of a long thread, the last ones
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")  # visible ASCII without < and >
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # all but tab and line feed


@dataclass(frozen=True, slots=True)
class Original:
    """What a receipt takes from the mail that it answers."""

    subject: str
    message_id: str  # with < and >, empty where there is none
    references: tuple[str, ...]  # for our References: the thread, then the mail itself
    header: str  # lines end with \n; cut at LONGEST_HEADER


def read_original(raw: bytes) -> Original:
    """Read the header of a mail."""
    head = END_OF_HEADER.split(raw[:LONGEST_HEADER], maxsplit=1)[0]
    text = CONTROL.sub("", head.decode("utf-8", "replace").replace("\r\n", "\n"))
    header = HeaderParser().parsestr(text, headersonly=True)
    message_id = "".join(_identifiers(header.get("Message-ID"))[:1])
    thread = _identifiers(header.get("References") or header.get("In-Reply-To"))
    return Original(
        subject=printable(_decoded(str(header.get("Subject", "")))),
        message_id=message_id,
        references=tuple([*thread, message_id][-REFERENCES:]) if message_id else (),
        header=text,
    )


def _identifiers(value: str | None) -> list[str]:
    """The message identifiers in a header; none that an encoded word hides in."""
    return [found for found in MESSAGE_ID.findall(value or "") if "=?" not in found]


def _decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; as they stand where they are wrong."""
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, BinasciiError, LookupError, ValueError):
        return value
