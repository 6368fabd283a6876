"""What two fax terminals agree on, and how a call ends: the values of T.32 for every kind of line.

Pure data. A Class 1 modem, a Class 2 modem, a T.38 trunk and the simulated line all report with
these names, so that a call report means the same whatever carried the call.

T.32 8.5.1 (session parameters) and 8.6.1 (hangup status codes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class VR(IntEnum):
    """Vertical resolution with its horizontal partner (T.32 table 21, bit values)."""

    R8_STANDARD = 0x00  # 204 x 98 dpi, 3.85 lines/mm
    R8_FINE = 0x01  # 204 x 196 dpi, 7.7 lines/mm
    R8_SUPERFINE = 0x02  # 204 x 391 dpi, 15.4 lines/mm
    R16_SUPERFINE = 0x04  # 408 x 391 dpi, 16 pels/mm
    INCH_200X100 = 0x08
    INCH_200X200 = 0x10
    INCH_200X400 = 0x20
    INCH_300X300 = 0x40
    INCH_400X400 = 0x80

    @property
    def dpi(self) -> tuple[int, int]:
        """Horizontal and vertical dots per inch, as TIFF-F writes them."""
        return _DPI[self]


_DPI = {
    VR.R8_STANDARD: (204, 98),
    VR.R8_FINE: (204, 196),
    VR.R8_SUPERFINE: (204, 391),
    VR.R16_SUPERFINE: (408, 391),
    VR.INCH_200X100: (200, 100),
    VR.INCH_200X200: (200, 200),
    VR.INCH_200X400: (200, 400),
    VR.INCH_300X300: (300, 300),
    VR.INCH_400X400: (400, 400),
}


class BR(IntEnum):
    """Bit rate of the page; the value is T.32's index."""

    BR_2400 = 0
    BR_4800 = 1
    BR_7200 = 2
    BR_9600 = 3
    BR_12000 = 4
    BR_14400 = 5

    @property
    def bit_rate(self) -> int:
        """Bits per second."""
        return 2400 * (self + 1)


class WD(IntEnum):
    """Page width: the A4, B4 and A3 classes of T.4."""

    A4 = 0
    B4 = 1
    A3 = 2


class LN(IntEnum):
    """Page length."""

    A4 = 0
    B4 = 1
    UNLIMITED = 2


class DF(IntEnum):
    """Data format: the coding of the page."""

    MH = 0
    MR = 1
    MMR = 3


class EC(IntEnum):
    """Error correction (T.30 Annex A); the frame size in octets where it is on."""

    OFF = 0
    ECM_64 = 1
    ECM_256 = 2


class ST(IntEnum):
    """Minimum scan-line time; two figures where it differs for standard and fine."""

    MS_0 = 0
    MS_5 = 1
    MS_10_5 = 2
    MS_10 = 3
    MS_20_10 = 4
    MS_20 = 5
    MS_40_20 = 6
    MS_40 = 7

    def milliseconds(self, *, fine: bool) -> int:
        """The time of one coded row, for 3.85 lines/mm or (fine) 7.7 lines/mm."""
        return _MILLISECONDS[self][fine]


_MILLISECONDS = {
    ST.MS_0: (0, 0),
    ST.MS_5: (5, 5),
    ST.MS_10_5: (10, 5),
    ST.MS_10: (10, 10),
    ST.MS_20_10: (20, 10),
    ST.MS_20: (20, 20),
    ST.MS_40_20: (40, 20),
    ST.MS_40: (40, 40),
}


@dataclass(frozen=True, slots=True)
class SessionParameters:
    """What a DCS settled, in T.32's order: VR BR WD LN DF EC BF ST."""

    vr: VR = VR.R8_STANDARD
    br: BR = BR.BR_2400
    wd: WD = WD.A4
    ln: LN = LN.A4
    df: DF = DF.MH
    ec: EC = EC.OFF
    bf: int = 0  # binary file transfer: never used
    st: ST = ST.MS_0

    def __str__(self) -> str:
        x, y = self.vr.dpi
        ecm = ", ECM" if self.ec else ""
        return f"{self.br.bit_rate} bit/s, {self.df.name}, {x}x{y} dpi, {self.wd.name}{ecm}"


class Hangup(IntEnum):
    """Why the call ended (T.32 hangup status codes, the hexadecimal values of Class 2.1)."""

    NORMAL = 0x00
    RING_NO_HANDSHAKE = 0x01
    ABORTED = 0x02
    NO_LOOP_CURRENT = 0x03
    RINGBACK_NO_ANSWER = 0x04
    ANSWER_NO_CED = 0x05
    PHASE_A = 0x10
    NO_ANSWER_T1 = 0x11
    PHASE_B_TRANSMIT = 0x20
    REMOTE_CANNOT = 0x21
    COMREC_TRANSMIT = 0x22
    COMREC_INVALID_TRANSMIT = 0x23
    RSPREC_TRANSMIT = 0x24
    DCS_NO_ANSWER = 0x25
    DIS_AFTER_DCS = 0x26
    TRAINING_FAILED = 0x27
    RSPREC_INVALID_TRANSMIT = 0x28
    PHASE_C_TRANSMIT = 0x40
    IMAGE_FORMAT = 0x41
    IMAGE_CONVERSION = 0x42
    DTE_UNDERFLOW = 0x43
    PHASE_D_TRANSMIT = 0x50
    RSPREC_PHASE_D = 0x51
    MPS_NO_ANSWER = 0x52
    MPS_INVALID_ANSWER = 0x53
    EOP_NO_ANSWER = 0x54
    EOP_INVALID_ANSWER = 0x55
    EOM_NO_ANSWER = 0x56
    EOM_INVALID_ANSWER = 0x57
    CANNOT_CONTINUE = 0x58
    PHASE_B_RECEIVE = 0x70
    RSPREC_RECEIVE = 0x71
    COMREC_RECEIVE = 0x72
    T2_NO_PAGE = 0x73
    T1_AFTER_EOM = 0x74
    PHASE_C_RECEIVE = 0x90
    NO_EOL_5_SECONDS = 0x91
    BAD_CRC_ECM = 0x92
    DCE_OVERFLOW = 0x93
    PHASE_D_RECEIVE = 0xA0
    RSPREC_PHASE_D_RECEIVE = 0xA1
    COMREC_PHASE_D_RECEIVE = 0xA2
    PIP_PIN_RECEIVE = 0xA3


class Dialled(Enum):
    """What the telephone network answered to a dial, before any fax tone."""

    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    NO_DIALTONE = "no dial tone"
    NO_CARRIER = "no carrier"
    VOICE = "voice"
    NOT_IN_SERVICE = "number not in service"
    REFUSED = "call refused"
    LINE_FAULT = "our own line failed"
