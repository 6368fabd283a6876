"""A Class 1 modem in software: spandsp's T.31 behind a pty, its line on an `Exchange`."""

from __future__ import annotations

import ctypes as c
import os
import tty
from pathlib import Path

from tests.peers.exchange import Subscriber
from tests.peers.spandsp import BLOCK, AtTransmit, Control, Event, ModemControl, library

XON, XOFF = b"\x11", b"\x13"
BITE = 512  # octets; spandsp has 4096 and says CTS off at 3072
ABORTABLE_AFTER = 0.1  # s; the end of the dial command itself is no abort


class SoftModem(Subscriber):
    """The modem with number `number`; `path` is its pty, `link` a lasting name for that."""

    def __init__(self, number: str, link: Path) -> None:
        self.number = number
        self._master, self._slave = (
            os.openpty()
        )  # the slave stays open, or the pty forgets its mode
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        link.unlink(missing_ok=True)
        link.symlink_to(self.path)
        self._out = b""
        self._held = False
        self._dialled_at: float | None = None  # until the dial has an outcome
        self._handlers = AtTransmit(self._says), ModemControl(self._control)
        says, control = self._handlers
        self._t31 = library().t31_init(None, says, None, control, None, None, None)
        library().t31_set_transmit_on_idle(self._t31, 1)
        self._block = c.create_string_buffer(2 * BLOCK)

    # Called by spandsp --------------------------------------------------------------------------

    def _says(self, _at: int, _user: int, octets: c._Pointer[c.c_uint8], count: int) -> int:
        self._out += c.string_at(octets, count)
        return count

    def _control(self, _t31: int, _user: int, operation: int, argument: int | None) -> int:
        if operation == Control.CALL:
            number = c.string_at(argument).decode() if argument else ""
            self._dialled_at = self.exchange.now
            self.exchange.hang_up(self)
            self.exchange.dial(self, number.rpartition(",")[2])
        elif operation in {Control.ANSWER, Control.OFFHOOK}:
            return self._answer() if operation == Control.ANSWER or self.call else 0
        elif operation in {Control.HANGUP, Control.ONHOOK}:
            self._dialled_at = None
            self.exchange.hang_up(self)
        elif operation == Control.CTS:
            self._held = not argument
            self._out += XOFF if self._held else XON
        return 0

    def _answer(self) -> int:
        if not self.exchange.answer(self):
            return -1
        self._tell(Event.ANSWERED)
        return 0

    # Called by the exchange ---------------------------------------------------------------------

    def ring(self) -> None:
        """RING."""
        self._tell(Event.ALERTING)

    def connected(self) -> None:
        """The dial goes on to CONNECT once V.21 is heard."""
        self._dialled_at = None
        self._tell(Event.CONNECTED)

    def failed(self, why: Event) -> None:
        """BUSY and the like."""
        self._dialled_at = None
        self._tell(why)

    def cleared(self) -> None:
        """NO CARRIER."""
        self.off_hook = False
        self._tell(Event.HANGUP)

    def speak(self) -> bytes:
        """What the modem sends."""
        library().t31_tx(self._t31, self._block, BLOCK)
        return self._block.raw

    def hear(self, block: bytes) -> None:
        """What the modem receives."""
        library().t31_rx(self._t31, block, BLOCK)

    def step(self) -> None:
        """Move octets over the pty."""
        if self._out:
            try:
                self._out = self._out[os.write(self._master, self._out) :]
            except BlockingIOError:
                return
        while not self._held:
            try:
                octets = os.read(self._master, BITE)
            except BlockingIOError:
                return
            if self._dialled_at is None:
                library().t31_at_rx(self._t31, octets, len(octets))
            elif self.exchange.now > self._dialled_at + ABORTABLE_AFTER:
                self._abort_dial()

    def _abort_dial(self) -> None:
        """A character ends a dial (V.250 5.6.1), which this spandsp has not learnt."""
        self._dialled_at = None
        self.exchange.hang_up(self)
        self._tell(Event.NO_ANSWER)

    def _tell(self, event: Event) -> None:
        library().t31_call_event(self._t31, event)
