"""What worked at a number, so that the next call begins there instead of failing its way down.

A terminal that fell to 9600 bit/s last time probably will again: each rate that fails its training
costs six seconds. Only a fall counts: a call that went at the first rate it tried says what a modem
or the far end can do, which each call finds out anew, and another modem may do more. A far end that
left while V.17 was being trained is called without V.17; one that broke off under error correction
gets shorter blocks, and after the second time without a page no more ECM. Everything is forgotten
after a while, for lines get better too.

No section of T.30 asks for this. Not here: keeping it over a restart, which is the `Notebook`'s
part; the one that is built in does not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from modems.session import DF, EC, Hangup
from modems.t30.dis import Capabilities
from modems.t30.line import Modulation
from modems.t30.negotiate import FALL_BACK
from modems.terminal import CallReport

EXPIRY: Final = 7 * 86400.0  # s; a week
CAPACITY: Final = 10_000  # numbers; the one not called for longest goes first
ECM_FAILURES: Final = 2  # calls in a row that broke off under error correction, without a page

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

    def after(
        self, report: CallReport, reached: Modulation, began: Modulation | None = None
    ) -> Experience:
        """What a call has added; `began` and `reached` are the first and last carriers it tried."""
        corrected = report.parameters is not None and report.parameters.ec is not EC.OFF
        broke_off = corrected and report.status in _AFTER_TRAINING
        if any(page.verdict.confirmed for page in report.pages):
            modulation = self.modulation if reached is began else reached
            return Experience(modulation, ecm_failures=int(broke_off))
        if report.status in _WHILE_TRAINING and reached.v17:
            return replace(self, modulation=Modulation.V29_9600)
        if broke_off:
            return replace(self, ecm_failures=self.ecm_failures + 1)
        return self


@dataclass(frozen=True, slots=True)
class Note:
    """Experience, and when it was made, in seconds of the memory's clock."""

    at: float
    experience: Experience


class Notebook(Protocol):
    """Where notes are kept, by number. A note that cannot be read or written is no fault."""

    async def read(self, number: str) -> Note | None:
        """The last note of a number."""
        ...

    async def write(self, number: str, note: Note) -> None:
        """Keep a note in place of an earlier one; it may be thrown away after `EXPIRY`."""
        ...


class Memory:
    """Experience by number. `clock` gives seconds: the epoch's, where notes outlive the process."""

    def __init__(self, clock: Callable[[], float], notebook: Notebook | None = None) -> None:
        self._clock = clock
        self._notes = notebook or _Forgetful()

    async def recall(self, number: str) -> Experience:
        """What is known of a number; nothing special when that is nothing, or long ago."""
        note = await self._fresh(number)
        return note.experience if note else Experience()

    async def learn(
        self,
        number: str,
        report: CallReport,
        reached: Modulation | None,
        began: Modulation | None = None,
    ) -> None:
        """Take in how a call went; one that never got as far as a DCS teaches nothing."""
        if reached is None:
            return
        now = self._clock()
        note = await self._fresh(number) or Note(now, Experience())
        experience = note.experience.after(report, reached, began)
        if experience != note.experience:  # a limit that holds grows old: faster rates get a try
            await self._notes.write(number, Note(now, experience))

    async def _fresh(self, number: str) -> Note | None:
        note = await self._notes.read(number)
        return note if note and 0 <= self._clock() - note.at < EXPIRY else None


class _Forgetful:
    """A notebook that lasts as long as the process."""

    def __init__(self) -> None:
        self._notes: OrderedDict[str, Note] = OrderedDict()

    async def read(self, number: str) -> Note | None:
        if number in self._notes:
            self._notes.move_to_end(number)
        return self._notes.get(number)

    async def write(self, number: str, note: Note) -> None:
        self._notes[number] = note
        self._notes.move_to_end(number)
        if len(self._notes) > CAPACITY:
            self._notes.popitem(last=False)
