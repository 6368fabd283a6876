"""Blocks, frames and what is said about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.session import EC
from modems.t30.ecm import (
    FRAMES,
    OCTETS,
    PPS,
    Block,
    cut,
    frames_within,
    read_map,
    read_pps,
    write_map,
    write_pps,
)
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build

sizes = st.sampled_from([EC.ECM_64, EC.ECM_256])


@given(st.integers(0, 40_000), sizes, st.integers(1, 256), st.randoms(use_true_random=False))
def test_a_page_survives_its_blocks(octets: int, ec: EC, most: int, random: object) -> None:
    """Frames in any order make the page again, filled with zeros to whole frames."""
    coded = bytes(n % 251 for n in range(octets))

    page, rest = b"", coded
    while rest or not page:
        frames, rest = cut(rest, ec, most)
        block = Block(OCTETS[ec])
        for message in sorted(frames, key=lambda m: hash((m.fif[0], str(random)))):
            block.add(message)
        block.expect(len(frames))
        assert not block.missing
        page += b"".join(block.contents)

    assert page.rstrip(b"\0") == coded.rstrip(b"\0")
    assert len(page) % OCTETS[ec] == 0
    assert len(page) - octets < OCTETS[ec] or octets == 0


def test_a_block_has_at_most_256_frames() -> None:
    """64 KiB and one octet are two blocks, numbered from 0 each."""
    first, rest = cut(bytes(FRAMES * 256 + 1), EC.ECM_256)
    second, rest = cut(rest, EC.ECM_256)

    assert rest == b""
    assert [m.fif[0] for m in first] == list(range(256))
    assert [len(m.fif) for m in second] == [257]


def test_an_empty_page_is_one_frame() -> None:
    """There is always something to send."""
    frames, rest = cut(b"", EC.ECM_64)

    assert (len(frames), rest) == (1, b"")


def test_a_burst_may_be_kept_short() -> None:
    """Five seconds at 14400 bit/s are 33 frames of 256 octets; a burst is never empty."""
    assert frames_within(5.0, 14400, EC.ECM_256) == 33
    assert frames_within(0.1, 2400, EC.ECM_256) == 1
    assert frames_within(1e6, 14400, EC.ECM_64) == 256


def test_frames_on_the_line() -> None:
    """FCD and RCP are never final, and RCP is the octets of the standard."""
    frames = build([Message(FCF.FCD, b"\x00ab"), Message(FCF.RCP)], x=True, final=False)

    assert [f.octets for f in frames] == [b"\xff\x03\x06\x00ab", b"\xff\x03\x86"]


@given(
    st.sampled_from([None, FCF.MPS, FCF.EOM, FCF.EOP]),
    st.integers(0, 255),
    st.integers(0, 255),
    st.integers(1, 256),
    st.booleans(),
)
def test_a_pps_comes_back(ending: FCF | None, page: int, block: int, frames: int, x: bool) -> None:
    """Four octets hold ending and counters, whatever X."""
    pps = PPS(ending, page, block, frames)

    assert read_pps(write_pps(pps, x=x)) == pps


def test_counters_are_modulo_256() -> None:
    """Page and block are counted modulo 256; a burst without a frame counts as one."""
    assert write_pps(PPS(None, 256, 257, 0), x=True) == bytes((0, 0, 1, 0))


@pytest.mark.parametrize("fif", [b"", b"\x2f\x00", b"\x10\x00\x00\x00", b"\x8c"])
def test_nonsense_is_no_pps(fif: bytes) -> None:
    """A wrong length or an ending that is none gives None."""
    assert read_pps(fif) is None


def test_what_follows_the_counters_of_a_pps_is_left_out() -> None:
    """A later T.30 may say more."""
    assert read_pps(b"\x2f\x01\x02\x03\xff") == PPS(FCF.EOP, 1, 2, 4)


def test_an_eor_has_one_octet() -> None:
    """EOR carries the ending only; PRI and EOS count as their plain commands."""
    assert read_pps(b"\x2f") == PPS(FCF.EOP)
    assert read_pps(b"\x5e") == PPS(FCF.MPS)
    assert read_pps(b"\x01") == PPS(None)


@given(st.frozensets(st.integers(0, 255)))
def test_a_map_comes_back(frames: frozenset[int]) -> None:
    """Frame n is bit n on the line, in 32 octets."""
    assert read_map(write_map(frames)) == frames
    assert len(write_map(frames)) == 32


def test_the_first_frame_is_the_first_bit() -> None:
    """Frame 0 is the first bit on the line, frame 9 the second of the second octet."""
    assert write_map({0, 9})[:3] == b"\x01\x02\x00"
    assert read_map(b"\xff") == frozenset(range(8))


def test_a_block_takes_only_frames_of_its_size() -> None:
    """What is no FCD, has no data or too much of it, is left out; repeats change nothing."""
    block = Block(64)
    for message in (
        Message(FCF.RCP),
        Message(FCF.FCD),
        Message(FCF.FCD, b"\0"),
        Message(FCF.FCD, bytes(66)),
        Message(FCF.FCD, b"\2x"),
        Message(FCF.FCD, b"\2x"),
    ):
        block.add(message)
    block.expect(1)

    assert block.held == 1
    assert block.missing == {0, 1}
    assert block.contents == []
