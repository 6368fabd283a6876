"""One call in hand: what the procedures share, and the report that it ends in.

`Call.carry_out` runs a procedure and turns every end of it into a `CallReport`: the normal one,
a `Disconnect` of ours, and a call that breaks off in whatever phase. Errors of the page source or
sink are the caller's own and pass through.

T.30 3.4 and figure 1 (phases), 5.3.6.1.8 (DCN).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from modems.session import Hangup, SessionParameters
from modems.t30 import timers
from modems.t30.causes import SENTENCES, Disconnect, Phase
from modems.t30.dis import Capabilities
from modems.t30.exchange import Exchange, Signal
from modems.t30.fcf import FCF
from modems.t30.frames import Message, text
from modems.t30.line import Line, LineError, Modulation
from modems.t30.nsf import machine
from modems.t30.trace import Trace
from modems.terminal import CallReport, Identity, PageReport


@dataclass(slots=True)
class Call:
    """What is known of a call so far."""

    line: Line
    trace: Trace
    capabilities: Capabilities
    identity: Identity
    calling: bool  # we placed the call, so our FCFs carry X = 1
    sending: bool
    exchange: Exchange = field(init=False)
    careful: bool = False  # the last call to this number broke off
    phase: Phase = Phase.A
    page: int = 1  # the page in hand
    remote_identity: str = ""
    remote_machine: str = ""
    subaddress: str = ""
    parameters: SessionParameters | None = None
    modulation: Modulation | None = None  # the last that we tried as transmitter
    began_at: Modulation | None = None  # the first
    reports: dict[tuple[bool, int], PageReport] = field(default_factory=dict)
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.line, self.trace, x=self.calling)
        self.started = self.line.now()

    async def carry_out(self, procedure: Callable[[], Awaitable[str]]) -> CallReport:
        """Run `procedure`, which gives the sentence of a call that went well, to its report."""
        try:
            return self._report(Hangup.NORMAL, await procedure())
        except Disconnect as end:
            if end.dcn:
                await self.disconnect()
            return self._report(end.status, end.cause)
        except LineError:
            status = self.phase.cut_off(sending=self.sending)
            return self._report(status, SENTENCES[status])

    async def disconnect(self) -> None:
        """Phase E: tell the far end that this is all; nothing answers DCN.

        A modem says that a frame is sent when its last bit has left the buffer, not the line: who
        hangs up at once may cut off his own DCN, and the far end waits T2 for nothing.
        """
        try:
            await self.exchange.answer(Message(FCF.DCN))
        except LineError:
            self.trace.note("the far end was gone before our DCN")
            return
        with suppress(LineError):  # it has heard enough
            await self.line.pause(timers.TURN)

    def met(self, signal: Signal, number: FCF, facilities: FCF) -> None:
        """Note whom a DIS, DTC or DCS comes from, where the frames with it tell."""
        self.remote_identity = text(signal.fif_of(number)) or self.remote_identity
        self.remote_machine = machine(signal.fif_of(facilities)) or self.remote_machine

    @property
    def shaky(self) -> bool:
        """Whether this line has shown trouble, now or in the last call."""
        return self.careful or self.exchange.troubled

    @property
    def pages(self) -> tuple[PageReport, ...]:
        """What became of each page so far: those that came in, then those that went out."""
        return tuple(self.reports[key] for key in sorted(self.reports))

    def file(self, report: PageReport) -> None:
        """What became of a page, in place of what was thought of it before."""
        self.reports[self.sending, report.number] = report

    def check_length(self) -> None:
        """End a call that has lasted longer than any call may."""
        if self.line.now() - self.started > timers.CALL_LIMIT:
            raise Disconnect(Hangup.ABORTED, "The call lasted longer than six hours.")

    def _report(self, status: Hangup, cause: str) -> CallReport:
        cause = cause.format(page=self.page)
        self.trace.note(f"{status.name}: {cause}")
        return CallReport(
            status=status,
            cause=cause,
            remote_identity=self.remote_identity,
            remote_machine=self.remote_machine,
            subaddress=self.subaddress,
            parameters=self.parameters,
            pages=self.pages,
            seconds=round(self.line.now() - self.started, 3),
            trace=self.trace.entries,
        )
