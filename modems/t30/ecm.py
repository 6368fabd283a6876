"""Error correction: a page as blocks of numbered frames, and what is said about them. Pure.

A page is cut into blocks (partial pages) of at most 256 frames; the receiver asks for the frames
that it lacks until a block is whole, and only a whole block goes on to the page. So a block is all
that either end ever holds: 64 KiB.

T.30 Annex A (procedure), T.4 Annex A (frames). Octets are the LSB view. Not here: who asks whom
(`send_blocks`, `receive_blocks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from modems.session import EC
from modems.t30.fcf import FCF, POST_PAGE, from_octet
from modems.t30.frames import Message

FRAMES: Final = 256  # of a block
OCTETS: Final = {EC.OFF: 0, EC.ECM_64: 64, EC.ECM_256: 256}  # of a frame
PPRS: Final = 4  # for one block, before CTC or EOR
RCP: Final = (Message(FCF.RCP),) * 3  # three, so that one gets through
_AROUND: Final = 10  # octets of a frame that are not data: flag, address to number, FCS, stuffing
MAP_OCTETS: Final = 32  # of a PPR: one bit for each frame


@dataclass(frozen=True, slots=True)
class PPS:
    """What follows a block, or an EOR: `ending` is None for PPS-NULL, more blocks of the page."""

    ending: FCF | None
    page: int = 0  # mod 256, from the beginning of the call
    block: int = 0  # mod 256, from the beginning of the page
    frames: int = 0  # in the burst before it


def cut(coded: bytes, ec: EC, most: int = FRAMES) -> tuple[tuple[Message, ...], bytes]:
    """The next block of a page, of `most` FCD frames, and what is left of the page after it.

    The last frame is filled with zeros (T.4 A.3.6); an empty page is one frame of them.
    """
    size = OCTETS[ec]
    block, rest = coded[: most * size], coded[most * size :]
    starts = range(0, max(len(block), 1), size)
    frames = (bytes((n,)) + block[i : i + size].ljust(size, b"\0") for n, i in enumerate(starts))
    return tuple(Message(FCF.FCD, frame) for frame in frames), rest


def frames_within(seconds: float, bit_rate: int, ec: EC) -> int:
    """How many frames fit into a burst of so many seconds; at least one, at most a block."""
    return max(1, min(FRAMES, int(seconds / frame_seconds(bit_rate, ec))))


def frame_seconds(bit_rate: int, ec: EC) -> float:
    """What a frame takes, more or less, since its data decide how many zeros are stuffed."""
    return 8 * (OCTETS[ec] + _AROUND) / bit_rate


def write_pps(pps: PPS, *, x: bool) -> bytes:
    """The FIF of PPS: the second FCF and three counters."""
    second = 0 if pps.ending is None else pps.ending.octet(x=x)
    return bytes((second, pps.page % 256, pps.block % 256, max(pps.frames - 1, 0)))


def read_pps(fif: bytes) -> PPS | None:
    """A PPS, or with one octet an EOR; None when it says nothing that T.30 knows.

    What follows the counters is left out.
    """
    if len(fif) in {0, 2, 3}:
        return None
    second = from_octet(fif[0])
    ending = None if second is None else POST_PAGE.get(second)
    if ending is None and fif[0] & ~1:
        return None
    return PPS(ending, fif[1], fif[2], fif[3] + 1) if len(fif) > 1 else PPS(ending)


def write_map(frames: Iterable[int]) -> bytes:
    """The FIF of PPR: bit n is 1 where frame n is to be sent again."""
    bits = sum(1 << n for n in set(frames))
    return bits.to_bytes(MAP_OCTETS, "little")


def read_map(fif: bytes) -> frozenset[int]:
    """The frames that a PPR asks for; a map that is too short asks for what it holds."""
    bits = int.from_bytes(fif[:MAP_OCTETS], "little")
    return frozenset(n for n in range(FRAMES) if bits >> n & 1)


@dataclass(slots=True)
class Block:
    """A block as it arrives, frame by frame and burst by burst."""

    octets: int  # of a frame
    _frames: dict[int, bytes] = field(default_factory=dict)
    _expected: int = 0

    def add(self, message: Message) -> None:
        """Take an FCD frame; anything else, and a frame of impossible length, is left out."""
        if message.fcf is FCF.FCD and 1 < len(message.fif) <= 1 + self.octets:
            self._frames[message.fif[0]] = message.fif[1:]

    def expect(self, frames: int) -> None:
        """The far end says how many frames its burst had; the first burst has them all."""
        self._expected = max(self._expected, frames, 1 + max(self._frames, default=-1))

    @property
    def held(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    @property
    def missing(self) -> frozenset[int]:
        """The frames to ask for again."""
        return frozenset(range(self._expected)) - self._frames.keys()

    @property
    def contents(self) -> list[bytes]:
        """The data of the frames from the first up to the first that is missing."""
        whole = next((n for n in range(FRAMES) if n not in self._frames), FRAMES)
        return [self._frames[n] for n in range(whole)]
