from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from modems.dle import END, Unshield, shield


def unshielded(raw: bytes, cuts: list[int]) -> tuple[bytes, bytes | None]:
    """What comes of `raw` when it arrives cut at these places."""
    stretch, data = Unshield(), b""
    places = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        if stretch.ended:
            return data, (stretch.rest or b"") + raw[start:]
        data += stretch.feed(raw[start:end])
    return data, stretch.rest


@given(st.binary(), st.binary(), st.lists(st.integers(0)))
def test_what_was_shielded_comes_back(data: bytes, after: bytes, cuts: list[int]) -> None:
    """Shielded data, ended and followed by anything, come back in any split."""
    assert unshielded(shield(data) + END + after, cuts) == (data, after)


@given(st.binary(), st.lists(st.integers(0)))
def test_the_split_does_not_matter(raw: bytes, cuts: list[int]) -> None:
    """Rubbish is read alike octet by octet and at once."""
    assert unshielded(raw, cuts) == unshielded(raw, [])


def test_dle_sub_is_two_dle() -> None:
    """DLE SUB stands for two DLE, as +FDD=1 has it."""
    assert unshielded(b"a\x10\x1ab" + END, []) == (b"a\x10\x10b", b"")


def test_an_unknown_pair_is_dropped() -> None:
    """DLE with anything else is no data."""
    assert unshielded(b"a\x10\x05b" + END, []) == (b"ab", b"")
