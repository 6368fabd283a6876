"""The octets between 354 and the lone dot, in large pieces and within bounds.

Only CR LF `.` CR LF ends a message. A line with one dot that ends in any other way is how mails are
smuggled past servers that disagree about line ends (CVE-2023-51764 and its kin), so a message with
such a line is refused whole. Apart from that octets are kept as they came: lines of any length,
lone LF and 8-bit text are for the mail parser, since nothing is relayed.

`receive` reads with StreamReader's public face only: `readuntil` the whole end mark, and when the
reader's limit comes first, the piece that it says is free of it. So nothing after the end mark is
ever taken from a client that pipelines, and a piece costs a few microseconds per 64 kB.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from gateway.smtp.reply import NO_ROOM, NOT_A_MAIL, SMUGGLED, Reply, too_large

END: Final = b"\r\n.\r\n"
PIECE: Final = 65_536  # octets; the limit of the connection's StreamReader
LONGEST_BLANK_HEAD: Final = 1000  # octets of CR, LF and dots in front of the first header

# RFC 5321 2.3.8: "<CR> or <LF> alone must not be used as line end". Seen from a dot at the
# beginning of a line, these are the ends other than CR LF . CR LF.
_FALSE_ENDS: Final = (b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r")
_UNDECIDED = re.compile(rb"(?:\r\n|\r|\n)\.?\Z")  # may yet become a stuffed dot or a false end


class Budget:
    """Octets of mail that may be in memory, over all connections."""

    def __init__(self, octets: int) -> None:
        self._free = octets

    def take(self, octets: int) -> bool:
        """False, and nothing is taken, if there are not so many left."""
        if octets > self._free:
            return False
        self._free -= octets
        return True

    def give(self, octets: int) -> None:
        """What was taken comes back."""
        self._free += octets


class Body:
    """Collects one message: undoes dot stuffing (RFC 5321 4.5.2), counts, looks for false ends.

    Feed it a CR LF first, for the one that ended the DATA line. After the first fault it keeps
    nothing more.
    """

    def __init__(self, limit: int, budget: Budget) -> None:
        self._limit = limit
        self._budget = budget
        self._taken = 0
        self._undecided = b""
        self.pieces: list[bytes] = []
        self.size = -len(b"\r\n")  # octets of the message; the CR LF in front is none of it
        self.fault: Reply | None = None

    def feed(self, octets: bytes) -> None:
        """Take the next octets of the stream, at any split."""
        octets = self._undecided + octets
        undecided = _UNDECIDED.search(octets[-3:])
        cut = len(octets) - len(undecided[0]) if undecided else len(octets)
        self._undecided = octets[cut:]
        self._keep(octets[:cut])

    def finish(self, octets: bytes) -> None:
        """Take the last octets, which end in END."""
        self._keep((self._undecided + octets).removesuffix(b".\r\n"))

    def is_hopeless(self) -> bool:
        """Whether the message is so far over the limit that its end is not worth waiting for."""
        return self.size > 2 * self._limit + PIECE

    def release(self) -> None:
        """Give back the memory."""
        self.pieces.clear()
        self._budget.give(self._taken)
        self._taken = 0

    def _keep(self, octets: bytes) -> None:
        if not octets:
            return
        piece = octets.replace(b"\r\n.", b"\r\n")
        self.size += len(piece)
        self.fault = self.fault or self._objection(octets)
        if self.fault is None:
            self.pieces.append(piece if self.pieces else piece[2:])
        else:
            self.release()

    def _objection(self, octets: bytes) -> Reply | None:
        if self.size > self._limit:
            return too_large(self._limit)
        if any(end in octets for end in _FALSE_ENDS):
            return SMUGGLED
        if not self._budget.take(len(octets)):
            return NO_ROOM
        self._taken += len(octets)
        return None


async def receive(reader: asyncio.StreamReader, body: Body, alive: Callable[[], None]) -> bool:
    """Read one message into `body`; call `alive` after each piece.

    False if the client goes on and on without an end: the connection is to be closed. The octet
    by octet beginning is for the CR LF of the DATA line itself, which may begin the end mark; it
    lasts one octet in any mail that begins with a header.
    """
    head = b"\r\n"
    while not head.endswith(END) and any(head.endswith(END[:n]) for n in range(1, len(END))):
        if len(head) > LONGEST_BLANK_HEAD:
            body.fault = NOT_A_MAIL
            return False
        head += await reader.readexactly(1)
    if head.endswith(END):
        body.finish(head)
        return True
    body.feed(head)
    return await _receive_pieces(reader, body, alive)


async def _receive_pieces(
    reader: asyncio.StreamReader, body: Body, alive: Callable[[], None]
) -> bool:
    while not body.is_hopeless():
        try:
            piece = await reader.readuntil(END)
        except asyncio.LimitOverrunError as overrun:
            body.feed(await reader.readexactly(overrun.consumed))
            alive()
        else:
            body.finish(piece)
            return True
    return False
