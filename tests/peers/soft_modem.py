"""A Class 1 modem in software: spandsp's T.31, on an `Exchange` and on whatever port it is given.

`Pty` is one that any program can open.
"""

from __future__ import annotations

import ctypes as c
import os
import tty
from pathlib import Path
from typing import Protocol

from tests.peers.exchange import Subscriber
from tests.peers.spandsp import BLOCK, AtTransmit, Control, Event, ModemControl, library

XON, XOFF = b"\x11", b"\x13"
BITE = 512  # octets; spandsp has 4096 and says CTS off at 3072
ABORTABLE_AFTER = 0.1  # s; the end of the dial command itself is no abort


class Wire(Protocol):
    """The modem's side of its serial port."""

    def give(self, octets: bytes) -> int:
        """Octets for the computer; how many of them there was room for."""
        ...

    def take(self, most: int) -> bytes:
        """Octets of the computer, or none."""
        ...


class Pty:
    """A pseudo terminal; `link` is a lasting name for it."""

    def __init__(self, link: Path) -> None:
        # The slave stays open, or the pty forgets its mode.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(self._slave))

    def give(self, octets: bytes) -> int:
        """Write what fits."""
        try:
            return os.write(self._master, octets)
        except BlockingIOError:
            return 0

    def take(self, most: int) -> bytes:
        """Read what is there."""
        try:
            return os.read(self._master, most)
        except BlockingIOError:
            return b""


class SoftModem(Subscriber):
    """The modem with number `number`."""

    def __init__(self, number: str, wire: Wire) -> None:
        self.number = number
        self._wire = wire
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
        """Move octets over the port; what the computer does not take now holds everything up."""
        if self._out:
            self._out = self._out[self._wire.give(self._out) :]
            if self._out:
                return
        while not self._held and (octets := self._wire.take(BITE)):
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
