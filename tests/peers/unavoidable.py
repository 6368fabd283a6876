"""What no terminal can save of a call: the seconds that T.30 and its pages ask for. Pure.

A lower bound, made of the shortest that T.30 permits: tones, silences, preambles, trainings, TCF,
every bit of every frame with its flags, FCS and stuffed zeros, the pages' bits at the rate that was
agreed, and the line's own delay wherever the two change places. Not in it: anything that a modem
takes to obey, and one ring more or less, since it counts from the answer to the hang-up.

T.30 4.1 to 4.3 (tones), 5.3 (frames, preamble), 5.3.6.1.3 (TCF), Annex A; V.17, V.27ter, V.29.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modems.session import EC
from modems.simulated.signals import TRAINING, frame_bits
from modems.t30.ecm import FRAMES, OCTETS, RCP, cut
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Frame, Modulation

# Seconds. T.30 asks for 1.8 s of silence before CED; the machines that answer here do with less.
ANSWER_SILENCE = 0.2
CED = 2.6
TURN = 0.055  # 75 ms - 20 ms
V21_PREAMBLE = 0.85  # 1 s - 15 %
FAST_PREAMBLE = 0.2
TCF = 1.35  # 1.5 s - 10 %

FLAG = 8  # bits
OVERHEAD = 7  # octets around the data of an ECM frame: flag, address, control, FCF, number, FCS
FIF = {FCF.CSI: 20, FCF.DIS: 8, FCF.TSI: 20, FCF.DCS: 4, FCF.PPS: 4}  # octets, at least


@dataclass(frozen=True, slots=True)
class Carried:
    """What a call carried: its rate, whether with error correction, and bits of each page."""

    modulation: Modulation
    ecm: bool
    pages: Sequence[int]  # with everything that ECM puts around the data

    @property
    def page_seconds(self) -> float:
        """What the pages' bits take."""
        return sum(self.pages) / self.modulation.bit_rate


def carrier(bit_rate: int) -> Modulation:
    """The quickest training of a rate."""
    found = (m for m in Modulation if m.bit_rate == bit_rate and m.long is m)
    return min(found, key=lambda m: TRAINING[m])


def page_bits(octets: int, *, ecm: bool) -> int:
    """Bits of a page of so many octets, at least: without the zeros that its frames need."""
    frames = -(-octets // OCTETS[EC.ECM_256])
    return frames * 8 * (OCTETS[EC.ECM_256] + OVERHEAD) if ecm else 8 * octets


def framed_bits(coded: bytes) -> int:
    """Bits of a page under error correction, to the last stuffed zero."""
    bits = 0
    while coded:
        block, coded = cut(coded, EC.ECM_256, FRAMES)
        bits += _bits(build([*block, *RCP], x=True, final=False))
    return bits


def unavoidable_seconds(call: Carried, delay: float) -> float:
    """Seconds from the answer to DCN's end, over a line of so much delay each way."""
    over, there = TURN + delay, call.modulation
    seconds = ANSWER_SILENCE + CED + TURN + _v21(FCF.CSI, FCF.DIS)
    seconds += over + _v21(FCF.TSI, FCF.DCS) + TURN + TRAINING[there] + TCF + over + _v21(FCF.CFR)
    for bits in call.pages:
        flags = FAST_PREAMBLE if call.ecm else 0.0
        seconds += over + TRAINING[there.short] + flags + bits / there.bit_rate
        seconds += TURN + _v21(FCF.PPS if call.ecm else FCF.MPS) + over + _v21(FCF.MCF)
    return seconds + over + _v21(FCF.DCN)


def _v21(*frames: FCF) -> float:
    """Seconds of one burst of V.21."""
    messages = [Message(fcf, bytes(FIF.get(fcf, 0))) for fcf in frames]
    bits = _bits(build(messages, x=True)) + FLAG
    return V21_PREAMBLE + bits / Modulation.V21.bit_rate


def _bits(frames: Iterable[Frame]) -> int:
    return sum(FLAG + frame_bits(frame.octets) for frame in frames)
