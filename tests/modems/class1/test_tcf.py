from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modems.class1.tcf import TrainingJudge

RATE = 9600
SECOND = bytes(RATE // 8)


def good(octets: bytes, piece: int = 100) -> bool:
    judge = TrainingJudge(RATE)
    for at in range(0, len(octets), piece):
        judge.feed(octets[at : at + piece])
    return judge.good


def test_a_whole_tcf_is_good() -> None:
    """A second and a half of zeros, with what the modem makes of both ends."""
    assert good(b"\xff\x31" + SECOND + SECOND[: RATE // 16] + b"\x80\xff")


def test_nothing_is_not_good() -> None:
    """Nor is a carrier without data."""
    assert not good(b"")


def test_errors_every_half_second_are_not_good() -> None:
    """A line that would spoil a row in each half second is not used at this rate."""
    assert not good((SECOND[: RATE // 16] + b"\x01") * 3)


@given(st.integers(1, 2000))
def test_the_split_does_not_matter(piece: int) -> None:
    """A run of zeros goes on over the pieces in which it comes."""
    assert good(b"\x01" + SECOND, piece)
    assert not good(SECOND[1:], piece)
