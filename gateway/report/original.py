"""The mail that a receipt answers: only its header is read, and it is read as a stranger's.

Whatever the header holds, nothing raises and every answer is bounded: a subject for a person, the
identifiers for threading (RFC 5322 3.6.4), and the header as text to be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.message import read_headers
from gateway.options import plain_subject
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
    notify_to: str  # who asks for an MDN; empty where nobody does
    header: str  # lines end with \n; cut at LONGEST_HEADER


def read_original(raw: bytes) -> Original:
    """Read the header of a mail."""
    headers = read_headers(raw[:LONGEST_HEADER])
    message_id = "".join(_threadable([headers.message_id]))
    thread = _threadable(headers.references or [headers.in_reply_to])
    head = END_OF_HEADER.split(raw[:LONGEST_HEADER], maxsplit=1)[0]
    return Original(
        subject=printable(plain_subject(headers.subject)),
        message_id=message_id,
        references=tuple([*thread, message_id][-REFERENCES:]) if message_id else (),
        notify_to=headers.notify_to,
        header=CONTROL.sub("", head.decode("utf-8", "replace").replace("\r\n", "\n")),
    )


def _threadable(identifiers: Iterable[str]) -> list[str]:
    """Those that may stand in a header of ours: bounded, ASCII, no encoded word in hiding."""
    return [one for one in identifiers if MESSAGE_ID.fullmatch(one) and "=?" not in one]
