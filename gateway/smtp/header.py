"""What SMTP itself reads in a message's header and writes on top of it.

It writes the trace line of RFC 5321 4.4, and reads two things for the sake of loops: how many
servers the mail has passed, and whether a machine wrote it in answer to another mail (RFC 3834).
Everything else in a message is for `gateway.message`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from gateway.smtp.reply import AUTOMATIC_REPLY, LOOP, Reply

MOST_HOPS: Final = 100  # Received lines (RFC 5321 6.3)
LONGEST_HEADER: Final = 262_144  # octets that are looked through

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_RECEIVED = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_AUTO_REPLIED = re.compile(
    rb"^auto-submitted[ \t]*:[ \t\r\n]*auto-replied\b", re.IGNORECASE | re.MULTILINE
)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9.:_\[\]-]")


@dataclass(frozen=True, slots=True)
class Hop:
    """How a mail came to us."""

    helo: str  # what the client called itself
    client: str  # its IP address
    server: str  # our name
    esmtp: bool
    tls: bool
    authenticated: bool
    at: datetime

    @property
    def protocol(self) -> str:
        """The keyword of RFC 3848."""
        return ("E" * self.esmtp + "SMTP") + "S" * self.tls + "A" * self.authenticated


def received_line(hop: Hop) -> bytes:
    """The Received field, folded, with its CR LF."""
    helo = _NOT_IN_A_NAME.sub("?", hop.helo)[:255] or "unknown"
    client = f"IPv6:{hop.client}" if ":" in hop.client else hop.client or "unknown"
    line = (
        f"Received: from {helo} ([{client}])\r\n"
        f"\tby {hop.server} with {hop.protocol};\r\n"
        f"\t{format_datetime(hop.at)}\r\n"
    )
    return line.encode()


def objection(pieces: Sequence[bytes], *, is_fax: bool = True) -> Reply | None:
    """Why a message is not taken, from its header; None if nothing speaks against it.

    An automatic reply is no fax; people may get it.
    """
    header = head(pieces)
    if len(_RECEIVED.findall(header)) > MOST_HOPS:
        return LOOP
    return AUTOMATIC_REPLY if is_fax and _AUTO_REPLIED.search(header) else None


def head(pieces: Sequence[bytes]) -> bytes:
    """What stands before the first empty line, within bounds."""
    start = b""
    for piece in pieces:
        start += piece[: LONGEST_HEADER - len(start)]
        if len(start) == LONGEST_HEADER:
            break
    return _END_OF_HEADER.split(start, maxsplit=1)[0]
