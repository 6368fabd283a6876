"""Pages are coded exactly and never more than were allowed."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.offramp.coded import packed
from gateway.offramp.convert import Unfaxable
from gateway.offramp.pages import ink_box
from gateway.offramp.sheet import Box
from modems.session import VR
from t4codec import Coding, Compression, coded_bits, decode
from tests.gateway.offramp.sink import Seen


def test_a_coded_page_decodes_to_itself() -> None:
    """MMR at rest holds every pel, and the sizes are those of the codec."""
    ink = np.random.default_rng(1).random((50, 1728)) < 0.1
    seen = Seen()
    seen.add_finished(ink, VR.R8_FINE)
    page = seen.coded[0]
    rows = np.packbits(ink, axis=1).tobytes()

    assert decode(page.mmr, Coding(Compression.MMR)).rows == rows
    assert page.bits["MR"] == coded_bits(rows, Coding(Compression.MR, k=4))
    assert page.bits["MH"] == coded_bits(rows, Coding(Compression.MH))


def test_the_ink_box_is_tight() -> None:
    """The box of the ink ends where the ink ends, and a white page has none."""
    ink = np.zeros((20, 30), np.bool_)
    assert ink_box(packed(ink), 30) is None

    ink[3:7, 4:9] = True
    assert ink_box(packed(ink), 30) == Box(4, 3, 9, 7)

    ink[19, 29] = True  # the last pel of all
    assert ink_box(packed(ink), 30) == Box(4, 3, 30, 20)


def test_a_page_too_many_is_refused() -> None:
    """A converter that never said how many pages come is stopped at the limit."""
    seen = Seen(limit=1)
    seen.add_finished(np.zeros((9, 1728), np.bool_), VR.R8_FINE)

    with pytest.raises(Unfaxable, match="2 pages, and 1 more"):
        seen.add_finished(np.zeros((9, 1728), np.bool_), VR.R8_FINE)
    with pytest.raises(Unfaxable, match="no more can"):
        Seen(limit=0).expect(1)
