"""A call through a Class 1 modem as T.30 sees it: the verbs of `modems.t30.line.Line` over T.31.

V.21 frames are the modem's (it makes flags and FCS), frames on the fast carriers are made here
(`modems.hdlc`). The silences of T.30 are left to the modem where it can count them: it knows when
its own carrier has really gone, and hears whether the far end's has.

T.31 8.3, TIA-578 annex B. Not here: the commands' ends and aborts (`actions`).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Final

from modems.class1.actions import CARRIER_ON, HELD, RESULT, Actions, Mode
from modems.class1.ear import Ear
from modems.class1.tcf import LONGEST as LONGEST_TCF
from modems.class1.tcf import TrainingJudge
from modems.hdlc import framed
from modems.results import Result
from modems.serial_modem import SerialModem
from modems.t30.line import (
    CallDropped,
    Frame,
    LineError,
    Modulation,
    NoCarrier,
    WrongCarrier,
)

# Seconds on the line.
TCF: Final = 1.5
FAST_PREAMBLE: Final = 0.2  # flags before frames on a fast carrier (T.30 A.3)
CLOSING: Final = 0.02  # flags after them, so that the last frame leaves the modem
TRAINING: Final = 2.0  # the longest training, with room

# Seconds of real time.
LONGEST_TALK: Final = 60.0  # who has not been silent by then never will be
LONGEST_COUNT: Final = 2.5  # +FTS and +FRS count to 2.55 s
SHORTEST_COUNT: Final = 0.01
GOING: Final = 0.05  # flags after a final frame: a modem that cannot hear silence counts from it
PATIENCE: Final = 1.0  # beyond a silence that was asked for

CHUNK: Final = 1024  # octets of a page per write


_LONG: Final = frozenset(m for m in Modulation if m is m.long and m is not Modulation.V21)
_V17: Final = frozenset(m for m in _LONG if m.v17)
_EVERYBODYS: Final = frozenset((Modulation.V27TER_2400, Modulation.V27TER_4800))


def _listed(numbers: Sequence[int]) -> frozenset[Modulation]:
    """The carriers of a list; all of them where it lacks what every fax modem has."""
    found = frozenset(m for m in _LONG if {m.value, m.short.value} <= set(numbers))
    return found if found >= _EVERYBODYS else _LONG


class Last(Enum):
    """What the line carried last."""

    OURS = "we sent, or nobody"
    THEIRS = "we heard"


class Class1Line:
    """One end of a call; `actions` is what ATD or ATA has left behind."""

    def __init__(self, modem: SerialModem, actions: Actions) -> None:
        self._modem = modem
        self._actions = actions
        self._closed = False
        self._last = Last.OURS
        self._ear = Ear(actions)
        self._counts_silence = modem.identity.quirks.waits_for_silence  # +FRS works

    @property
    def sends(self) -> frozenset[Modulation]:
        """The fast carriers that the modem says it sends; all where it says nothing of use."""
        return _listed(self._modem.carriers.get("sends", []))

    @property
    def hears(self) -> frozenset[Modulation]:
        """The same of what it hears. DIS offers V.17 as a whole, for which its fastest stands."""
        listed = _listed(self._modem.carriers.get("hears", []))
        return listed | _V17 if Modulation.V17_14400 in listed else listed

    def now(self) -> float:
        """Seconds of the event loop's clock."""
        return self._actions.now()

    # Silence -----------------------------------------------------------------------------------

    async def pause(self, seconds: float) -> None:
        """Be silent for so long, counted from when our carrier, or theirs, has gone."""
        self._check()
        theirs = self._last is Last.THEIRS
        hears = theirs and self._counts_silence and seconds <= LONGEST_COUNT
        if not hears or not await self._silence("FRS", seconds, PATIENCE):
            seconds += GOING * theirs
            while seconds >= SHORTEST_COUNT:
                part = min(seconds, LONGEST_COUNT)
                if not await self._silence("FTS", part, CARRIER_ON):
                    raise CallDropped
                seconds -= part
        self._last = Last.OURS

    async def wait_for_silence(self, seconds: float) -> None:
        """Wait until the far end has been silent for so long, at most a minute."""
        self._check()
        part = min(seconds, LONGEST_COUNT)
        if not self._counts_silence or not await self._silence("FRS", part, LONGEST_TALK):
            await self._hear_out(seconds)
        self._last = Last.OURS

    async def _silence(self, action: str, seconds: float, patience: float) -> bool:
        """+FTS or +FRS; a modem that does not come back in time has heard no silence.

        False for a modem that cannot: +FRS is then left alone for the rest of the call.
        """
        result = await self._actions.start(f"{action}={int(seconds * 100)}", seconds + patience)
        if action == "FRS" and result is Result.ERROR:
            self._counts_silence = False
            return False
        if result not in {Result.OK, None}:
            raise CallDropped
        return True

    async def _hear_out(self, seconds: float) -> None:
        """Silence without +FRS: no V.21 for so long."""
        until = self.now() + LONGEST_TALK
        with contextlib.suppress(NoCarrier, WrongCarrier):
            while self.now() < until:
                await self.receive_frames(timeout=seconds)

    # Sending -----------------------------------------------------------------------------------

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        """Send frames in one burst: preamble, frames with flags between, carrier off."""
        self._check()
        if on is not Modulation.V21:
            flags = on.bit_rate / 8
            burst = framed(
                frames, preamble=int(FAST_PREAMBLE * flags), closing=1 + int(CLOSING * flags)
            )
            await self._send_fast(on, burst)
            return
        if not self._actions.take_implied(Mode.SENDING):
            await self._carrier("FTH=3")
        for frame in frames:
            await self._actions.send(frame.octets)
            result = await self._actions.end(CARRIER_ON + len(frame.octets) * 10 / on.bit_rate)
            if result not in {Result.CONNECT, Result.OK}:
                raise CallDropped
        await self._actions.rest()  # a last frame that was not marked final
        self._last = Last.OURS

    async def send_training(self, on: Modulation) -> None:
        """Training and TCF."""
        self._check()
        await self._send_fast(on, [bytes(int(TCF * on.bit_rate / 8))])

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        """Training, one coded page as it is, carrier off."""
        self._check()
        zeros = bytes(self._modem.identity.quirks.closing_zeros)
        chunks = [coded[at : at + CHUNK] for at in range(0, len(coded), CHUNK)]
        await self._send_fast(on, [*chunks, zeros])

    async def _send_fast(self, on: Modulation, chunks: Iterable[bytes]) -> None:
        await self._carrier(f"FTM={on.value}")
        began, written = self.now(), 0
        for chunk in chunks:
            await self._actions.send(chunk)
            written += len(chunk)
        # How much is held is unknown: a modem may take a whole page before it sends the first bit.
        left = written * 8 / on.bit_rate - (self.now() - began)
        held = max(left, min(written, HELD) * 8 / on.bit_rate)
        if await self._actions.end(TRAINING + held + RESULT) is not Result.OK:
            raise CallDropped
        self._last = Last.OURS

    async def _carrier(self, action: str) -> None:
        """Our carrier on."""
        if await self._actions.start(action, CARRIER_ON) is not Result.CONNECT:
            raise CallDropped

    # Hearing -----------------------------------------------------------------------------------

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        """The frames of one burst that begins within `timeout` seconds."""
        with self._heard():
            if on is Modulation.V21:
                return await self._ear.frames(timeout)
            return await self._ear.fast_frames(on.value, timeout)

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        """Whether the TCF that begins within `timeout` seconds was good."""
        judge = TrainingJudge(on.bit_rate)
        with self._heard():
            await self._ear.listen(f"FRM={on.value}", timeout)
            until = self.now() + LONGEST_TCF
            async for chunk in self._ear.stream(lambda: until - self.now()):
                judge.feed(chunk)
        return judge.good

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        """The octets of one page as they arrive, until the carrier ends."""
        with self._heard():
            await self._ear.listen(f"FRM={on.value}", timeout)
            async for chunk in self._ear.stream():
                yield chunk

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Around each verb that listens: the far end was the last to speak, if it did."""
        self._check()
        self._last = Last.THEIRS
        try:
            yield
        except NoCarrier:
            self._last = Last.OURS
            raise

    # The end -----------------------------------------------------------------------------------

    async def hang_up(self) -> bool:
        """On-hook, by whatever it takes; whether the call is known to be over."""
        if self._closed:
            return self._modem.hung_up
        self._closed = True
        with contextlib.suppress(LineError):
            await self._actions.rest()
        return await self._modem.hang_up()

    def _check(self) -> None:
        if self._closed:
            raise CallDropped
