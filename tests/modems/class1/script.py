"""A modem that keeps to a script: readable dialogues between the driver and a Class 1 modem.

Each line of a script is one step, in order:

    > AT+FRH=3          the computer says this command
    < CONNECT           the modem says these words
    <. ff 13 80         the modem sends a frame or data: FCS and DLE ETX are added
    <: 00 00 00         the modem sends data as they are, DLE ETX is added
    <| 10 03            the modem sends octets as they are, nothing is added
    >. ff 13 84         the computer sends this frame or data, and DLE ETX
    >: 2700             the computer sends so many octets, and DLE ETX
    >! 18               the computer sends these octets
    wait 3.5            so many seconds pass
    unplug              the port goes away

Lines with # are comments; what the computer may say at any time without a script (settings, ATZ)
is answered OK.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from modems.dle import Unshield, shield
from modems.hdlc import with_fcs
from tests.modems.class1.memory_port import MemoryPort

END = b"\x10\x03"
ACTIONS = ("AT+FRH", "AT+FTH", "AT+FRM", "AT+FTM", "AT+FRS", "AT+FTS", "ATD", "ATA", "ATH")
SAID = {
    "AT+FMI?": "Maker",
    "AT+FMM?": "Model",
    "AT+FMR?": "1.0",
    "AT+FCLASS=?": "0,1,1.0",
    "AT+FTM=?": "3,24,48,72-74,96-98,121,122,145,146",
    "AT+FRM=?": "3,24,48,72-74,96-98,121,122,145,146",
}


class ScriptedModem:
    """Plays `script`; `done` once all of it has happened, `failure` says where it went wrong."""

    def __init__(self, script: str) -> None:
        lines = (line.split("#")[0].strip() for line in script.splitlines())
        self._steps = [line for line in lines if line]
        self._heard = b""
        self.failure = ""
        self.port: MemoryPort

    async def open(self) -> MemoryPort:
        """The computer's end of the port."""
        self.port = MemoryPort(self._hears, dtr=True)
        return self.port

    @property
    def done(self) -> bool:
        """Whether the script is at its end, as it should be."""
        return not self._steps and not self.failure

    def start(self) -> None:
        """The modem speaks first."""
        self._speak()

    def _hears(self, octets: bytes) -> None:
        self._heard += octets
        while not self.failure and self._heard and self._step():
            self._speak()

    def _step(self) -> bool:
        """Take what was heard if it is whole."""
        step = self._steps[0] if self._steps else ""
        kind, _, rest = step.partition(" ")
        if kind in {">.", ">:"}:
            stretch = Unshield()
            data = stretch.feed(self._heard)
            if not stretch.ended:
                return False
            self._heard = stretch.rest or b""
            wanted = int(rest) if kind == ">:" else bytes.fromhex(rest)
            return self._expect((len(data) if kind == ">:" else data) == wanted, step, data)
        if kind == ">!":
            wanted = bytes.fromhex(rest)
            got, self._heard = self._heard[: len(wanted)], self._heard[len(wanted) :]
            return self._expect(got == wanted, step, got)
        line, end, after = self._heard.partition(b"\r")
        if not end:
            return False
        self._heard = after
        command = line.decode("latin1").lstrip("\x03\x10\x18")
        if (not command.startswith(ACTIONS) or command in SAID) and step != f"> {command}":
            self._say(*(SAID[command],) if command in SAID else (), "OK")
            return True
        return self._expect(step == f"> {command}", step, line)

    def _expect(self, right: bool, step: str, got: bytes) -> bool:
        if right:
            del self._steps[0]
        else:
            self.failure = f"expected {step or 'no more'}, got {got[:40]!r}"
        return right

    def _speak(self) -> None:
        while self._steps and not self._steps[0].startswith(">"):
            kind, _, rest = self._steps.pop(0).partition(" ")
            if kind == "wait":
                asyncio.get_running_loop().call_later(float(rest), self._speak)
                return
            if kind == "unplug":
                self.port.unplug()
            elif kind == "<":
                self._say(rest)
            else:
                octets = bytes.fromhex(rest)
                shown = {"<.": shield(with_fcs(octets)) + END, "<:": shield(octets) + END}
                self.port.say(shown.get(kind, octets))

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.port.say(f"\r\n{line}\r\n".encode())


def scripts(path: Path) -> dict[str, str]:
    """The scripts of a file: each begins with a line `== what it shows`."""
    parts = path.read_text(encoding="utf-8").split("\n== ")
    return {head.strip("= "): body for head, _, body in (p.partition("\n") for p in parts[1:])}
