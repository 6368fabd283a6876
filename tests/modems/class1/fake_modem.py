"""A Class 1 modem in memory, its telephone side a simulated line.

It does what T.31 asks of a DCE, command by command, over `modems.simulated`: so a driver's calls
run in virtual time, against a far end of whatever kind, with no signal processing. Settings are
OK; what it is told to say instead (`instead`) it says once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from modems.dialler import DialFailed
from modems.dle import Unshield, shield
from modems.hdlc import with_fcs
from modems.session import Dialled
from modems.simulated import SimulatedDialler, SimulatedLine
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from tests.modems.class1.memory_port import MemoryPort

END = b"\x10\x03"
CANCEL = 0x18
ANSWERS = {
    Dialled.BUSY: "BUSY",
    Dialled.NO_ANSWER: "NO ANSWER",
    Dialled.NO_DIALTONE: "NO DIALTONE",
    Dialled.NOT_IN_SERVICE: "NO CARRIER",
}
FOR_EVER = 3600.0


class FakeModem:
    """The DCE: `open` gives the computer's end of its port."""

    def __init__(self, telephone: SimulatedDialler) -> None:
        self._telephone = telephone
        self._line: SimulatedLine | None = None
        self._burst: list[Frame] = []  # heard, not yet asked for
        self._work: asyncio.Task[None] | None = None
        self._data: Unshield | None = None  # while the computer sends data
        self._got: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue()
        self._command = b""
        self._ringer: asyncio.Task[None] | None = None
        self.said: list[str] = []
        self.instead: dict[str, str] = {}
        self.port: MemoryPort

    async def open(self) -> MemoryPort:
        """The port, as `SerialModem` opens it."""
        self.port = MemoryPort(self._heard, dtr=True)
        self._ringer = asyncio.create_task(self._ring())
        return self.port

    async def _ring(self) -> None:
        while True:
            call = await self._telephone.wait_for_call()
            if self._line is None and (self._work is None or self._work.done()):
                self._say(f"RING\r\n\r\nNMBR = {call.caller}")
            await asyncio.sleep(3)

    # The computer's side -------------------------------------------------------------------------

    def _heard(self, octets: bytes) -> None:
        if self._data is not None:
            data = self._data.feed(octets)
            ended, rest = self._data.ended, self._data.rest
            if ended:
                self._data = None
            self._got.put_nowait((data, ended))
            if rest:
                self._heard(rest)
        elif self._work is not None and not self._work.done():
            self._work.cancel()
        else:
            self._command += octets
            while b"\r" in self._command:
                line, _, self._command = self._command.partition(b"\r")
                self._obey(line.decode("ascii", "replace").lstrip("\x03\x10\x18"))

    def _say(self, words: str) -> None:
        self.port.say(f"\r\n{words}\r\n".encode())

    def _obey(self, line: str) -> None:
        self.said.append(line)
        command = line.removeprefix("AT")
        if words := self.instead.pop(command, ""):
            self._say(words)
            return
        name = command[:4] if command.startswith("+F") else command[:1]
        actions: dict[str, Callable[[str], Coroutine[Any, Any, None]]] = {
            "D": self._dial,
            "A": self._answer,
            "H": self._hang_up,
            "Z": self._hang_up,
            "+FTH": self._send_frames,
            "+FRH": self._hear_frames,
            "+FTM": self._send_carrier,
            "+FRM": self._hear_carrier,
            "+FTS": self._silent,
            "+FRS": self._silence,
        }
        if name not in actions or command.endswith("=?"):
            self._say("0,1,1.0\r\n\r\nOK" if command == "+FCLASS=?" else "OK")
            return
        self._work = asyncio.create_task(self._at_work(actions[name], command))

    async def _at_work(
        self, action: Callable[[str], Coroutine[Any, Any, None]], command: str
    ) -> None:
        """One command to its end; a character from the computer aborts it."""
        try:
            await action(command)
        except CallDropped:
            self._say("NO CARRIER" if self._line else "ERROR")
            self._line = None
        except asyncio.CancelledError:
            self._say("OK")

    def _connected(self) -> SimulatedLine:
        if self._line is None:
            raise CallDropped
        return self._line

    # Calls ---------------------------------------------------------------------------------------

    async def _dial(self, command: str) -> None:
        try:
            self._line = await self._telephone.dial(command[2:])
        except DialFailed as failure:
            self._say(ANSWERS.get(failure.dialled, "NO CARRIER"))
            return
        self._say("CONNECT")  # as if the far end's flags had come with its answer
        await self._hear_frames("", connected=True)

    async def _answer(self, _: str) -> None:
        call = await self._telephone.wait_for_call()
        try:
            self._line = await self._telephone.answer(call)
        except DialFailed:
            self._say("NO CARRIER")
            return
        await self._send_frames("+FTH=3")

    async def _hang_up(self, _: str) -> None:
        if self._line is not None:
            await self._line.hang_up()
            self._line = None
        self._burst.clear()
        self._say("OK")

    # Sending -------------------------------------------------------------------------------------

    async def _send_frames(self, _: str) -> None:
        line, frames = self._connected(), list[Frame]()
        while True:
            self._data = Unshield()
            self._say("CONNECT")
            octets = b""
            ended = False
            while not ended:
                more, ended = await self._got.get()
                octets += more
            if octets:
                frames.append(Frame(octets))
            if not octets or octets[1] & 0x10:
                break
        if frames:
            await line.send_frames(frames)
        self._say("OK")

    async def _send_carrier(self, command: str) -> None:
        line = self._connected()
        self._data = Unshield()
        self._say("CONNECT")
        octets, ended = b"", False
        while not ended:
            more, ended = await self._got.get()
            octets += more
        await line.send_page(Modulation(int(command[5:])), octets)
        self._say("OK")

    # Hearing -------------------------------------------------------------------------------------

    async def _hear_frames(self, _: str, *, connected: bool = False) -> None:
        line = self._connected()
        if not self._burst:
            try:
                self._burst = await line.receive_frames(timeout=FOR_EVER)
            except WrongCarrier:
                self._say("+FCERROR")
                return
        frame = self._burst.pop(0)
        if not connected:
            self._say("CONNECT")
        fcs = with_fcs(frame.octets) if frame.ok else frame.octets + b"\0\0"
        self.port.say(shield(fcs) + END)
        self._say("OK" if frame.ok else "ERROR")

    async def _hear_carrier(self, command: str) -> None:
        line = self._connected()
        connected = False
        try:
            pages = line.receive_page(Modulation(int(command[5:])), timeout=FOR_EVER)
            async with contextlib.aclosing(pages) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    if not connected:
                        self._say("CONNECT")
                        connected = True
                    self.port.say(shield(chunk))
        except WrongCarrier:
            self._say("+FCERROR")
            return
        except (NoCarrier, CallDropped):
            if not connected:
                raise
        self.port.say(END)
        self._say("NO CARRIER")

    # Silence -------------------------------------------------------------------------------------

    async def _silent(self, command: str) -> None:
        await self._connected().pause(int(command[5:]) / 100)
        self._say("OK")

    async def _silence(self, command: str) -> None:
        await self._connected().wait_for_silence(int(command[5:]) / 100)
        self._say("OK")
