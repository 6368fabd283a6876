"""Table 2/T.30: the bits of DIS, DTC and DCS, as data.

A set of bit numbers stands for an information field: `to_bits` and `to_octets` go between the two.
Any length is read; a missing bit counts as 0, and an octet is looked at only when the extend bit
before it says that it is there. Writing is as short as the bits allow, so that a DCS to an old
machine has the three octets it expects.

T.30 5.3.6.2. Codes of several bits are written as the table prints them, lowest bit number first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from modems.session import LN, ST, VR, WD
from modems.t30.line import Modulation

# T.30 table 2: the bits that we read or write ----------------------------------------------------
#                          DIS, DTC                                     DCS
FRAME_64_PREFERRED: Final = 7  # prefers ECM frames of 64 octets        0
DOCUMENT_TO_POLL: Final = 9  # has a document to be polled              0
RECEIVE: Final = 10  # can receive                                      receive
RATE: Final = (11, 12, 13, 14)  # modulations                           modulation and rate
FINE: Final = 15  # R8 x 7.7 lines/mm and/or 200 x 200                  used
MR: Final = 16  # two-dimensional coding                                used
WIDTH: Final = (17, 18)  # recording width                              width
LENGTH: Final = (19, 20)  # recording length                            length
SCAN_TIME: Final = (21, 22, 23)  # minimum scan-line time               time
UNCOMPRESSED: Final = 26  # uncompressed mode                           used
ECM: Final = 27  # error correction                                     used
FRAME_64: Final = 28  # 0                                               ECM frames of 64 octets
MMR: Final = 31  # T.6, needs ECM                                       used
SUPERFINE: Final = 41  # R8 x 15.4 and/or 200 x 400                     used
INCH_300: Final = 42  # 300 x 300                                       used
R16: Final = 43  # R16 x 15.4 and/or 400 x 400                          used
INCH: Final = 44  # inch preferred                                      inch page (0: metric)
METRIC: Final = 45  # metric preferred                                  0
HALF_TIME: Final = 46  # above 7.7 lines/mm half the scan time          0
SELECTIVE_POLLING: Final = 47  # SEP understood                         0
SUBADDRESS: Final = 49  # SUB understood                                SUB sent
PASSWORD: Final = 50  # PWD understood (DIS), sent (DTC)                SID sent

EXTEND: Final = tuple(range(24, 1025, 8))  # one more octet follows

# What a DCS may say that no page of ours can be: uncompressed mode, colour, JBIG, files and others.
FOREIGN: Final = frozenset((26, 36, 53, 54, 55, 57, 60, 62, 65, 68, 78, 79, 92, 93, 94, 115, 116))

_V27_2400 = (Modulation.V27TER_2400,)
_V27 = (*_V27_2400, Modulation.V27TER_4800)
_V29 = (Modulation.V29_7200, Modulation.V29_9600)
_V17 = (
    *(Modulation.V17_7200, Modulation.V17_9600),
    *(Modulation.V17_12000, Modulation.V17_14400),
)

OFFERED_RATES: Final = {
    "0000": frozenset(_V27_2400),
    "0100": frozenset(_V27),
    "1000": frozenset(_V29),
    "1100": frozenset(_V27 + _V29),
    "1101": frozenset(_V27 + _V29 + _V17),
    "1110": frozenset(_V27 + _V29),  # with V.33 (before 1994), which we leave alone
}
CHOSEN_RATES: Final = {
    "0000": Modulation.V27TER_2400,
    "0100": Modulation.V27TER_4800,
    "1000": Modulation.V29_9600,
    "1100": Modulation.V29_7200,
    "0001": Modulation.V17_14400,
    "0101": Modulation.V17_12000,
    "1001": Modulation.V17_9600,
    "1101": Modulation.V17_7200,
}
WIDTHS: Final = {"00": WD.A4, "10": WD.B4, "01": WD.A3, "11": WD.A3}  # 11 is invalid: the widest
LENGTHS: Final = {"00": LN.A4, "10": LN.B4, "01": LN.UNLIMITED, "11": LN.UNLIMITED}  # 11 likewise
SCAN_TIMES: Final = {
    "000": ST.MS_20,
    "001": ST.MS_40,
    "010": ST.MS_10,
    "011": ST.MS_10_5,
    "100": ST.MS_5,
    "101": ST.MS_40_20,
    "110": ST.MS_20_10,
    "111": ST.MS_0,
}
FINE_ABOVE: Final = 150  # rows per inch: the second of two scan-line times is for 7.7 lines/mm
SUPERFINE_ABOVE: Final = 250  # and bit 46 halves it for what is finer

# The bits of DCS for a resolution; those of DIS are the same without INCH and METRIC.
RESOLUTIONS: Final = {
    VR.R8_STANDARD: frozenset[int](),
    VR.R8_FINE: frozenset((FINE,)),
    VR.R8_SUPERFINE: frozenset((SUPERFINE,)),
    VR.R16_SUPERFINE: frozenset((R16,)),
    VR.INCH_200X100: frozenset((INCH,)),
    VR.INCH_200X200: frozenset((FINE, INCH)),
    VR.INCH_200X400: frozenset((SUPERFINE, INCH)),
    VR.INCH_300X300: frozenset((INCH_300,)),
    VR.INCH_400X400: frozenset((R16, INCH)),
}


def to_bits(fif: bytes) -> frozenset[int]:
    """The numbers of the bits that are 1, without the extend bits; bit 1 is the first."""
    octets = 3
    while octets < len(fif) and fif[octets - 1] & 0x80:
        octets += 1
    ones = (n + 1 for n in range(8 * octets) if n // 8 < len(fif) and fif[n // 8] >> n % 8 & 1)
    return frozenset(n for n in ones if n not in EXTEND)


def to_octets(bits: Iterable[int]) -> bytes:
    """The information field in which exactly these bits are 1, with the extend bits it needs."""
    ones = set(bits)
    octets = max(3, *((n + 7) // 8 for n in ones), 0)
    ones.update(n for n in EXTEND if n < 8 * octets)
    return bytes(sum(1 << b for b in range(8) if 8 * i + b + 1 in ones) for i in range(octets))


def code(bits: frozenset[int], numbers: tuple[int, ...]) -> str:
    """The code that several bits form, as the table prints it."""
    return "".join("1" if n in bits else "0" for n in numbers)


def ones(code: str, numbers: tuple[int, ...]) -> frozenset[int]:
    """The bits that are 1 in a code."""
    return frozenset(n for n, bit in zip(numbers, code, strict=True) if bit == "1")
