"""The facsimile control field: what a T.30 frame is, as the Recommendation prints it.

The table keeps T.30's own form, first bit on the line at the left, with X where the bit says who
speaks: 1 from the terminal that has received a valid DIS, 0 from the one that has received a valid
answer to its DIS. Octets are the LSB view (first line bit is bit 0), derived. Both values of X are
accepted from the far end, since some terminals get it wrong.

T.30 5.3.6.1, Annex A (ECM). Not here: Annexes G and H (security), which we offer to nobody.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final


@unique
class FCF(Enum):
    """A facsimile control field; the value is its eight bits in the order of the line."""

    # Initial identification (5.3.6.1.1): the called terminal says what it can.
    DIS = "0000 0001"
    CSI = "0000 0010"
    NSF = "0000 0100"
    CSA = "0010 0100"

    # Command to send (5.3.6.1.2): the caller wants to receive.
    DTC = "1000 0001"
    CIG = "1000 0010"
    PWD = "1000 0011"
    NSC = "1000 0100"
    SEP = "1000 0101"
    PSA = "1000 0110"
    CIA = "1000 0111"
    ISP = "1000 1000"

    # Command to receive (5.3.6.1.3): the transmitter says what it will do.
    DCS = "X100 0001"
    TSI = "X100 0010"
    SUB = "X100 0011"
    NSS = "X100 0100"
    SID = "X100 0101"
    TSA = "X100 0110"
    IRA = "X100 0111"
    CTC = "X100 1000"

    # Pre-message responses (5.3.6.1.4).
    CFR = "X010 0001"
    FTT = "X010 0010"
    CTR = "X010 0011"

    # In-message and post-message commands (5.3.6.1.5, 5.3.6.1.6, Annex A).
    EOM = "X111 0001"
    MPS = "X111 0010"
    EOR = "X111 0011"
    EOP = "X111 0100"
    RR = "X111 0110"
    EOS = "X111 1000"
    PRI_EOM = "X111 1001"
    PRI_MPS = "X111 1010"
    PRI_EOP = "X111 1100"
    PPS = "X111 1101"

    # Post-message responses (5.3.6.1.7, Annex A).
    MCF = "X011 0001"
    RTN = "X011 0010"
    RTP = "X011 0011"
    PIN = "X011 0100"
    PIP = "X011 0101"
    PID = "X011 0110"
    RNR = "X011 0111"
    ERR = "X011 1000"
    PPR = "X011 1101"
    FDM = "X011 1111"

    # Other line control (5.3.6.1.8).
    DCN = "X101 1111"
    CRP = "X101 1000"
    FNV = "X101 0011"
    TNR = "X101 0111"
    TR = "X101 0110"

    # On the fast carrier, in ECM only (T.4 Annex A).
    FCD = "0110 0000"
    RCP = "0110 0001"

    @property
    def label(self) -> str:
        """The name as T.30 writes it, such as PRI-EOP."""
        return self.name.replace("_", "-")

    def octet(self, *, x: bool) -> int:
        """The octet in the LSB view; `x` changes nothing where T.30 fixes the first bit."""
        bits = self.value.replace(" ", "").replace("X", "1" if x else "0")
        return int(bits[::-1], 2)


_BY_OCTET: Final = {fcf.octet(x=x): fcf for fcf in FCF for x in (False, True)}


def from_octet(octet: int) -> FCF | None:
    """The field that an LSB-view octet is, whatever its X; None for one that T.30 does not give."""
    return _BY_OCTET.get(octet)


# What one says of a page after it, and what the page is followed by.
POST_PAGE: Final = {
    FCF.MPS: FCF.MPS,
    FCF.EOM: FCF.EOM,
    FCF.EOP: FCF.EOP,
    FCF.EOS: FCF.EOM,  # end of selection: more selective polling may follow, as after EOM
    FCF.PRI_MPS: FCF.MPS,  # nobody stands beside us to be called to the telephone,
    FCF.PRI_EOM: FCF.EOM,  # so a PRI command is its plain one (T.30 5.3.6.1.6)
    FCF.PRI_EOP: FCF.EOP,
}
