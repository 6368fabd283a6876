"""The action commands of T.31: +FTS +FRS +FTM +FRM +FTH +FRH, one at a time, each with an end.

`Actions` knows whether the modem listens to commands or is sending or hearing, and always finds the
way back: a verb that was cancelled or given up leaves nothing behind for the next. What a modem
does instead of answering becomes `CallDropped`, since a call whose modem is out of hand is lost.

T.31 8.2, 8.3. Not here: what is sent and heard (`line`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from modems.at import Dialogue, ModemSilent
from modems.dle import Unshield
from modems.port import PortLost
from modems.results import Result
from modems.t30.line import CallDropped

# Seconds of real time.
CARRIER_ON: Final = 8.0  # to CONNECT of +FTM and +FTH: some modems wait for the line first
STALL: Final = 15.0  # a modem that takes no data for so long has stopped
RESULT: Final = 5.0  # from DLE ETX to the result after it
SENT_OUT: Final = 5.0  # from DLE ETX to OK where what was to be sent is given up
ABORTED: Final = 1.0  # from an abort to its OK

HELD: Final = (
    16384  # octets that port, driver and modem may hold together after the last is written
)


class Mode(Enum):
    """What the modem does."""

    COMMAND = "waits for a command"
    SENDING = "sends"
    HEARING = "hears"


class Actions:
    """The action commands of one call. `mode` is what ATA or ATD left the modem in (T.31 8.2.3)."""

    def __init__(self, dialogue: Dialogue, mode: Mode) -> None:
        self.dialogue = dialogue
        self.implied: Mode | None = mode  # until the first use of it, or an end of it
        self._mode = mode

    def now(self) -> float:
        """Seconds of the event loop's clock."""
        return asyncio.get_running_loop().time()

    async def start(self, action: str, limit: float) -> Result | None:
        """Start an action; its first result, or None after `limit` seconds without one."""
        await self.rest()
        sending = action.startswith("FT")
        with self._modem_kept():
            self.dialogue.port.software_flow(sending)
            self._mode = Mode.SENDING if sending else Mode.HEARING
            self.dialogue.say(f"+{action}")
            try:
                reply = await self.dialogue.reply(limit)
            except ModemSilent:
                await self._give_up()
                return None
        if reply.result is Result.FRH3:  # adaptive reception: it hears V.21 instead, CONNECT comes
            with self._modem_kept():
                there = (await self.dialogue.reply(RESULT)).result is Result.CONNECT
            self.implied = Mode.HEARING if there else None
            self._mode = Mode.HEARING if there else Mode.COMMAND
        elif reply.result is not Result.CONNECT:
            self._mode = Mode.COMMAND
        return reply.result

    async def _give_up(self) -> None:
        """A carrier that does not come is no news; one of ours that does not go out is."""
        if self._mode is Mode.SENDING:
            raise CallDropped
        await self.rest()

    def take_implied(self, mode: Mode) -> bool:
        """Whether the modem is in this mode already; the caller goes on from there."""
        taken, self.implied = self.implied is mode, None
        return taken

    # Sending -----------------------------------------------------------------------------------

    async def send(self, data: bytes) -> None:
        """Send data while a carrier is on, no faster than the modem takes them."""
        with self._modem_kept():
            self.dialogue.send(data)
            try:
                async with asyncio.timeout(STALL):
                    await self.dialogue.port.room()
            except TimeoutError:
                raise CallDropped from None

    async def end(self, limit: float) -> Result:
        """End the data; the modem's result once they are on the line."""
        with self._modem_kept():
            self.dialogue.end()
            reply = await self.dialogue.reply(limit)
        if reply.result is not Result.CONNECT:
            self._mode = Mode.COMMAND
        return reply.result

    # Hearing -----------------------------------------------------------------------------------

    async def receive(self, stretch: Unshield, limit: float) -> bytes | None:
        """The next data; empty at their end, None when none came for `limit` seconds (aborted)."""
        with self._modem_kept():
            try:
                return await self.dialogue.receive(stretch, limit)
            except ModemSilent:
                pass
        await self.rest()
        return None

    async def result(self) -> Result:
        """The result after the end of the data."""
        with self._modem_kept():
            reply = await self.dialogue.reply(RESULT)
        self._mode = Mode.COMMAND
        return reply.result

    def carrier_lost(self) -> None:
        """The result has come where data were expected."""
        self._mode = Mode.COMMAND

    # Back --------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """End whatever the modem does, so that it listens to commands. Raises CallDropped."""
        mode, self.implied = self._mode, None
        with self._modem_kept():
            if mode is Mode.SENDING:
                self.dialogue.port.discard()
                self.dialogue.end()
                await self.dialogue.finished(SENT_OUT)
            elif mode is Mode.HEARING and not await self.dialogue.cancelled(ABORTED):
                await self._ask()
        self._mode = Mode.COMMAND

    async def _ask(self) -> None:
        """The modem has not said that it obeyed: it may have been in the command state already."""
        for _ in range(2):
            with contextlib.suppress(ModemSilent):
                if (await self.dialogue.command("", ABORTED)).ok:
                    return
        raise CallDropped

    @contextmanager
    def _modem_kept(self) -> Iterator[None]:
        """A modem that is silent or gone ends the call."""
        try:
            yield
        except (ModemSilent, PortLost) as failure:
            raise CallDropped(str(failure)) from failure
