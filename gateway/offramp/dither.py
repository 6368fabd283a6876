"""What plain dithering would have cost: the measure of what our rendering saves.

Error diffusion (Floyd and Steinberg) is what programs do to a grey page that know nothing of the
line. It is tried on every eighth strip of the page only: that is within a few per cent of the
whole, and takes milliseconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gateway.offramp.coded import K
from modems.session import VR
from t4codec import Coding, Compression, coded_bits

STRIP = 32  # rows
EVERY = 8  # strips; one of so many is tried
FEW_GREYS = 0.02  # a page with a smaller share of grey pels has nothing to dither but edges
GREY = (24, 231)  # levels between which a pel is grey


def dithered_bits(grey: NDArray[np.uint8], vr: VR) -> int | None:
    """Bits of the page, dithered, in its smallest coding; None for a page that has no greys."""
    sample = grey[::EVERY]
    if ((sample > GREY[0]) & (sample < GREY[1])).mean() < FEW_GREYS:
        return None
    strips = [grey[top : top + STRIP] for top in range(0, grey.shape[0], STRIP * EVERY)]
    tried = np.concatenate(strips)
    rows = Image.fromarray(tried).convert("1").tobytes("raw", "1;I")
    width = grey.shape[1]
    bits: int = min(coded_bits(rows, Coding(c, width=width, k=K[vr])) for c in Compression)
    return bits * len(grey) // len(tried)
