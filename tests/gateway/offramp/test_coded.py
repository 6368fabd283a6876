"""A page is coded once, and its size in every coding is exact."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gateway.offramp.coded import coded, packed, sizes
from modems.session import VR
from t4codec import Coding, Compression, decode


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.sampled_from([8, 40, 64]), st.floats(0, 1))
def test_the_sizes_are_those_that_counting_gives(
    seed: int, height: int, width: int, black: float
) -> None:
    """To the bit, wherever in an octet the end falls; and the page comes back."""
    ink = np.random.default_rng(seed).random((height, width)) < black
    rows = packed(ink)

    mmr, bits = coded(rows, width, VR.R8_FINE)

    assert bits == sizes(rows, width, VR.R8_FINE)
    assert decode(mmr, Coding(Compression.MMR, width=width)).rows == rows
