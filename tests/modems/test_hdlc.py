from __future__ import annotations

import binascii

from hypothesis import given
from hypothesis import strategies as st

from modems.hdlc import FLAG, Deframer, crc, framed, is_good, with_fcs
from modems.t30.line import Frame

OCTETS = st.binary(min_size=3, max_size=262)
REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def burst(frames: list[Frame], preamble: int = 4) -> bytes:
    return b"".join(framed(frames, preamble=preamble, closing=2))


def bits(octets: bytes) -> str:
    return "".join(f"{octet:08b}"[::-1] for octet in octets)


def octets(row: str) -> bytes:
    return bytes(int(row[at : at + 8][::-1], 2) for at in range(0, len(row) // 8 * 8, 8))


@given(OCTETS)
def test_the_fcs_is_the_ccitts(data: bytes) -> None:
    """The register is CRC-16 of ISO 3309, as another implementation computes it."""
    other = binascii.crc_hqx(data.translate(REVERSED), 0xFFFF)
    assert crc(data) == int(f"{other:016b}"[::-1], 2)


def test_the_standards_own_example() -> None:
    """The check value of CRC-16/X-25 over 123456789 is 906E."""
    assert with_fcs(b"123456789")[-2:] == b"\x6e\x90"


@given(OCTETS, st.integers(0))
def test_one_wrong_bit_is_noticed(data: bytes, place: int) -> None:
    """A frame with one bit in error is not good."""
    frame = bytearray(with_fcs(data))
    place %= 8 * len(frame)
    frame[place // 8] ^= 1 << place % 8

    assert is_good(with_fcs(data))
    assert not is_good(bytes(frame))


@given(st.lists(OCTETS, max_size=8), st.integers(1, 64))
def test_frames_come_back(contents: list[bytes], piece: int) -> None:
    """A burst in any split gives its frames, all good, in order."""
    frames = [Frame(content) for content in contents]
    stream, deframer, got = burst(frames), Deframer(), list[Frame]()
    for at in range(0, len(stream), piece):
        got += deframer.feed(stream[at : at + piece])

    assert got == frames


@given(st.lists(OCTETS, max_size=4), st.integers(0, 7))
def test_frames_need_not_begin_at_an_octet(contents: list[bytes], shift: int) -> None:
    """A modem may have found its octets at any bit of the stream."""
    frames = [Frame(content) for content in contents]
    stream = octets("1" * shift + bits(burst(frames)) + FLAG)

    assert Deframer().feed(stream) == frames


@given(OCTETS)
def test_flags_may_share_a_zero(content: bytes) -> None:
    """011111101111110 is two flags (ISO 3309)."""
    stream = bits(burst([Frame(content)])).replace(FLAG + FLAG, FLAG + FLAG[1:])

    assert Deframer().feed(octets(stream + FLAG)) == [Frame(content)]


@given(OCTETS, OCTETS, st.integers(0))
def test_damage_costs_only_its_frame(first: bytes, second: bytes, place: int) -> None:
    """A frame that is hit is damaged or gone; the ones around it are not."""
    stream = bytearray(burst([Frame(first), Frame(second), Frame(first)]))
    stream[4 + 1 + place % (len(first) + 2)] ^= 0xFF  # behind the preamble and the opening flag

    got = Deframer().feed(bytes(stream))
    assert [frame for frame in got if frame.ok][-2:] == [Frame(second), Frame(first)]


def test_an_abort_is_no_frame() -> None:
    """Seven ones end a frame that is given up."""
    stream = octets(
        FLAG + "0101010101" * 10 + "1111111" + FLAG + bits(with_fcs(b"\xff\x03\x40")) + FLAG * 3
    )

    assert all(frame == Frame(b"\xff\x03\x40") for frame in Deframer().feed(stream))


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_rubbish_is_bounded(chunks: list[bytes]) -> None:
    """Whatever comes, nothing raises, and no frame is longer than any frame may be."""
    deframer = Deframer()
    got = [frame for chunk in chunks for frame in deframer.feed(chunk)]

    assert all(len(frame.octets) <= 400 for frame in got)
    assert len(deframer._bits) <= 3000
