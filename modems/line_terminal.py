"""A fax terminal made of a dialler, its line and the T.30 engine.

Whatever the network or the far end does ends in a `CallReport`; the line is hung up whatever
happens, also when the call is cancelled. Only `DialFailed` and the line's own errors become
reports: an error of the page source or sink is a fault of ours and passes through.

Not here: T.30 (`modems.t30`), and which line takes which call (`modems.pool`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from modems.dialler import DialFailed, Dialler, IncomingCall
from modems.session import Dialled, Hangup
from modems.t30.call import Call
from modems.t30.dis import Capabilities
from modems.t30.line import Line, LineError
from modems.t30.memory import Memory
from modems.t30.quality import CopyQuality
from modems.t30.receive import Receiver
from modems.t30.send import Sender
from modems.t30.trace import Trace
from modems.terminal import (
    CallReport,
    Identity,
    Observer,
    Offer,
    PageForm,
    PageQuality,
    PageReport,
    PageSink,
    PageSource,
    PageWriter,
)

# Seconds of real time.
HANG_UP_LIMIT: Final = 30.0  # a driver that takes longer is left to itself
STORE_LIMIT: Final = 30.0  # a page that takes longer to store cannot be kept: the caller is gone

Procedure = Callable[[], Awaitable[str]]

_NOT_CONNECTED: Final = {
    Dialled.BUSY: (Hangup.PHASE_A, "The number is busy."),
    Dialled.NO_ANSWER: (Hangup.RINGBACK_NO_ANSWER, "Nobody answered the call."),
    Dialled.NO_DIALTONE: (Hangup.NO_LOOP_CURRENT, "Our telephone line gives no dial tone."),
    Dialled.NO_CARRIER: (Hangup.ANSWER_NO_CED, "The call was answered, but not by a fax machine."),
    Dialled.VOICE: (Hangup.ANSWER_NO_CED, "A person or a voice answered, not a fax machine."),
    Dialled.NOT_IN_SERVICE: (Hangup.PHASE_A, "The number is not in service."),
    Dialled.REFUSED: (Hangup.PHASE_A, "The telephone network refused the call."),
    Dialled.LINE_FAULT: (Hangup.NO_LOOP_CURRENT, "Our own telephone line does not work."),
}
_STILL_UP: Final = "Our own line may still be off-hook: its modem did not say that it had hung up."
_CALLER_GONE: Final = (Hangup.RING_NO_HANDSHAKE, "The caller hung up before we answered.")


class LineTerminal:
    """`modems.terminal.Terminal` over any dialler.

    `clock` gives the seconds in which dialling is timed: the line's own where that is not life's.
    `memory` may be shared by all terminals that call the same numbers.
    """

    def __init__(
        self,
        dialler: Dialler,
        capabilities: Capabilities | None = None,
        *,
        quality: CopyQuality | None = None,
        memory: Memory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dialler = dialler
        self._capabilities = capabilities or Capabilities()
        self._quality = quality or CopyQuality()
        self._memory = memory or Memory(clock)
        self._clock = clock

    async def send(
        self, number: str, source: PageSource, identity: Identity, observer: Observer | None = None
    ) -> CallReport:
        """Call `number` and send every page of `source`, which has at least one."""
        if not source.shapes:
            raise ValueError("there is no page to send")

        def procedure(call: Call) -> Procedure:
            return Sender(call, source).procedure

        return await self._call(number, identity, observer, procedure, sending=True)

    async def poll(
        self, number: str, sink: PageSink, identity: Identity, observer: Observer | None = None
    ) -> CallReport:
        """Call `number` and fetch the document that it offers into `sink`."""
        patient = _Patient(sink)

        def procedure(call: Call) -> Procedure:
            return Receiver(call, patient, self._quality).procedure

        with contextlib.closing(patient):
            return await self._call(number, identity, observer, procedure, sending=False)

    async def _call(
        self,
        number: str,
        identity: Identity,
        observer: Observer | None,
        procedure: Callable[[Call], Procedure],
        *,
        sending: bool,
    ) -> CallReport:
        """Dial, carry out a procedure over the line, and hang up."""
        began = self._clock()
        trace = Trace(lambda: self._clock() - began, observer)
        trace.note(f"dialling {number}")
        try:
            line = await self._dialler.dial(number)
        except (DialFailed, LineError) as failure:
            dialled = getattr(failure, "dialled", Dialled.LINE_FAULT)
            report = _not_connected(dialled, failure, trace, _NOT_CONNECTED[dialled])
        else:
            rang = self._clock() - began
            trace.note("connected")
            experience = await self._memory.recall(number)
            able = _on(line, self._capabilities, sending=sending)
            can = experience.limit(able)
            if can != able:
                trace.note("beginning with what worked at this number before")
            call = Call(line, trace, can, identity, calling=True, sending=sending)
            call.careful = experience.ecm_failures > 0
            report = await _carry_out(call, procedure(call))
            report = replace(report, ringing=round(rang, 3))
            await self._memory.learn(number, report, call.modulation, call.began_at)
        return replace(report, number=number, seconds=round(self._clock() - began, 3))

    async def wait_for_call(self) -> IncomingCall:
        """Wait until the line rings."""
        return await self._dialler.wait_for_call()

    async def receive(
        self,
        call: IncomingCall,
        sink: PageSink,
        identity: Identity,
        observer: Observer | None = None,
        offer: Offer | None = None,
    ) -> CallReport:
        """Answer `call`: its pages go to `sink`, and a caller that polls gets what is on offer."""
        began = self._clock()
        trace = Trace(lambda: self._clock() - began, observer)
        trace.note(f"call from {call.caller or 'an unknown number'}")
        try:
            line = await self._dialler.answer(call)
        except (DialFailed, LineError) as failure:
            dialled = getattr(failure, "dialled", Dialled.NO_CARRIER)
            ours = dialled is Dialled.LINE_FAULT
            why = _NOT_CONNECTED[dialled] if ours else _CALLER_GONE
            report = _not_connected(dialled, failure, trace, why)
        else:
            trace.note("answered")
            able = _on(line, self._capabilities, sending=False)
            t30 = Call(line, trace, able, identity, calling=False, sending=False)
            with contextlib.closing(_Patient(sink)) as patient:
                receiver = Receiver(t30, patient, self._quality, offer)
                report = await _carry_out(t30, receiver.procedure)
        return replace(report, number=call.caller, seconds=round(self._clock() - began, 3))


def _on(line: Line, can: Capabilities, *, sending: bool) -> Capabilities:
    """What of our capabilities the line has carriers for, where it knows: a modem may have few."""
    carriers = getattr(line, "sends" if sending else "hears", None)
    return can if carriers is None else can.on(carriers)


async def _carry_out(call: Call, procedure: Procedure) -> CallReport:
    try:
        report = await call.carry_out(procedure)
    except BaseException:
        await _hung_up(call.line)
        raise
    if await _hung_up(call.line):
        return report
    call.trace.note(_STILL_UP)
    return replace(report, out_of_order=_STILL_UP, trace=call.trace.entries)


class _Patient:
    """A sink whose commits can be waited for in pieces, and end in time, if with False."""

    def __init__(self, sink: PageSink) -> None:
        self._sink = sink
        self._writer: _PatientWriter | None = None  # the last: no earlier page is being stored

    def begin(self, form: PageForm) -> _PatientWriter:
        self._writer = _PatientWriter(self._sink.begin(form))
        return self._writer

    def close(self) -> None:
        """Leave no commit running behind a call that was cancelled."""
        if self._writer is not None:
            self._writer.close()


class _PatientWriter:
    def __init__(self, writer: PageWriter) -> None:
        self._writer = writer
        self._task: asyncio.Task[bool] | None = None
        self.feed = writer.feed

    @property
    def quality(self) -> PageQuality:
        return self._writer.quality

    async def commit(self, report: PageReport) -> bool:
        try:
            async with asyncio.timeout(STORE_LIMIT):
                return await self._writer.commit(report)
        except TimeoutError:
            return False

    async def commit_within(self, report: PageReport, seconds: float) -> bool | None:
        task = self._task = self._task or asyncio.create_task(self.commit(report))
        await asyncio.wait({task}, timeout=seconds)
        return task.result() if task.done() else None

    def close(self) -> None:
        """Cancel a commit that goes on; one that has ended does not mind."""
        if self._task is not None:
            self._task.cancel()


def _not_connected(
    dialled: Dialled, failure: Exception, trace: Trace, why: tuple[Hangup, str]
) -> CallReport:
    """The report of a call that never became one."""
    detail = str(failure) or type(failure).__name__
    trace.note(detail)
    status, cause = why
    out_of_order = detail if dialled is Dialled.LINE_FAULT else ""
    return CallReport(
        status,
        getattr(failure, "cause", "") or cause,
        dialled=dialled,
        trace=trace.entries,
        out_of_order=out_of_order,
    )


async def _hung_up(line: Line) -> bool:
    """Hang up, within bounds; whether the call is known to be over."""
    try:
        async with asyncio.timeout(HANG_UP_LIMIT):
            return await line.hang_up() is not False
    except TimeoutError:
        return False
