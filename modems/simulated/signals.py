"""What goes over a facsimile line, and how long it takes.

Pure: a signal is made for a start in line time and knows its end, its frames' and octets' times.
Times are in seconds of line time; octets are in the LSB view.

T.30 5.3 (binary coded signals), 5.3.6.1.3 (TCF); V.21, V.27 ter, V.29, V.17 (training).
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

from modems.t30.line import Frame, Modulation

ANSWER_SILENCE = 1.8  # s; from going off-hook to CED, 1.8 to 2.5 s (T.30 4.3.1)
CED = 2.6  # s; 2.6 to 4.0 s (T.30 4.3.3.3)
TURN_ROUND = 0.075  # s, +-20 ms; silence between CED, V.21 and fast signals (T.30 note to 4.3)
TCF = 1.5  # s, +-10 %; zeros (T.30 5.3.6.1.3)
V21_PREAMBLE = 1.0  # s, +-15 %; flags before every V.21 burst (T.30 5.3.1)
FAST_PREAMBLE = 0.2  # s; flags after a fast training, before frames (T.30 Annex A)
JOIN = 0.025  # s; a receiver that misses no more than this of a fast training still trains

# Seconds of training before the first bit of data.
TRAINING = {
    Modulation.V21: 0.0,
    Modulation.V27TER_2400: 0.943,
    Modulation.V27TER_4800: 0.708,
    Modulation.V29_7200: 0.253,
    Modulation.V29_9600: 0.253,
    Modulation.V17_7200: 1.393,
    Modulation.V17_9600: 1.393,
    Modulation.V17_12000: 1.393,
    Modulation.V17_14400: 1.393,
    Modulation.V17_7200_SHORT: 0.142,
    Modulation.V17_9600_SHORT: 0.142,
    Modulation.V17_12000_SHORT: 0.142,
    Modulation.V17_14400_SHORT: 0.142,
}

FLAG_BITS = 8
FCS_PRESET = 0xFFFF
REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def frame_bits(octets: bytes) -> int:
    """Bits of one frame on the line, with its FCS and the zeros stuffed in, without flags."""
    as_sent = octets.translate(REVERSED)  # first bit on the line is now the highest
    fcs = binascii.crc_hqx(as_sent, FCS_PRESET) ^ FCS_PRESET
    number = int.from_bytes(as_sent + fcs.to_bytes(2, "big"), "big")
    bits = f"{number:0{8 * len(octets) + 16}b}"
    return len(bits.replace("11111", "111110"))


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame and the line times of its opening flag's start and its last bit's end."""

    begin: float
    end: float
    frame: Frame


@dataclass(slots=True)
class Signal:
    """One transmission, from carrier on to carrier off. `end` comes forward when it is cut off.

    Exactly one of `frames`, `page` and `training_good` has content. `data` is where the bits of a
    page or TCF begin.
    """

    start: float
    end: float
    on: Modulation
    data: float
    frames: tuple[TimedFrame, ...] = ()
    page: bytes = b""
    training_good: bool | None = None

    def frames_from(self, when: float) -> list[Frame]:
        """The frames that someone hears who listens from `when` to the end."""
        return [t.frame for t in self.frames if t.begin >= when and t.end <= self.end]

    def octets_by(self, when: float) -> int:
        """How many whole octets of the page have come by `when`."""
        by = min(when, self.end) - self.data
        return max(0, min(len(self.page), int(by * self.on.bit_rate / 8 + 1e-6)))


@dataclass(slots=True)
class FrameBurst:
    """Lays frames on the line one after the other; a lost one still takes its time."""

    start: float
    on: Modulation
    at: float = field(init=False)
    timed: list[TimedFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        preamble = V21_PREAMBLE if self.on is Modulation.V21 else FAST_PREAMBLE
        flag = FLAG_BITS / self.on.bit_rate  # the last flag of the preamble opens the first frame
        self.at = self.start + TRAINING[self.on] + preamble - flag

    def add(self, frame: Frame, *, lost: bool = False) -> None:
        """The next frame."""
        begin = self.at
        self.at += (FLAG_BITS + frame_bits(frame.octets)) / self.on.bit_rate
        if not lost:
            self.timed.append(TimedFrame(begin, self.at, frame))

    def signal(self) -> Signal:
        """The burst, with its closing flag."""
        end = self.at + FLAG_BITS / self.on.bit_rate
        return Signal(self.start, end, self.on, data=self.start, frames=tuple(self.timed))


def frame_burst(start: float, on: Modulation, frames: Sequence[Frame]) -> Signal:
    """A burst in which nothing is lost."""
    burst = FrameBurst(start, on)
    for frame in frames:
        burst.add(frame)
    return burst.signal()


def training_check(start: float, on: Modulation, *, good: bool) -> Signal:
    """Training and TCF."""
    data = start + TRAINING[on]
    return Signal(start, data + TCF, on, data, training_good=good)


def page_signal(start: float, on: Modulation, coded: bytes) -> Signal:
    """Training and a page's octets at the rate of the carrier."""
    data = start + TRAINING[on]
    return Signal(start, data + 8 * len(coded) / on.bit_rate, on, data, page=coded)
