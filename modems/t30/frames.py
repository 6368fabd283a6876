"""Build and read T.30 frames: address, control, FCF and FIF.

`parse` takes anything a line can deliver and gives None for what is no T.30 frame; nothing raises.
Preamble, flags, bit stuffing and FCS belong to the line. What a FIF means is `dis` (DIS, DTC, DCS),
here (the 20 characters of CSI, TSI and their like) or the ECM module's.

T.30 5.3.4 to 5.3.6. Octets are the LSB view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from modems.t30.fcf import FCF, from_octet
from modems.t30.line import Frame

ADDRESS: Final = 0xFF
CONTROL: Final = 0x03  # 1100 X000 on the line
FINAL: Final = 0x10  # the control field's X: the last frame of the burst

CHARACTERS: Final = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One T.30 signal, apart from its place in a burst and the X bit."""

    fcf: FCF
    fif: bytes = b""


def build(messages: Sequence[Message], *, x: bool, final: bool = True) -> list[Frame]:
    """The frames of one burst; the last is marked final, unless it is one of ECM data."""
    last = len(messages) - 1 if final else None
    return [
        Frame(bytes((ADDRESS, CONTROL | FINAL * (i == last), m.fcf.octet(x=x))) + m.fif)
        for i, m in enumerate(messages)
    ]


def parse(frame: Frame) -> Message | None:
    """The signal in a frame; None when the FCS failed or it is no T.30 frame."""
    octets = frame.octets
    if not frame.ok or len(octets) < 3:
        return None
    if octets[0] != ADDRESS or octets[1] & ~FINAL != CONTROL:
        return None
    fcf = from_octet(octets[2])
    return None if fcf is None else Message(fcf, octets[3:])


def characters(text: str) -> bytes:
    """The FIF of CSI, TSI and their like: 20 characters, the last one first, then the fill.

    What is longer keeps its end, where the digits that tell numbers apart are; a character that
    the field cannot carry becomes a space.
    """
    ascii_only = "".join(c if " " <= c <= "~" else " " for c in text.strip())
    return ascii_only[-CHARACTERS:].rjust(CHARACTERS).encode("ascii")[::-1]


def named(said: Mapping[FCF, str]) -> list[Message]:
    """The frames that carry names and numbers, without those that have nothing to say."""
    return [Message(fcf, characters(words)) for fcf, words in said.items() if words]


def text(fif: bytes) -> str:
    """What a 20-character FIF says: printable ASCII, without the fill."""
    shown = bytes(o if 0x20 <= o <= 0x7E else 0x20 for o in fif[:CHARACTERS][::-1])
    return " ".join(shown.decode("ascii").split())
