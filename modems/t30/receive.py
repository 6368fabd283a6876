"""Receive a document: the answering side of T.30's flow charts, one box to a function.

A page is confirmed only after its writer has committed it, and stored once however often the far
end asks again. When storing takes so long that the answer would meet the repeated command, the
answer waits for that command. What was received of a page before the call broke off is committed
too, with the verdict NONE.

Each box gives the command that the far end sent next, or None when the call has ended in order.

T.30 figures 5-2d to 5-2f, 5.3.6.1. Not here: who repeats a command (`exchange`), which page is good
enough (`quality`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, read_dcs, write_dis
from modems.t30.exchange import Signal
from modems.t30.fcf import FCF, POST_PAGE
from modems.t30.frames import Message, characters, text
from modems.t30.line import LineError, NoCarrier, WrongCarrier
from modems.t30.negotiate import form
from modems.t30.quality import CopyQuality
from modems.t30.trace import modulation_name
from modems.terminal import PageReport, PageSink, PageVerdict, PageWriter

REJECTIONS: Final = 3  # of one page, in all

_COMMANDS: Final = frozenset((FCF.DCS, FCF.DTC, *POST_PAGE))
_REPEATED_WITHIN: Final = timers.T4 + 2.0  # s after our answer, a repeated command has begun
_ANSWERS: Final = {
    PageVerdict.MCF: FCF.MCF,
    PageVerdict.RTP: FCF.RTP,
    PageVerdict.RTN: FCF.RTN,
}


@dataclass(slots=True)
class _Arriving:
    """A page between its first octet and the command after it."""

    writer: PageWriter
    report: PageReport
    begun: float


@dataclass(frozen=True, slots=True)
class _Answered:
    """What was last answered to a post-page command, in case it is asked again."""

    command: FCF
    verdict: PageVerdict
    report: PageReport | None  # None where no octet of the page was heard
    at: float  # when it was answered, or could have been


class Receiver:
    """Receives pages into `sink` over a call that is connected."""

    def __init__(self, call: Call, sink: PageSink, quality: CopyQuality) -> None:
        self._call = call
        self._exchange = call.exchange
        self._sink = sink
        self._quality = quality
        self._agreed: Agreement | None = None
        self._page_in: _Arriving | None = None
        self._answered: _Answered | None = None
        self._rejections = 0  # of the page in hand
        self._idle = 0  # commands since a page was confirmed
        self._boxes: dict[FCF, Callable[[Signal], Awaitable[Signal | None]]] = {
            FCF.DCS: self._dcs,
            FCF.DTC: self._dtc,
            FCF.DCN: self._dcn,
            **dict.fromkeys(POST_PAGE, self._post_page),
        }

    async def procedure(self) -> str:
        """Phases B to E; the sentence of a call that went well."""
        try:
            command: Signal | None = await self._phase_b(Hangup.NO_ANSWER_T1)
            while command is not None:
                self._guard()
                command = await self._boxes[command.fcf](command)
        except (Disconnect, LineError):
            await self._keep_partial()
            raise
        count = len(self._call.pages)
        return "The page was received." if count == 1 else f"All {count} pages were received."

    # Phase B ---------------------------------------------------------------------------------

    async def _phase_b(self, nothing: Hangup) -> Signal:
        """Say what we can, every T4 until T1, to whoever is there."""
        self._call.phase = Phase.B
        until = self._call.line.now() + timers.T1
        for _ in range(timers.COMMANDS):
            await self._identify()
            signal = await self._exchange.command(_COMMANDS, timers.T4)
            if signal is not None:
                return signal
            if self._call.line.now() >= until:
                break
        raise Disconnect(nothing)

    async def _identify(self) -> None:
        """CSI and DIS."""
        csi = Message(FCF.CSI, characters(self._call.identity.number))
        dis = Message(FCF.DIS, write_dis(self._call.capabilities))
        await self._exchange.send(*([csi] if self._call.identity.number else []), dis)

    async def _dcs(self, dcs: Signal) -> Signal | None:
        """The transmitter has chosen: judge its TCF, and let the page come."""
        self._call.phase = Phase.B
        self._call.remote_identity = text(dcs.fif_of(FCF.TSI)) or self._call.remote_identity
        agreed = read_dcs(dcs.fif)
        if agreed is not None and agreed.foreign:
            raise Disconnect(
                Hangup.COMREC_RECEIVE, "The caller's machine used a coding not offered here."
            )
        if agreed is None:  # let the TCF pass that we have no modem for
            await self._call.line.pause(timers.TURN + timers.LONGEST_TRAINING + timers.TCF)
        elif await self._training(agreed):
            self._call.parameters = agreed.parameters
            await self._exchange.send(Message(FCF.CFR))
            return await self._page(agreed)
        await self._exchange.send(Message(FCF.FTT))
        return await self._command(Hangup.COMREC_RECEIVE)

    async def _training(self, agreed: Agreement) -> bool:
        """Whether the TCF was good; one that is not heard at all was not."""
        line = self._call.line
        try:
            good = await line.receive_training(agreed.modulation, timeout=timers.T4)
        except (NoCarrier, WrongCarrier):
            good = False
        name = modulation_name(agreed.modulation)
        self._call.trace.note(f"TCF {'good' if good else 'bad'}, {name}")
        return good

    async def _dtc(self, dtc: Signal) -> Signal | None:
        """The caller wants to fetch a document; there is none."""
        self._call.remote_identity = text(dtc.fif_of(FCF.CIG)) or self._call.remote_identity
        raise Disconnect(
            Hangup.COMREC_RECEIVE, "The caller wanted to fetch a document; none is offered here."
        )

    # Phase C ---------------------------------------------------------------------------------

    async def _page(self, agreed: Agreement) -> Signal | None:
        """Take a page while its carrier lasts, then the command after it."""
        call = self._call
        call.check_length()
        call.phase = Phase.C
        self._agreed = agreed
        try:
            await self._take(agreed)
        except (NoCarrier, WrongCarrier):
            call.trace.note(f"page {call.page} was not heard")
        nothing = Hangup.T2_NO_PAGE
        if self._page_in is not None:
            call.phase = Phase.D
            nothing = Hangup.COMREC_PHASE_D_RECEIVE
            call.trace.note(f"page {call.page} received, {self._page_in.report.octets} octets")
        return await self._command(nothing)

    async def _take(self, agreed: Agreement) -> None:
        """Feed a writer with the octets of a page as they come."""
        line = self._call.line
        carrier = agreed.modulation.short
        async for chunk in line.receive_page(carrier, timeout=timers.PAGE_WAIT):
            page = self._page_in = self._page_in or self._begin(agreed)
            page.writer.feed(chunk)
            octets, seconds = page.report.octets + len(chunk), line.now() - page.begun
            page.report = replace(page.report, octets=octets, seconds=round(seconds, 3))
            if seconds > timers.PAGE_LIMIT:
                raise Disconnect(Hangup.PHASE_C_RECEIVE, "Page {page} lasted more than an hour.")

    def _begin(self, agreed: Agreement) -> _Arriving:
        """Open a writer for a page, now that its first octets are here."""
        page_form = form(agreed.parameters)
        report = PageReport(
            number=self._call.page,
            form=page_form,
            bit_rate=agreed.modulation.bit_rate,
            octets=0,
            seconds=0.0,
            verdict=PageVerdict.NONE,
            attempts=self._rejections + 1,
        )
        return _Arriving(self._sink.begin(page_form), report, self._call.line.now())

    # Phase D ---------------------------------------------------------------------------------

    async def _post_page(self, signal: Signal) -> Signal | None:
        """Answer for the page that came before this command, or answer again."""
        command, line = POST_PAGE[signal.fcf], self._call.line
        self._call.phase = Phase.D
        if self._page_in is not None:
            began = line.now()
            report = await self._judge_and_keep(self._page_in)
            self._answered = _Answered(command, report.verdict, report, line.now())
            if line.now() - began > timers.REPLY_BY:
                self._call.trace.note("storing took long; the answer waits for the next command")
                return await self._command(Hangup.COMREC_PHASE_D_RECEIVE)
        elif not self._is_repeat(command):
            self._reject()
            self._answered = _Answered(command, PageVerdict.RTN, None, line.now())
        return await self._answer()

    def _is_repeat(self, command: FCF) -> bool:
        """Whether only our last answer was lost; after a longer while, a whole page was."""
        last = self._answered
        if last is None or last.command is not command:
            return False
        return self._call.line.now() - last.at < _REPEATED_WITHIN

    async def _judge_and_keep(self, page: _Arriving) -> PageReport:
        """Make the page durable; only then does its report say that it is confirmed."""
        self._page_in = None
        quality = page.writer.quality
        verdict = self._quality.judge(quality)
        report = replace(page.report, verdict=verdict, quality=quality)
        kept = await page.writer.commit(report)
        self._call.pages[report.number] = replace(report, verdict=PageVerdict.NONE)
        if not verdict.confirmed:
            self._reject()
        elif not kept:
            raise Disconnect(Hangup.DCE_OVERFLOW)
        else:
            self._call.page += 1
            self._rejections = self._idle = 0
        return report

    def _reject(self) -> None:
        """Count a page that must come again; after the last time there is no use in asking."""
        self._rejections += 1
        if self._rejections == REJECTIONS:
            raise Disconnect(Hangup.RSPREC_PHASE_D_RECEIVE)

    async def _answer(self) -> Signal | None:
        """Say what became of the page, and go where the far end goes then."""
        last = self._answered
        assert last is not None
        await self._exchange.send(Message(_ANSWERS[last.verdict]))
        self._answered = replace(last, at=self._call.line.now())
        if last.report is not None:
            self._call.pages[last.report.number] = last.report
            self._call.trace.note(f"page {last.report.number} {last.verdict.value}")
        if last.verdict.confirmed and last.command is FCF.EOP:
            return await self._closing()
        if last.verdict.confirmed and last.command is FCF.EOM:
            return await self._next_document()
        if last.verdict is PageVerdict.MCF and self._agreed is not None:
            return await self._page(self._agreed)
        return await self._command(Hangup.COMREC_RECEIVE)

    async def _closing(self) -> Signal | None:
        """All is stored and said: wait for DCN, in case the far end has not heard us."""
        try:
            signal = await self._exchange.command(_COMMANDS, timers.T2)
        except LineError:
            return None
        return None if signal is None or signal.fcf is FCF.DCN else signal

    async def _next_document(self) -> Signal:
        """After EOM: T2 for a repeated EOM, then a new phase B."""
        signal = await self._exchange.command(_COMMANDS, timers.T2)
        return signal or await self._phase_b(Hangup.T1_AFTER_EOM)

    async def _dcn(self, _: Signal) -> Signal | None:
        """The far end gives up."""
        if self._page_in is not None:
            status = Hangup.COMREC_PHASE_D_RECEIVE
        elif self._answered is None:
            status = Hangup.PHASE_B_RECEIVE
        elif not self._answered.verdict.confirmed:
            status = Hangup.RSPREC_PHASE_D_RECEIVE
        else:
            status = Hangup.PHASE_D_RECEIVE
        raise Disconnect(status, dcn=False)

    # Every phase -----------------------------------------------------------------------------

    async def _command(self, nothing: Hangup) -> Signal:
        """The box "command received?", T2 long."""
        signal = await self._exchange.command(_COMMANDS, timers.T2)
        if signal is None:
            raise Disconnect(nothing)
        return signal

    def _guard(self) -> None:
        """End a call in which commands come and pages do not."""
        self._idle += 1
        if self._idle > timers.COMMANDS:
            raise Disconnect(Hangup.COMREC_RECEIVE)

    async def _keep_partial(self) -> None:
        """The call breaks off: commit what there is of a page, unconfirmed."""
        page, self._page_in = self._page_in, None
        if page is not None:
            report = replace(page.report, quality=page.writer.quality)
            self._call.pages[report.number] = report
            await page.writer.commit(report)
