from __future__ import annotations

from collections.abc import Sequence

import pytest

from modems.session import EC, SessionParameters
from modems.t30.burst import SHAKY, BurstLength
from modems.t30.dis import Agreement
from modems.t30.line import Modulation

FAST = Agreement(SessionParameters(ec=EC.ECM_256), Modulation.V17_14400)
SLOW = Agreement(SessionParameters(ec=EC.ECM_256), Modulation.V27TER_2400)
TEN = range(10)


def test_a_good_line_gets_whole_blocks() -> None:
    """Where nothing has gone wrong, a burst holds all that a block may."""
    assert BurstLength().most(FAST, shaky=False) == 256


@pytest.mark.parametrize("agreed", [FAST, SLOW])
def test_no_burst_on_a_shaky_line_outlasts_t2(agreed: Agreement) -> None:
    """After trouble a burst is as long as a receiver waits that has lost the carrier, no longer."""
    frames = BurstLength().most(agreed, shaky=True)

    assert 0.8 * SHAKY < frames * 266 * 8 / agreed.modulation.bit_rate <= SHAKY


def test_a_burst_that_was_cut_off_is_followed_by_a_shorter_one() -> None:
    """What hits a burst at its beginning is not met at the same place by the next, once."""
    length = BurstLength()
    length.learn(range(40), set(range(2, 40)))

    assert length.most(FAST, shaky=True) == 20

    length.learn(range(20), {19})

    assert length.most(FAST, shaky=True) > 20


def test_all_that_is_asked_for_of_a_short_burst_is_sent_again() -> None:
    """A far end that asks for every frame of a small block gets every one (T.30 A.4.3)."""
    length = BurstLength()
    length.learn(TEN, set(TEN))

    assert length.most(FAST, shaky=True) >= len(TEN)


def test_frames_lost_in_the_middle_shorten_nothing() -> None:
    """Noise costs frames here and there; a shorter burst would not have less of it."""
    length = BurstLength()
    length.learn(TEN, {1, 3, 5, 7, 9})

    assert length.most(FAST, shaky=False) == 256


@pytest.mark.parametrize(
    ("missing", "blamed"),
    [([{5, 6, 7, 8, 9}], False), ([{1, 4, 6}], True), ([set(TEN)], True), ([set(TEN), {9}], False)],
    ids=["cut off", "holes", "nothing arrives", "all, then one"],
)
def test_the_rate_is_blamed_for_what_it_does(missing: Sequence[set[int]], blamed: bool) -> None:
    """A lower rate helps against frames lost here and there, not against a line that drops out."""
    length = BurstLength()
    for lost in missing:
        length.learn(TEN, lost)

    assert length.judged() is blamed
