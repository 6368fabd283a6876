"""The octets under an IMAP session: aioimaplib's protocol, made safe against its far end.

The library trusts its server. Here nothing that a server sends raises on the event loop, fills the
memory or goes unnoticed: `lost` is done, with the reason, as soon as no more answers can come. What
goes out goes in pieces, as fast as the server takes it, so that a large fax holds up nobody.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from aioimaplib.aioimaplib import AioImapException, IMAP4ClientProtocol

from gateway.imap.words import spoken

LARGEST_ANSWER: Final = 262_144  # octets that one command may bring
FED: Final = 4096  # octets at a time; the library recurses once a line
PIECE: Final = 65_536  # octets written at a time
_BYE = re.compile(rb"^\* BYE ([^\r\n]*)", re.MULTILINE)


class Wire(IMAP4ClientProtocol):  # type: ignore[misc]
    """One connection. `allowance` is how many more octets the server may send."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
    ) -> None:
        super().__init__(loop, conn_lost_cb)
        self.lost: asyncio.Future[str] = loop.create_future()
        self.allowance = LARGEST_ANSWER
        self.literal_data: bytes | None = None
        self._farewell = ""
        self._room = asyncio.Event()
        self._room.set()

    def data_received(self, d: bytes) -> None:
        """Take what came, piece by piece; nonsense and floods end the connection."""
        self.allowance -= len(d)
        if self.allowance < 0:
            self._give_up("the server sends more than it was asked for")
            return
        if bye := _BYE.search(d):
            self._farewell = spoken([bye[1]])
        try:
            for at in range(0, len(d), FED):
                super().data_received(d[at : at + FED])
        except (AioImapException, ArithmeticError, LookupError, TypeError, ValueError) as error:
            self._give_up(f"the server does not speak IMAP: {spoken([str(error).encode()])}")

    async def welcome(self, command: bytes) -> None:
        """Take the greeting; a refusal ends the connection."""
        try:
            await super().welcome(command)
        except (AioImapException, LookupError, ValueError):
            self._give_up(f"the server is not ready: {spoken([command])}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        super().connection_lost(exc)
        self._room.set()
        self._end(f"the connection was lost: {self._farewell or exc or 'the server closed it'}")

    def pause_writing(self) -> None:
        """The server does not keep up."""
        self._room.clear()

    def resume_writing(self) -> None:
        """It does again."""
        self._room.set()

    def _continuation(self, line: bytes) -> None:
        """Where the library would write a whole mail at once."""
        command = self.pending_sync_command
        if command is None or command.name != "APPEND":
            super()._continuation(line)
        elif self.literal_data is not None:
            content, self.literal_data = self.literal_data, None
            writing = asyncio.ensure_future(self._write(content))
            self.tasks.add(writing)
            writing.add_done_callback(self.tasks.discard)

    async def _write(self, content: bytes) -> None:
        for at in range(0, len(content), PIECE):
            await self._room.wait()
            if self.lost.done():
                return
            self.transport.write(content[at : at + PIECE])
            await asyncio.sleep(0)
        self.transport.write(b"\r\n")

    def _give_up(self, why: str) -> None:
        self._end(why)
        self.transport.abort()

    def _end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)

    async def close(self) -> None:
        """Leave nothing behind. (The library's CLOSE is not used.)"""
        if self.transport is not None:
            self._give_up("we have ended the session")
        tasks = [*self.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
