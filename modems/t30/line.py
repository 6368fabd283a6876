"""The facsimile line as T.30 sees it: half-duplex, one verb at a time.

`Line` is what a driver (Class 1, T.38, simulated) implements and all that the engine may await. A
verb ends before the next begins. Octets are in the LSB view: the first bit on the line is bit 0 of
an octet (t30 "bit order"; a T.38 line reverses them at its own border). A coroutine that awaits
nothing but a line needs no event loop, so tests drive the engine by hand over a scripted line.

A driver raises only `NoCarrier`, `WrongCarrier` and `CallDropped` from these verbs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class LineError(Exception):
    """What can happen on a line; never leaves the engine."""


class NoCarrier(LineError):  # noqa: N818 - the modems' own word
    """Nothing was heard within the time-out."""


class WrongCarrier(LineError):  # noqa: N818
    """A carrier was heard, but of another modulation than the one asked for (+FCERROR)."""


class CallDropped(LineError):  # noqa: N818
    """The call is gone: the far end, the network or the modem hung up. Every verb raises it now."""


class Modulation(Enum):
    """A carrier: Recommendation, bits per second, and whether its training is the short one.

    The value is the Class 1 number (T.31 table 3, `AT+FTM=`).
    """

    V21 = 3
    V27TER_2400 = 24
    V27TER_4800 = 48
    V29_7200 = 72
    V29_9600 = 96
    V17_7200 = 73
    V17_9600 = 97
    V17_12000 = 121
    V17_14400 = 145
    V17_7200_SHORT = 74
    V17_9600_SHORT = 98
    V17_12000_SHORT = 122
    V17_14400_SHORT = 146

    @property
    def bit_rate(self) -> int:
        """Bits per second on the line."""
        return 300 if self is Modulation.V21 else int(self.name.split("_")[1])

    @property
    def v17(self) -> bool:
        """Whether it is one of Recommendation V.17, which alone has a short training."""
        return self.name.startswith("V17")

    @property
    def short(self) -> Modulation:
        """The carrier for a page after a training: V.17 resumes with its short training."""
        return Modulation[f"V17_{self.bit_rate}_SHORT"] if self.v17 else self

    @property
    def long(self) -> Modulation:
        """The carrier for TCF: V.17 always with its long training."""
        return Modulation[self.name.removesuffix("_SHORT")]


@dataclass(frozen=True, slots=True)
class Frame:
    """One HDLC frame: address, control, FCF and FIF, without flags, stuffing and FCS.

    `ok` is the verdict of the FCS; a damaged frame is passed up so that the engine can wait for
    silence instead of answering noise.
    """

    octets: bytes
    ok: bool = True


class Line(Protocol):
    """A half-duplex facsimile line: one verb at a time, each ends before the next begins.

    Every verb ends. A driver does not hear a far end out that talks for ever: it gives up a burst
    and the wait for silence after about a minute more than T.30 has use for.
    """

    def now(self) -> float:
        """Seconds on the line's own clock; only differences mean anything."""
        ...

    async def pause(self, seconds: float) -> None:
        """Be silent for so long."""
        ...

    async def wait_for_silence(self, seconds: float) -> None:
        """Wait until the far end has been silent for so long."""
        ...

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        """Send frames in one burst: preamble, frames with flags between, carrier off."""
        ...

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        """The frames of one burst that begins within `timeout` seconds, once its carrier ends.

        Raises NoCarrier when nothing begins in time, WrongCarrier for another modulation.
        """
        ...

    async def send_training(self, on: Modulation) -> None:
        """Training and TCF: zeros for 1.5 s (T.30 5.3.6.1.3)."""
        ...

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        """Whether the TCF that begins within `timeout` seconds was good."""
        ...

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        """Training, one coded page as it is (it ends with its RTC), carrier off."""
        ...

    def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        """The octets of one page as they arrive, until the carrier ends."""
        ...

    async def hang_up(self) -> bool | None:
        """End the call; safe to repeat, and never raises.

        False where nobody knows whether it is over; a driver that cannot be in doubt gives None.
        """
        ...
