"""What worked at a number, so that the next call begins there instead of failing its way down.

A terminal that fell to 9600 bit/s last time probably will again: each rate that fails its training
costs six seconds. A far end that left while V.17 was being trained is called without V.17; one that
broke off under error correction gets shorter blocks, and after the second time no more ECM.
Everything is forgotten after a while, for lines get better too.

No section of T.30 asks for this. Not here: keeping it over a restart.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from modems.session import DF, EC, Hangup
from modems.t30.dis import Capabilities
from modems.t30.line import Modulation
from modems.t30.negotiate import FALL_BACK
from modems.terminal import CallReport

EXPIRY: Final = 7 * 86400.0  # s; a week
CAPACITY: Final = 10_000  # numbers; the one not called for longest goes first
ECM_FAILURES: Final = 2  # calls in a row that broke off under error correction

_WHILE_TRAINING: Final = frozenset(
    (
        Hangup.PHASE_B_TRANSMIT,
        Hangup.RSPREC_INVALID_TRANSMIT,
        Hangup.DCS_NO_ANSWER,
        Hangup.DIS_AFTER_DCS,
        Hangup.TRAINING_FAILED,
    )
)
_AFTER_TRAINING: Final = frozenset(
    (
        *(Hangup.PHASE_C_TRANSMIT, Hangup.PHASE_D_TRANSMIT, Hangup.CANNOT_CONTINUE),
        *(Hangup.MPS_NO_ANSWER, Hangup.EOM_NO_ANSWER, Hangup.EOP_NO_ANSWER),
        *(Hangup.MPS_INVALID_ANSWER, Hangup.EOM_INVALID_ANSWER, Hangup.EOP_INVALID_ANSWER),
    )
)


@dataclass(frozen=True, slots=True)
class Experience:
    """Where to begin at a number."""

    modulation: Modulation = FALL_BACK[0]
    ecm_failures: int = 0

    def limit(self, can: Capabilities) -> Capabilities:
        """Our capabilities, kept to what this number can be expected to stand."""
        rungs = FALL_BACK[FALL_BACK.index(self.modulation) :]
        can = replace(can, modulations=can.modulations & set(rungs) or can.modulations)
        if self.ecm_failures < ECM_FAILURES:
            return can
        return replace(can, ec=EC.OFF, codings=can.codings - {DF.MMR})

    def after(self, report: CallReport, reached: Modulation) -> Experience:
        """What a call has added; `reached` is the last carrier that it tried."""
        if any(page.verdict.confirmed for page in report.pages):
            return Experience(reached)
        if report.status in _WHILE_TRAINING and reached.name.startswith("V17"):
            return replace(self, modulation=Modulation.V29_9600)
        corrected = report.parameters is not None and report.parameters.ec is not EC.OFF
        if report.status in _AFTER_TRAINING and corrected:
            return replace(self, ecm_failures=self.ecm_failures + 1)
        return self


class Memory:
    """Experience by number. `clock` gives seconds, on any clock that does not stop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Experience]] = OrderedDict()

    def recall(self, number: str) -> Experience:
        """What is known of a number; nothing special when that is nothing, or long ago."""
        at, experience = self._known.get(number, (self._clock(), Experience()))
        return experience if self._clock() - at < EXPIRY else Experience()

    def learn(self, number: str, report: CallReport, reached: Modulation | None) -> None:
        """Take in how a call went; one that never got as far as a DCS teaches nothing."""
        if reached is None:
            return
        before = self.recall(number)
        experience = before.after(report, reached)
        at, _ = self._known.get(number, (self._clock(), before))
        if experience != before or before == Experience():
            at = self._clock()  # a limit that holds grows old, so that a faster rate gets its try
        self._known[number] = (at, experience)
        self._known.move_to_end(number)
        if len(self._known) > CAPACITY:
            self._known.popitem(last=False)
