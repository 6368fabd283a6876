"""What a call teaches about a number, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from modems.session import DF, EC, VR, Hangup, SessionParameters
from modems.t30 import memory as remembering
from modems.t30.dis import CORRECTING, Capabilities
from modems.t30.line import Modulation
from modems.t30.memory import EXPIRY, Experience, Memory
from modems.t30.negotiate import ladder
from modems.terminal import CallReport, PageForm, PageReport, PageVerdict
from tests.modems.t30.scripted import finish

FORM = PageForm(1728, VR.R8_FINE, DF.MMR)
PAGE = PageReport(1, FORM, 9600, 900, 3.0, PageVerdict.MCF)
GOOD = CallReport(Hangup.NORMAL, "", pages=(PAGE,))
LOST = CallReport(Hangup.EOP_NO_ANSWER, "", parameters=SessionParameters(df=DF.MMR, ec=EC.ECM_256))
NUMBER = "+48221234567"


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def _first_rung(memory: Memory) -> Modulation:
    return ladder(finish(memory.recall(NUMBER)).limit(CORRECTING), CORRECTING)[0]


def test_a_new_number_is_called_with_everything() -> None:
    """Nothing known means nothing held back."""
    assert finish(Memory(Clock()).recall(NUMBER)).limit(CORRECTING) == CORRECTING


def test_the_next_call_begins_where_the_last_ended() -> None:
    """A rate that was reached by falling back is the first rung of the next call."""
    memory = Memory(Clock())

    finish(memory.learn(NUMBER, GOOD, Modulation.V17_9600))

    assert _first_rung(memory) is Modulation.V17_9600
    assert finish(memory.recall("+1")).limit(CORRECTING) == CORRECTING


@pytest.mark.parametrize("status", [Hangup.DCS_NO_ANSWER, Hangup.RSPREC_INVALID_TRANSMIT])
def test_who_leaves_while_v17_is_trained_is_called_without_it(status: Hangup) -> None:
    """A machine with a broken V.17 gets V.29 the next time, and V.29 teaches nothing more."""
    memory = Memory(Clock())

    finish(memory.learn(NUMBER, CallReport(status, ""), Modulation.V17_12000))
    assert _first_rung(memory) is Modulation.V29_9600

    finish(memory.learn(NUMBER, CallReport(status, ""), Modulation.V29_9600))
    assert _first_rung(memory) is Modulation.V29_9600


def test_two_calls_that_break_off_end_error_correction() -> None:
    """The second call in a row that is lost under ECM makes the third one plain."""
    memory = Memory(Clock())
    for _ in range(2):
        assert finish(memory.recall(NUMBER)).limit(CORRECTING).ec is EC.ECM_256
        finish(memory.learn(NUMBER, LOST, Modulation.V17_14400))

    plain = finish(memory.recall(NUMBER)).limit(CORRECTING)
    assert (plain.ec, plain.codings) == (EC.OFF, frozenset({DF.MH, DF.MR}))


def test_a_call_that_breaks_off_after_a_page_is_followed_by_shorter_blocks_only() -> None:
    """However often: a line that carries pages under ECM is a line for ECM."""
    memory = Memory(Clock())
    for _ in range(3):
        finish(memory.learn(NUMBER, replace(LOST, pages=(PAGE,)), Modulation.V17_14400))
        experience = finish(memory.recall(NUMBER))
        assert experience.ecm_failures == 1
        assert experience.limit(CORRECTING).ec is EC.ECM_256


def test_a_good_call_clears_the_failures_before_it() -> None:
    """Only failures in a row count."""
    memory = Memory(Clock())
    for report in (LOST, GOOD, LOST):
        finish(memory.learn(NUMBER, report, Modulation.V17_14400))

    assert finish(memory.recall(NUMBER)) == Experience(ecm_failures=1)


def test_the_limit_of_one_modem_binds_no_other() -> None:
    """A call that went at the first rate it tried neither lowers the next one nor raises it."""
    memory = Memory(Clock())

    finish(memory.learn(NUMBER, GOOD, Modulation.V29_9600, Modulation.V29_9600))
    assert _first_rung(memory) is Modulation.V17_14400

    finish(memory.learn(NUMBER, GOOD, Modulation.V17_12000, Modulation.V17_14400))
    finish(memory.learn(NUMBER, GOOD, Modulation.V27TER_4800, Modulation.V27TER_4800))
    assert _first_rung(memory) is Modulation.V17_12000


def test_a_busy_number_teaches_nothing() -> None:
    """A call that got no DCS out, and one that failed for other reasons, change nothing."""
    memory = Memory(Clock())

    finish(memory.learn(NUMBER, CallReport(Hangup.NO_ANSWER_T1, ""), None))
    finish(memory.learn(NUMBER, CallReport(Hangup.ABORTED, ""), Modulation.V17_14400))

    assert finish(memory.recall(NUMBER)) == Experience()


def test_what_is_old_is_forgotten() -> None:
    """A limit holds for a week from when it was found, however often the number is called."""
    clock = Clock()
    memory = Memory(clock)
    finish(memory.learn(NUMBER, GOOD, Modulation.V29_7200))
    clock.seconds = EXPIRY - 1
    finish(memory.learn(NUMBER, GOOD, Modulation.V29_7200))
    assert _first_rung(memory) is Modulation.V29_7200

    clock.seconds = EXPIRY + 1
    assert finish(memory.recall(NUMBER)) == Experience()

    finish(memory.learn(NUMBER, GOOD, Modulation.V29_9600))
    clock.seconds = 2 * EXPIRY
    assert _first_rung(memory) is Modulation.V29_9600


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the capacity the number not called for longest is forgotten."""
    monkeypatch.setattr(remembering, "CAPACITY", 2)
    memory = Memory(Clock())
    for number in ("1", "2", "1", "3"):
        finish(memory.learn(number, GOOD, Modulation.V29_7200))

    assert [finish(memory.recall(n)).modulation.bit_rate for n in ("1", "2", "3")] == [
        7200,
        14400,
        7200,
    ]


def test_a_limit_leaves_something() -> None:
    """A terminal that has none of the rungs that are left keeps what it has."""
    fast = Capabilities(modulations=frozenset({Modulation.V17_14400}))

    assert Experience(Modulation.V27TER_2400).limit(fast) == fast
