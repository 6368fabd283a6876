"""A page with two renderings goes out as the shorter one in the coding that DCS settles."""

from __future__ import annotations

from gateway.offramp.source import sizes, takes_second
from gateway.rendition import Rendition
from gateway.store.records import PageInfo
from modems.session import DF, VR

BITS = {"MH": 3_000_000, "MR": 2_000_000, "MMR": 900_000}


def page(**without_mmr: int) -> PageInfo:
    """A stored page with a second rendering of these sizes."""
    made = Rendition("screen", bits_without_mmr=without_mmr)
    return PageInfo(1, 1728, 2287, VR.R8_FINE, BITS, 112_500, made)


def test_one_rendering_serves_every_coding() -> None:
    """Without a second rendering, the first has its own sizes and is always sent."""
    assert sizes(page()) == {DF.MH: 3_000_000, DF.MR: 2_000_000, DF.MMR: 900_000}
    assert not any(takes_second(page(), df) for df in DF)


def test_the_second_rendering_is_for_the_codings_in_which_it_is_shorter() -> None:
    """What is announced to the engine is what will be sent."""
    both = page(MH=1_000_000, MR=2_500_000)

    assert sizes(both) == {DF.MH: 1_000_000, DF.MR: 2_000_000, DF.MMR: 900_000}
    assert takes_second(both, DF.MH)
    assert not takes_second(both, DF.MR)
    assert not takes_second(both, DF.MMR)
