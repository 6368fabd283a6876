from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modems.simulated.signals import (
    FLAG_BITS,
    TCF,
    TRAINING,
    V21_PREAMBLE,
    frame_bits,
    frame_burst,
    page_signal,
    training_check,
)
from modems.t30.line import Frame, Modulation

CFR = bytes.fromhex("ff1384")


def stuffed(octets: bytes) -> int:
    """Bits of a frame, counted one by one: X.25's FCS in its shift-register form, then stuffing."""
    bits = [octet >> i & 1 for octet in octets for i in range(8)]
    register = 0xFFFF
    for bit in bits:
        register = register >> 1 ^ 0x8408 * ((register ^ bit) & 1)
    bits += [~register >> i & 1 for i in range(16)]
    count = ones = 0
    for bit in bits:
        ones = ones + 1 if bit else 0
        count += 2 if ones == 5 else 1
        ones %= 5
    return count


def test_a_known_frame_has_its_known_length() -> None:
    """CFR is ff 13 84 with the FCS ea 7d: 40 bits and three stuffed zeros."""
    assert frame_bits(CFR) == 43


@given(st.binary(max_size=300))
def test_frames_are_as_long_as_their_stuffed_bits(octets: bytes) -> None:
    """A frame lasts as long as its octets, its FCS and one zero after every five ones."""
    assert frame_bits(octets) == stuffed(octets)


def test_a_burst_is_preamble_frames_and_flags() -> None:
    """One frame takes a second of flags, its own bits, and a closing flag."""
    signal = frame_burst(10.0, Modulation.V21, [Frame(CFR)])

    assert signal.end == pytest.approx(10.0 + V21_PREAMBLE + (43 + FLAG_BITS) / 300)


def test_frames_on_a_fast_carrier_follow_its_training() -> None:
    """A burst on V.17 has its training and 200 ms of flags before the first frame."""
    signal = frame_burst(0.0, Modulation.V17_14400_SHORT, [Frame(CFR)])

    assert signal.end == pytest.approx(0.142 + 0.2 + 51 / 14400)


@given(st.floats(0, 3))
def test_a_late_listener_misses_the_frames_that_began(late: float) -> None:
    """Whoever joins a burst hears exactly the frames whose opening flag is still to come."""
    frames = [Frame(CFR), Frame(bytes([0xFF, 0x13, 0x8C]))]
    signal = frame_burst(0.0, Modulation.V21, frames)

    heard = signal.frames_from(late)
    assert heard == [t.frame for t in signal.frames if t.begin >= late]
    assert (heard == frames) == (late <= V21_PREAMBLE - FLAG_BITS / 300)


@pytest.mark.parametrize("on", TRAINING)
def test_tcf_lasts_a_second_and_a_half_after_training(on: Modulation) -> None:
    """Training as the modulation has it, then 1.5 s of zeros."""
    signal = training_check(2.0, on, good=True)

    assert signal.end == pytest.approx(2.0 + TRAINING[on] + TCF)


def test_every_carrier_has_a_training() -> None:
    """No modulation of the line protocol is left out, and only V.17's short form is short."""
    assert set(TRAINING) == set(Modulation)
    assert all(TRAINING[m.short] < TRAINING[m.long] for m in Modulation if m.name.startswith("V17"))


@given(st.binary(min_size=1, max_size=500), st.floats(-1, 5))
def test_octets_come_at_the_rate_of_the_carrier(coded: bytes, when: float) -> None:
    """After s seconds of data, rate x s / 8 whole octets have come, never more than there are."""
    signal = page_signal(0.0, Modulation.V27TER_2400, coded)

    come = signal.octets_by(when)
    assert 0 <= come <= len(coded)
    assert signal.octets_by(signal.end) == len(coded)
    if 0 < come < len(coded):
        assert come == int((when - signal.data) * 300 + 1e-6)
