"""The AT dialogue: one command at a time, its answer, and the data that some answers begin.

`Dialogue` turns a port's octets into lines and results (V.250 5.7) or, after CONNECT, into shielded
data (T.31 8). Between commands the modem may speak by itself: RING, caller ID, NO CARRIER; these
are lines too. A modem that does not answer in time raises `ModemSilent`, a port that has gone
`PortLost`; both are `ModemFailure`s, and no wait is without a limit but the wait for a ring.

A modem that speaks in numbers (V0) is understood once `numeric` says so. Whatever came before a
command is no answer to it, so that a modem which says OK twice stays in step.

Not here: what any command means.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Final

from modems.dle import END, Unshield, shield
from modems.port import Port, PortLost
from modems.results import Result, result

log = logging.getLogger(__name__)

LONGEST_LINE: Final = 512  # characters; what a modem says beyond is dropped
MOST_LINES: Final = 64  # of one answer
CANCEL: Final = b"\x18"  # CAN; any character aborts, and modems agree best on this one
NUMBER_ENDS: Final = 0.03  # s; a number has no line feed, and one that comes comes at once
_FINAL: Final = re.compile(rb"(?:OK|NO CARRIER|ERROR)\r\n$")
_FINAL_NUMBER: Final = re.compile(rb"(?:^|[\r\n\x03])[034]\r\n?$")
_TAIL: Final = 16  # octets in which a final result fits
_SILENT: Final = bytes(c for c in range(32) if c not in b"\r\n") + b"\x7f"  # DC1, DC3, NUL, ...


class ModemSilent(Exception):  # noqa: N818 - what happened
    """The modem has not answered in time."""


class ModemRefused(Exception):  # noqa: N818
    """The modem has answered ERROR to what it must be able to do."""


ModemFailure = (ModemSilent, ModemRefused, PortLost)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: the lines before its result, and the result as the modem put it."""

    result: Result
    lines: tuple[str, ...] = ()
    words: str = ""

    @property
    def ok(self) -> bool:
        """Whether the modem did what it was told."""
        return self.result is Result.OK


class Dialogue:
    """Speaks with one modem over an open port."""

    def __init__(self, port: Port, name: str = "modem") -> None:
        self.port = port
        self._name = name
        self._in = bytearray()
        self._echo = ""
        self.numeric = False  # the modem's results are numbers

    # Commands ----------------------------------------------------------------------------------

    async def command(self, text: str, limit: float) -> Reply:
        """Send AT and `text`; the answer within `limit` seconds. Raises ModemFailure."""
        self.say(text)
        return await self.reply(limit)

    def say(self, text: str) -> None:
        """Send AT and `text`."""
        self._echo = f"AT{text}"
        if stale := bytes(self._in) + self.port.pending():
            log.debug("%s > (not asked for) %r", self._name, stale[:LONGEST_LINE])
            self._in.clear()
        log.debug("%s < AT%s", self._name, text)
        self.port.write(f"AT{text}\r".encode("ascii", "replace"))

    async def reply(self, limit: float) -> Reply:
        """The answer to what was said; a RING that comes between is not it."""
        lines: list[str] = []
        try:
            async with asyncio.timeout(limit):
                while True:
                    line = await self.line()
                    found = result(line, numeric=self.numeric)
                    if found is not None and found is not Result.RING:
                        return Reply(found, tuple(lines), line)
                    if found is None and line != self._echo and len(lines) < MOST_LINES:
                        lines.append(line)
        except TimeoutError:
            raise ModemSilent(f"the modem has not answered AT within {limit:.0f} s") from None

    async def line(self) -> str:
        """The next line that is not empty, without limit. Cancelling it loses nothing."""
        while True:
            end = self._in.find(b"\r")
            # The line feed belongs to its line, since after CONNECT come data.
            if end < 0 or (end + 1 == len(self._in) and self._in[:end].strip()):
                if end < 0:
                    del self._in[LONGEST_LINE:]
                if await self._more(with_limit=self.numeric and end >= 0):
                    continue
            raw = self._in[:end].translate(None, _SILENT + b"\n")
            del self._in[: end + 1 + (self._in[end + 1 : end + 2] == b"\n")]
            if text := raw.decode("ascii", "replace").strip():
                log.debug("%s > %s", self._name, text)
                return text

    async def _more(self, *, with_limit: bool) -> bool:
        """Read on; False when there is a limit and nothing came."""
        try:
            async with asyncio.timeout(NUMBER_ENDS if with_limit else None):
                self._in += await self.port.read()
        except TimeoutError:
            return False
        return True

    # Data --------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send data after CONNECT, shielded."""
        self.port.write(shield(data))

    def end(self) -> None:
        """Send DLE ETX."""
        self.port.write(END)

    async def receive(self, stretch: Unshield, limit: float) -> bytes:
        """The next octets of a stretch of data; empty at its end. Raises ModemSilent."""
        while not stretch.ended:
            if not self._in:
                try:
                    async with asyncio.timeout(limit):
                        self._in += await self.port.read()
                except TimeoutError:
                    raise ModemSilent(f"no data for {limit:.0f} s") from None
            data = stretch.feed(bytes(self._in))
            self._in[:] = stretch.rest or b""
            if data:
                return data
        return b""

    def unread(self, data: bytes) -> None:
        """Put back what was no data after all."""
        self._in[:0] = data

    # Back to the command state -----------------------------------------------------------------

    async def cancelled(self, limit: float) -> bool:
        """Abort what the modem does; whether it said within `limit` that it has."""
        self.port.write(CANCEL)
        try:
            await self.finished(limit)
        except ModemSilent:
            return False
        return True

    async def finished(self, limit: float) -> None:
        """Drop everything up to a final result. Raises ModemSilent when none comes in time."""
        final = _FINAL_NUMBER if self.numeric else _FINAL
        try:
            async with asyncio.timeout(limit):
                while not final.search(self._in):
                    del self._in[:-_TAIL]
                    self._in += await self.port.read()
        except TimeoutError:
            raise ModemSilent(f"the modem has not come back within {limit:.0f} s") from None
        finally:
            self._in.clear()

    def forget(self) -> None:
        """Forget what has come and was not read."""
        self.port.pending()
        self._in.clear()

    async def quiet(self, seconds: float) -> None:
        """Drop everything until the modem has been silent for so long; bounded by what it sends."""
        self.forget()
        for _ in range(MOST_LINES):
            try:
                async with asyncio.timeout(seconds):
                    await self.port.read()
            except TimeoutError:
                return
