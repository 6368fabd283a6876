"""The two subroutines of T.30's flow charts, "response received?" and "command received?".

Only here is a command repeated (three times, T4 apart), an echo of ourselves ignored, a damaged
burst waited out, a CRP obeyed and a TNR waited for. We never send CRP: the far end repeats after T4
anyway, and many machines answer CRP badly. Every wait ends: silence by its time-out, chatter after
`BURSTS` bursts.

What an answer means is for the procedures; how bursts get on the line is the line's.

T.30 5.4, figures 5-2 (the two boxes), appendix I.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from typing import Final

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.causes import Disconnect
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build, parse
from modems.t30.line import Frame, Line, NoCarrier, WrongCarrier
from modems.t30.rhythm import Rhythm
from modems.t30.trace import Trace

# May come before a DIS, DTC or DCS in a burst of its own; says nothing without it.
_OPTIONAL: Final = frozenset(
    (
        *(FCF.NSF, FCF.CSI, FCF.CSA, FCF.NSC, FCF.CIG, FCF.PWD, FCF.SEP, FCF.PSA, FCF.CIA),
        *(FCF.ISP, FCF.NSS, FCF.TSI, FCF.SUB, FCF.SID, FCF.TSA, FCF.IRA, FCF.FNV),
    )
)


_LATE: Final = 0.2  # s from the middle of a short frame to the end of its carrier


@dataclass(frozen=True, slots=True)
class Signal:
    """The frame that counts in a burst, and the optional ones before it, the newest first."""

    message: Message
    optional: tuple[Message, ...] = ()

    @property
    def fcf(self) -> FCF:
        """What it is."""
        return self.message.fcf

    @property
    def fif(self) -> bytes:
        """Its information field."""
        return self.message.fif

    @property
    def leaves(self) -> bool:
        """Whether the far end says with it, or instead of it, that it goes."""
        return FCF.DCN in {self.fcf, *(m.fcf for m in self.optional)}

    def fif_of(self, fcf: FCF) -> bytes:
        """The information field of an optional frame; empty when there was none."""
        return next((m.fif for m in self.optional if m.fcf is fcf), b"")


@dataclass(frozen=True, slots=True)
class Failure:
    """The statuses of a command that is not answered, and of one that is answered with DCN."""

    silent: Hangup
    invalid: Hangup


class BackInPhaseB(Exception):  # noqa: N818 - it unwinds the procedures, it is no fault
    """The far end has given the page up and begun anew, with the DIS or DTC `signal`."""

    def __init__(self, signal: Signal) -> None:
        super().__init__(signal)
        self.signal = signal


class Exchange:
    """One end of the V.21 dialogue. `x` is the first bit of our FCFs (see `fcf`)."""

    def __init__(self, line: Line, trace: Trace, *, x: bool) -> None:
        self.line = line
        self.trace = trace
        self.x = x
        self._last: list[Frame] = []
        self._turn = False
        self._said = self._damaged_at = 0.0  # a command of ours, and a burst of theirs, had ended
        self.troubled = False  # a command had to be repeated, or a training failed
        self.rhythm = Rhythm()

    async def send(self, *messages: Message) -> None:
        """Send one burst, after the silence that parts it from what was on the line before."""
        if self._turn:
            await self.line.pause(timers.TURN)
        self._turn = True
        self._last = build(messages, x=self.x)
        await self.line.send_frames(self._last)
        for message in messages:
            self.trace.sent(message)

    async def answer(self, message: Message, burst: float = 0.0) -> None:
        """Send a response or DCN, a little later where a drop-out is expected in what follows.

        `burst`: seconds of the frames that it asks for, before the next command.
        """
        begin = self.line.now() + timers.TURN
        delay = self.rhythm.delay(timers.ANSWER_LATER, begin, len(message.fif), burst)
        if delay:
            await self.line.pause(delay)
        await self.send(message)

    async def ask(
        self,
        say: Callable[[], Awaitable[None]],
        answers: Set[FCF],
        failure: Failure,
        within: float = timers.T4,
        *,
        after_page: bool = False,
    ) -> Signal:
        """Say a command until one of `answers` comes; three times, then the call ends."""
        for attempt in range(timers.TRIES):
            self.troubled = self.troubled or attempt > 0
            await say()
            self._said = self.line.now()
            signal = await self._response_received(answers, within)
            if signal is not None and (signal.fcf is FCF.DCN or (signal.leaves and not after_page)):
                raise Disconnect(failure.invalid, dcn=False)
            if signal is not None:
                return signal
            if after_page:
                self._lost()
        raise Disconnect(failure.silent)

    async def ask_after_page(
        self, say: Callable[[], Awaitable[None]], answers: Set[FCF], failure: Failure
    ) -> Signal:
        """The same in phases C and D. Raises BackInPhaseB where the far end is no longer there."""
        signal = await self.ask(say, answers | {FCF.DIS, FCF.DTC}, failure, after_page=True)
        if signal.fcf in {FCF.DIS, FCF.DTC}:
            self.rhythm.lost(self._said - _LATE, 0.35)
            raise BackInPhaseB(signal)
        return signal

    def _lost(self) -> None:
        """A command was not answered: itself was lost, or the answer, which may have been heard."""
        if self._damaged_at > self._said:
            self.rhythm.lost(self._damaged_at - 0.5, 0.6)
        else:
            self.rhythm.lost(self._said + 1.0, 1.3)

    async def _response_received(self, answers: Set[FCF], within: float) -> Signal | None:
        """The box "response received?": None where the command is to be repeated."""
        before: tuple[Message, ...] = ()
        for _ in range(timers.BURSTS):
            burst = await self._hear(within)
            signal = burst.pick(answers | {FCF.DCN}, before)
            if signal is not None:
                return signal
            before = (*burst.optional, *before)
            await self._wait_out(burst)
            if not burst.leaves_hope:
                return None
        return None

    async def command(self, commands: Set[FCF], timeout: float) -> Signal | None:
        """The box "command received?": one of `commands`, or DCN; None when nothing came.

        The far end repeats what it does not get answered, so whatever else is heard starts the
        time-out again, `BURSTS` times at most.
        """
        before: tuple[Message, ...] = ()
        for _ in range(timers.BURSTS):
            burst = await self._hear_when_ready(timeout)
            signal = burst.pick(commands | {FCF.DCN}, before)
            if signal is not None:
                return signal
            before = (*burst.optional, *before)
            if burst.silent:
                return None
            await self._wait_out(burst)
            if (burst.has(FCF.CRP) or burst.has(FCF.TR)) and self._last:
                await self._repeat()
        return None

    async def _hear_when_ready(self, timeout: float) -> _Burst:
        """One burst; while it is TNR, ask with TR whether the far end is ready, T5 at most."""
        burst = await self._hear(timeout)
        until = self.line.now() + timers.T5
        while burst.has(FCF.TNR) and self.line.now() < until:
            await self.send(Message(FCF.TR))
            burst = await self._hear(timers.T4)
        return burst

    async def _repeat(self) -> None:
        """Say our last burst again, because the far end asks for it."""
        await self.line.pause(timers.TURN)
        await self.line.send_frames(self._last)
        for message in filter(None, map(parse, self._last)):
            self.trace.sent(message)

    async def _hear(self, timeout: float) -> _Burst:
        """One burst, whatever it holds; a foreign carrier counts as a damaged one."""
        self._turn = True
        try:
            frames = await self.line.receive_frames(timeout=timeout)
        except NoCarrier:
            return _Burst(silent=True)
        except WrongCarrier:
            frames = [Frame(b"", ok=False)]
        burst = _Burst.of(frames, self._last)
        if burst.damaged:
            self._damaged_at = self.line.now()
        for message in burst.messages:
            self.trace.received(message)
        return burst

    async def _wait_out(self, burst: _Burst) -> None:
        """After damage, speak only into silence: the end of the burst may not be its end."""
        if burst.damaged:
            self.trace.note("a damaged burst was heard")
            await self.line.wait_for_silence(timers.AFTER_DAMAGE)


@dataclass(frozen=True, slots=True)
class _Burst:
    """What one burst of V.21 held, or that there was none."""

    messages: tuple[Message, ...] = ()
    damaged: bool = False
    echo: bool = False
    silent: bool = False

    @classmethod
    def of(cls, frames: list[Frame], own: list[Frame]) -> _Burst:
        """Sort the frames of a burst; `own` are those we sent last."""
        if frames and all(frame in own for frame in frames):
            return cls(echo=True)
        messages = tuple(m for m in map(parse, frames) if m is not None)
        return cls(messages, damaged=not all(frame.ok for frame in frames))

    @property
    def leaves_hope(self) -> bool:
        """Whether an answer may still follow: an echo of ourselves, or only optional frames."""
        only_optional = all(m.fcf in _OPTIONAL for m in self.messages) and not self.damaged
        return not self.silent and (self.echo or only_optional)

    def has(self, fcf: FCF) -> bool:
        """Whether this frame is in it."""
        return any(m.fcf is fcf for m in self.messages)

    @property
    def optional(self) -> tuple[Message, ...]:
        """Frames that belong to a DIS, DTC or DCS, be it in a burst after this one."""
        return tuple(m for m in self.messages if m.fcf in _OPTIONAL)

    def pick(self, wanted: Set[FCF], before: tuple[Message, ...] = ()) -> Signal | None:
        """The last frame of those wanted, with those around it and the optional ones `before`.

        A DCN beside it says only that the far end will not wait for what follows.
        """
        matching = [m for m in reversed(self.messages) if m.fcf in wanted]
        found = min(matching, key=lambda m: m.fcf is FCF.DCN, default=None)
        rest = tuple(m for m in self.messages if m is not found)
        return None if found is None else Signal(found, (*rest, *before))
