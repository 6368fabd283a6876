"""How a page is coded: everything that the two ends of a line must agree on, as one value.

T.4 4 (MH and MR), T.6 (MMR). T.85 would join `Compression`; nothing else here names the three.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from t4codec import kernel
from t4codec.errors import CodingError

Octets = bytes | bytearray | memoryview  # what the codec takes; what it gives is bytes

MAX_WIDTH = 20_000  # pels; 1200 dpi on A3 has 14592
MAX_FILL = 16_384  # bits per row; 40 ms at 33600 bit/s is 1344


class Compression(Enum):
    """The codings of T.4 and T.6; the value is the TIFF compression that carries each."""

    MH = "modified Huffman"  # T.4 4.1, one-dimensional
    MR = "modified READ"  # T.4 4.2, two-dimensional
    MMR = "modified modified READ"  # T.6


KERNEL_CODES = {
    Compression.MH: kernel.MH,
    Compression.MR: kernel.MR,
    Compression.MMR: kernel.MMR,
}


@dataclass(frozen=True, slots=True)
class Coding:
    """The form of a coded page.

    `eol`, `eol_aligned` and `min_row_bits` concern MH and MR, `k` only MR. An MH page without EOL
    is what PDF and TIFF allow and no line carries; MR cannot do without, its tag bits follow them.
    """

    compression: Compression
    width: int = 1728  # pels of a row
    k: int = 2  # MR: one row in at most k is coded one-dimensionally; T.4 4.2.1: 2 standard, 4 fine
    eol: bool = True  # each row begins with EOL (T.4 4.1.2)
    eol_aligned: bool = False  # EOL ends on an octet's edge (TIFF T4Options bit 2)
    row_aligned: bool = False  # without EOL: each row begins on an octet's edge (PDF, TIFF 2)
    min_row_bits: int = 0  # shortest coded row with its EOL, by fill (T.4 4.1.3)
    end_mark: bool = True  # write RTC (T.4 4.1.4) or EOFB (T.6 2.4.1.1)
    lsb_first: bool = False  # first bit on the line is bit 0 of its octet (modems), not bit 7

    def __post_init__(self) -> None:
        if not 1 <= self.width <= MAX_WIDTH:
            raise CodingError(f"a row has 1 to {MAX_WIDTH} pels, not {self.width}")
        if self.k < 1:
            raise CodingError(f"K is 1 or more, not {self.k}")
        if not 0 <= self.min_row_bits <= MAX_FILL:
            raise CodingError(f"fill reaches to 0 to {MAX_FILL} bits, not {self.min_row_bits}")
        if self.compression is Compression.MR and not self.eol:
            raise CodingError("an MR page has EOLs: its tag bits follow them")

    @property
    def stride(self) -> int:
        """Octets of a packed row."""
        return (self.width + 7) // 8
