"""A page of pels as it is kept: MMR at rest, and its exact size in every coding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.offramp.linetime import RATE, page_seconds
from modems.session import VR
from t4codec import Coding, Compression, coded_bits, encode

SIZES = {  # coding of each size that is kept with a page
    "MH": Compression.MH,
    "MR": Compression.MR,
    "MMR": Compression.MMR,
}
K = {VR.R8_STANDARD: 2, VR.R8_FINE: 4, VR.R8_SUPERFINE: 8}  # T.4 4.2.1

Bits = NDArray[np.bool_]  # rows x pels, True black


def packed(ink: Bits) -> bytes:
    """Rows as the codec takes them."""
    return np.packbits(ink, axis=1).tobytes()


def unpacked(rows: bytes, width: int) -> Bits:
    """What was packed."""
    octets = np.frombuffer(rows, np.uint8).reshape(-1, (width + 7) // 8)
    return np.unpackbits(octets, axis=1, count=width).view(np.bool_)


def sizes(rows: bytes, width: int, vr: VR) -> dict[str, int]:
    """Bits of a page in each coding, by its name."""
    return {
        name: coded_bits(rows, Coding(compression, width=width, k=K[vr]))
        for name, compression in SIZES.items()
    }


def coded(rows: bytes, width: int, vr: VR) -> tuple[bytes, dict[str, int]]:
    """The page in MMR, most significant bit first, and its bits in each coding.

    MMR ends in EOFB, whose last bit is a 1 (T.6 2.2.8), so what follows that one is no bit of it.
    """
    mmr = encode(rows, Coding(Compression.MMR, width=width))
    bits = {
        name: coded_bits(rows, Coding(compression, width=width, k=K[vr]))
        for name, compression in SIZES.items()
        if compression is not Compression.MMR
    }
    padding = (mmr[-1] & -mmr[-1]).bit_length() - 1
    return mmr, bits | {"MMR": len(mmr) * 8 - padding}


def seconds(bits: int) -> float:
    """Time of a page's bits on a line at 14,400 bit/s with error correction."""
    return page_seconds(bits, RATE, ecm=True)
