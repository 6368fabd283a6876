"""HDLC in software, for frames on the fast carriers: flags, zero insertion, FCS.

A Class 1 modem frames only V.21; under error correction the page's frames go as a stream of octets
that this module makes and reads. `Deframer` takes any split of anything: noise, aborts, shared
zeros between flags and frames cut short cost the frames they hit and no others. Octets are in the
LSB view: bit 0 first on the line.

T.30 5.3 (frame structure), T.4 Annex A (rates above 300 bit/s); ISO 3309 (FCS, transparency).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from modems.t30.line import Frame

FLAG: Final = "01111110"
_FLAG_SHARING_ZERO: Final = re.compile("0111111(?=0)")  # 011111101111110 is two flags
ABORT: Final = "1111111"

# ISO 3309: X^16 + X^12 + X^5 + 1, first bit lowest; preset to ones and sent complemented.
POLYNOMIAL: Final = 0x8408
PRESET: Final = 0xFFFF
GOOD: Final = 0xF0B8  # what remains over a whole frame with its FCS

LONGEST_FRAME: Final = 300  # octets with FCS; an FCD has 262
SHORTEST_FRAME: Final = 5  # octets with FCS: address, control, FCF

_BITS: Final = tuple(f"{octet:08b}"[::-1] for octet in range(256))


def _crc_table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        crc = octet
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC: Final = _crc_table()


def crc(octets: bytes) -> int:
    """The register after `octets`."""
    register = PRESET
    for octet in octets:
        register = register >> 8 ^ _CRC[(register ^ octet) & 0xFF]
    return register


def with_fcs(octets: bytes) -> bytes:
    """A frame with its frame check sequence."""
    return octets + (crc(octets) ^ 0xFFFF).to_bytes(2, "little")


def is_good(octets: bytes) -> bool:
    """Whether a frame with its FCS is undamaged."""
    return crc(octets) == GOOD


def framed(frames: Sequence[Frame], *, preamble: int, closing: int) -> Iterator[bytes]:
    """Octets of a burst, frame by frame: `preamble` flags, the frames, `closing` flags."""
    yield b"\x7e" * preamble
    bits = ""
    for frame in frames:
        bits += FLAG + _stuffed(with_fcs(frame.octets))
        whole = len(bits) // 8 * 8
        yield _octets(bits[:whole])
        bits = bits[whole:]
    yield _octets(bits + FLAG * closing + "1" * 7)  # ones to the edge of the last octet


def _stuffed(octets: bytes) -> str:
    """Zero insertion: after five ones, so that no data look like a flag."""
    return "".join([_BITS[o] for o in octets]).replace("11111", "111110")


def _octets(bits: str) -> bytes:
    """Whole octets of a row of bits, first bit lowest."""
    count = len(bits) // 8
    return int(bits[: 8 * count][::-1] or "0", 2).to_bytes(count, "little")


class Deframer:
    """The frames in a stream of octets."""

    def __init__(self) -> None:
        self._bits = ""
        self._synchronous = False  # a flag has opened what is in `_bits`

    def feed(self, octets: bytes) -> list[Frame]:
        """Take octets; give the frames that they complete, the damaged ones marked."""
        self._bits += "".join([_BITS[o] for o in octets])
        *closed, open_end = _FLAG_SHARING_ZERO.split(self._bits)
        frames = []
        for piece in closed:
            if self._synchronous and (frame := _frame(piece)) is not None:
                frames.append(frame)
            self._synchronous = True
        self._bits = open_end[-(LONGEST_FRAME * 10) :]
        return frames


def _frame(piece: str) -> Frame | None:
    """What stood between two flags; the first bit is the zero that ends the flag before."""
    bits = piece[1:]
    if len(bits) < 8 * SHORTEST_FRAME or len(bits) > 10 * LONGEST_FRAME or ABORT in bits:
        return None
    octets = _octets(bits.replace("111110", "11111"))
    return Frame(octets[:-2], ok=is_good(octets))
