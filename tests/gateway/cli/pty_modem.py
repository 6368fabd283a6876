"""A Class 1 modem on a pty, played by a thread that knows nothing of ours, and its far end.

Everything here is written from T.31 and T.30 alone, with octets instead of names, so that a mistake
of the driver is not made twice. The far end answers as a fax machine without error correction;
`Ill` says what goes wrong.
"""

from __future__ import annotations

import os
import re
import select
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

DIS = bytes.fromhex("ff138000eefa80809f01")
CFR, MCF, FTT, DCN = (bytes((0xFF, 0x13, fcf)) for fcf in (0x84, 0x8C, 0x44, 0xFA))
DCS, MPS, EOP = 0x83, 0x4F, 0x2F
OURS = 0x7F  # the first bit says who sent it
END = b"\x10\x03"
COMMAND = re.compile(rb"([^\r]*)\r")
DATA = re.compile(rb"((?:[^\x10]|\x10[^\x03])*+)\x10\x03", re.DOTALL)  # <DLE> shields what follows


class Ill(Enum):
    """What goes wrong."""

    NOTHING = "nothing"
    BUSY = "busy"
    NO_DIALTONE = "no dial tone"
    BLACKLISTED = "black-listed"
    VOICE = "voice"
    ERROR = "refuses to dial"
    DCN = "hangs up instead of DIS"
    NO_CARRIER = "the carrier goes after CONNECT"
    NO_TRAINING = "no training is good enough"
    ERROR_AT_TCF = "on-hook at the TCF"
    GONE_AT_DIAL = "pulled out at the dial"
    GONE_IN_PAGE = "pulled out in a page"
    RUBBISH = "rubbish instead of a DIS"


SAYS = {
    Ill.BUSY: "BUSY",
    Ill.NO_DIALTONE: "NO DIAL TONE",
    Ill.BLACKLISTED: "BLACKLISTED 01:00",
    Ill.VOICE: "VOICE",
    Ill.ERROR: "ERROR",
}


class PtyModem:
    """`device` is what to call it by; `pages` what it got."""

    def __init__(self, ill: Ill) -> None:
        self._ill = ill
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        self.commands: list[str] = []
        self.pages: list[bytes] = []
        self.on_hook = True
        self._buffer = b""
        self._answers: list[bytes] = []  # frames that the far end will say
        self._trained = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Live."""
        self._thread.start()

    def stop(self) -> None:
        """No more."""
        self._stop.set()
        self._thread.join(5)
        self._pull()

    def _pull(self) -> None:
        self._stop.set()
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1

    def _run(self) -> None:
        while not self._stop.is_set():
            line = self._until(COMMAND)
            if line is not None:
                command = line.decode("latin-1").lstrip("\x03\x10\x18")
                self.commands.append(command)
                self._obey(command)

    def _until(self, mark: re.Pattern[bytes]) -> bytes | None:
        """What comes before `mark`, which ends it; None when stopped."""
        while (found := mark.match(self._buffer)) is None:
            if self._stop.is_set():
                return None
            if select.select([self._master], [], [], 0.1)[0]:
                self._buffer += os.read(self._master, 4096)
        self._buffer = self._buffer[found.end() :]
        return found[1]

    def _say(self, words: str) -> None:
        os.write(self._master, f"\r\n{words}\r\n".encode())

    def _obey(self, command: str) -> None:
        if command.endswith("=?"):
            self._say("0,1\r\n\r\nOK" if command == "AT+FCLASS=?" else "OK")
        elif command.startswith("ATD"):
            self._dial()
        elif command.startswith("AT+FRH"):
            self._hear()
        elif command.startswith("AT+FTH"):
            self._send_frames()
        elif command.startswith("AT+FTM"):
            self._send_data()
        else:
            self.on_hook = self.on_hook or command.startswith(("ATH", "ATZ"))
            self._say("OK")

    def _dial(self) -> None:
        if self._ill in SAYS:
            self._say(SAYS[self._ill])
            return
        if self._ill is Ill.GONE_AT_DIAL:
            self._pull()
            return
        self.on_hook = False
        self._answers = [DCN if self._ill is Ill.DCN else DIS]
        self._hear()

    def _hear(self) -> None:
        """One frame of the far end."""
        if self._ill is Ill.NO_CARRIER or not self._answers:
            self._say("CONNECT")
            os.write(self._master, END)
            self._say("NO CARRIER")
            return
        self._say("CONNECT")
        frame = self._answers.pop(0)
        if self._ill is Ill.RUBBISH:
            os.write(self._master, bytes(range(256)) + END)
            self._say("ERROR")
            return
        octets = frame + fcs(frame)
        os.write(self._master, octets.replace(b"\x10", b"\x10\x10") + END)
        self._say("OK")

    def _send_frames(self) -> None:
        while True:
            self._say("CONNECT")
            frame = self._until(DATA)
            if frame is None or len(frame) < 3:
                break
            if frame[1] & 0x10:
                self._heard(frame[2] & OURS | 0x80 if frame[2] & OURS == 0x03 else frame[2] & OURS)
                break
        self._say("OK")

    def _heard(self, fcf: int) -> None:
        """The far end's answer to a command."""
        if fcf == DCS:
            self._trained = False
        elif fcf in {MPS, EOP}:
            self._answers = [MCF]

    def _send_data(self) -> None:
        if self._ill is Ill.ERROR_AT_TCF:
            self._say("ERROR")
            return
        self._say("CONNECT")
        if self._ill is Ill.GONE_IN_PAGE and self._trained:
            self._pull()
            return
        data = self._until(DATA)
        self._say("OK")
        if data is None:
            return
        if self._trained:
            self.pages.append(data.replace(b"\x10\x10", b"\x10"))
        else:
            self._trained = self._ill is not Ill.NO_TRAINING
            self._answers = [CFR if self._trained else FTT]


def fcs(frame: bytes) -> bytes:
    """The frame check sequence of HDLC, as it stands behind the frame (T.30 5.3.5)."""
    crc = 0xFFFF
    for octet in frame:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return (crc ^ 0xFFFF).to_bytes(2, "little")


@contextmanager
def plugged_in(ill: Ill = Ill.NOTHING) -> Iterator[PtyModem]:
    """A modem for as long as the test lasts."""
    modem = PtyModem(ill)
    modem.start()
    try:
        yield modem
    finally:
        modem.stop()
