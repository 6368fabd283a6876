from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modems.t30.rhythm import IN_TIME, LONGEST, SHORTEST, Loss, Rhythm, period

EVERY, FIRST = 7.0, 3.0
FRAME, BEGIN = 0.15, 0.4  # s of a frame at 14400 bit/s, and before the first
LATER = 3.0


def knowing(*losses: float) -> Rhythm:
    """A rhythm that has seen these."""
    rhythm = Rhythm()
    for at in losses:
        rhythm.lost(at, 0.1)
    return rhythm


@pytest.mark.parametrize("missed", [[0, 1, 2], [0, 1, 3], [1, 4, 5], [0, 2, 3, 5, 8]])
def test_losses_that_agree_give_the_longest_period_they_agree_in(missed: list[int]) -> None:
    """Drop-outs that hit nothing are not seen, and do not hide the period."""
    found = period([Loss(FIRST + n * EVERY, 0.1) for n in missed])

    assert found is not None
    assert found[0] == pytest.approx(EVERY, abs=0.05)
    assert (found[1] - FIRST) % EVERY == pytest.approx(0, abs=0.01)


def test_two_losses_are_no_rhythm() -> None:
    """Any two moments agree in something."""
    assert period([Loss(1.0, 0.1), Loss(8.0, 0.1)]) is None


def test_one_loss_of_another_kind_in_four_is_forgiven() -> None:
    """A frame that noise took does not end a rhythm; two of five do."""
    regular = [Loss(FIRST + n * EVERY, 0.1) for n in range(3)]

    assert period([*regular, Loss(20.5, 0.1)]) is not None
    assert period([*regular[:3], Loss(20.5, 0.1), Loss(26.9, 0.1)]) is None


def test_nothing_known_changes_nothing() -> None:
    """On a line that has shown no rhythm all goes out at once, and whole."""
    assert Rhythm().fit(0.0, 200, BEGIN, FRAME, LATER) == (200, 0.0)
    assert Rhythm().delay(1.3, 0.0, 32, 5.0) == 0.0


@given(now=st.floats(30.0, 60.0), most=st.integers(1, 256))
def test_a_burst_its_command_and_the_answer_miss_the_drop_outs(now: float, most: int) -> None:
    """Between two drop-outs of seven seconds there is always room for some frames."""
    frames, wait = knowing(3.0, 10.0, 17.0).fit(now, most, BEGIN, FRAME, LATER)
    end = now + wait + BEGIN + frames * FRAME

    assert 1 <= frames <= most
    assert not wait or end - now <= IN_TIME
    assert not _hit(now + wait, end)
    assert not _hit(end + 0.9, end + 1.4)
    assert not _hit(end + 2.3, end + 2.9)


@example(begin=36.0, octets=32, burst=0.0)  # 0.06 s more room than the frame itself
@given(begin=st.floats(30.0, 60.0), octets=st.sampled_from([0, 32]), burst=st.floats(0.0, 15.0))
def test_a_response_is_never_hit_and_never_late(begin: float, octets: int, burst: float) -> None:
    """A response is held back 1.3 s at most, and its frame falls between two drop-outs."""
    late = knowing(3.0, 10.0, 17.0).delay(1.3, begin, octets, burst)
    end = begin + late + 1.0 + (octets + 7) * 8 / 300

    assert 0.0 <= late <= 1.3
    assert not _hit(begin + late + 0.8, end)


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 5)), max_size=20))
def test_any_losses_give_a_period_within_bounds_or_none(losses: list[tuple[float, float]]) -> None:
    """Whatever was lost, a period is one that things fit into."""
    found = period([Loss(*loss) for loss in losses])

    assert found is None or 0.9 * SHORTEST < found[0] <= LONGEST


def _hit(begin: float, end: float) -> bool:
    return (begin - FIRST) // EVERY != (end - FIRST) // EVERY
