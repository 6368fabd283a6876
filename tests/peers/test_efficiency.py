from __future__ import annotations

import pytest

from modems.t30.line import Modulation
from tests.peers.efficiency import measured
from tests.peers.spandsp import library
from tests.peers.unavoidable import Carried, framed_bits, page_bits, unavoidable_seconds


def test_frames_cost_what_is_around_them() -> None:
    """A page under error correction is whole frames, and never fewer bits than it has."""
    assert page_bits(257, ecm=False) == 8 * 257
    assert page_bits(257, ecm=True) == 2 * 8 * 263
    assert framed_bits(bytes(257)) >= page_bits(257, ecm=True)
    assert framed_bits(b"\xff" * 512) > framed_bits(bytes(512))  # stuffed zeros


def test_each_page_adds_its_bits_and_what_surrounds_them() -> None:
    """A second page costs its bits and one more command and answer, but no second training."""
    one = unavoidable_seconds(Carried(Modulation.V29_9600, ecm=False, pages=[96_000]), 0.0)
    two = unavoidable_seconds(Carried(Modulation.V29_9600, ecm=False, pages=[96_000] * 2), 0.0)

    assert 10.0 + 0.253 + 1.7 < two - one < 10.0 + 0.253 + 2.5


@pytest.mark.interop
@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.parametrize("pages", [1, 3])
def test_a_call_takes_hardly_longer_than_it_must(pages: int) -> None:
    """Our line time is within 5 % of what nobody could save, and never below it."""
    library()
    call = measured("Faxgate", pages, speed=2.0)

    assert call.unavoidable <= call.seconds <= 1.05 * call.unavoidable, str(call)
