"""Receive pages: phases C and D of the receiving side, with and without error correction.

Each box gives the command that the far end sent next, or None when the call has ended in order.
When storing a page takes so long that the answer would meet the repeated command, the far end is
told to wait, or left to ask again.

T.30 figures 5-2d to 5-2f, A-5 to A-7. Not here: what comes before a page (`receive`), which page is
kept and confirmed (`inbox`), the frames of a block (`receive_blocks`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, read_dcs
from modems.t30.ecm import read_pps
from modems.t30.exchange import Signal
from modems.t30.fcf import FCF, POST_PAGE
from modems.t30.frames import Message
from modems.t30.inbox import Answer, Inbox
from modems.t30.line import LineError, NoCarrier, WrongCarrier
from modems.t30.receive_blocks import BlockReceiver
from modems.terminal import PageVerdict

COMMANDS: Final = frozenset((FCF.DCS, FCF.DTC, FCF.PPS, FCF.EOR, FCF.CTC, FCF.RR, *POST_PAGE))
_ANSWERS: Final = {
    PageVerdict.MCF: FCF.MCF,
    PageVerdict.RTP: FCF.RTP,
    PageVerdict.RTN: FCF.RTN,
    PageVerdict.NONE: FCF.ERR,  # to EOR only
}

Box = Callable[[Signal], Awaitable[Signal | None]]


class PageReceiver:
    """The boxes of phases C and D. `phase_b` is where a new document begins, after EOM."""

    def __init__(
        self, call: Call, inbox: Inbox, phase_b: Callable[[Hangup], Awaitable[Signal]]
    ) -> None:
        self._call = call
        self._exchange = call.exchange
        self._inbox = inbox
        self._phase_b = phase_b
        self._blocks = BlockReceiver(call, inbox)
        self._agreed: Agreement | None = None
        self.idle = 0  # commands since the last progress
        self.boxes: dict[FCF, Box] = {
            **dict.fromkeys(POST_PAGE, self._post_page),
            FCF.PPS: self._pps,
            FCF.EOR: self._eor,
            FCF.CTC: self._ctc,
            FCF.RR: self._rr,
        }

    async def begin(self, agreed: Agreement) -> Signal:
        """After CFR: the pages that this DCS announces."""
        self._call.parameters = agreed.parameters
        self._blocks.begin(agreed)
        self._inbox.expect()
        return await self._page(agreed)

    # Phase C ---------------------------------------------------------------------------------

    async def _page(self, agreed: Agreement) -> Signal:
        """Take a page or a block while its carrier lasts, then the command after it."""
        call = self._call
        call.check_length()
        call.phase = Phase.C
        self._agreed = agreed
        take = self._blocks.take if agreed.parameters.ec else self._take
        carrier = True
        try:
            if await take(agreed):
                self.idle = 0
        except (NoCarrier, WrongCarrier):
            carrier = False
            call.trace.note(f"nothing more of page {call.page} was heard")
            if self._blocks.unheard():
                return await self._continue_to_correct(agreed)
            if self._blocks.ctc_due:
                return await self._ctc_or_ctr(agreed)
        return await self._after_page(carrier=carrier)

    async def _after_page(self, *, carrier: bool) -> Signal:
        """The command after a page or block.

        A carrier that was cut off may go on for as long as a page lasts before the command comes.
        """
        if not (self._inbox.arriving or self._blocks.heard):
            timeout = timers.AFTER_PAGE if carrier else timers.T2
            return await self.command(Hangup.T2_NO_PAGE, timeout)
        if self._blocks.ended or self._inbox.ended:
            self._call.phase = Phase.D
        return await self.command(Hangup.COMREC_PHASE_D_RECEIVE, timers.AFTER_PAGE)

    async def _ctc_or_ctr(self, agreed: Agreement) -> Signal:
        """A CTC that is lost may not be repeated: say CTR where no command comes within T2."""
        signal = await self._exchange.command(COMMANDS, timers.T2)
        if signal is not None:
            return signal
        self._blocks.retrained()
        return await self._continue_to_correct(agreed)

    async def _take(self, agreed: Agreement) -> bool:
        """Feed the octets of a page as they come."""
        carrier = agreed.modulation.short
        async for chunk in self._call.line.receive_page(carrier, timeout=timers.PAGE_WAIT):
            self._inbox.feed(chunk, agreed)
            self._inbox.check_length()
        self._call.trace.note(f"page {self._call.page} received, {self._inbox.octets} octets")
        return False

    # Phase D ---------------------------------------------------------------------------------

    async def _post_page(self, signal: Signal) -> Signal | None:
        """MPS, EOM or EOP: answer for the page before it, or answer again."""
        command = POST_PAGE[signal.fcf]
        self._call.phase = Phase.D
        if self._inbox.storing:
            return await self._reply(await self._inbox.stored())
        answer = self._inbox.repeated(command)
        return await self._reply(answer or await self._inbox.keep(command, corrected=False))

    async def _reply(self, answer: Answer | None) -> Signal | None:
        """Say the answer. While the page is not stored there is none: be asked again.

        Under error correction RNR says so; otherwise T.30 has no word for it, and our silence lets
        the far end repeat its command.
        """
        if answer is not None:
            return await self._say(answer)
        self._call.trace.note(f"page {self._call.page} is not stored yet")
        if self._agreed is not None and self._agreed.parameters.ec:
            await self._exchange.send(Message(FCF.RNR))
        return await self.command(Hangup.COMREC_PHASE_D_RECEIVE)

    async def _say(self, answer: Answer) -> Signal | None:
        """Say what became of the page, and go where the far end goes then."""
        await self._exchange.answer(Message(_ANSWERS[answer.verdict]))
        self._inbox.said(answer)
        if answer.verdict.confirmed and not answer.said:
            self.idle = 0
        if answer.verdict.confirmed and answer.command is FCF.EOP:
            return await self._closing()
        if answer.verdict.confirmed and answer.command is FCF.EOM:
            return await self._next_document()
        if answer.verdict is PageVerdict.MCF and self._agreed is not None:
            return await self._page(self._agreed)
        confirmed = answer.verdict.confirmed
        nothing = Hangup.COMREC_RECEIVE if confirmed else Hangup.RSPREC_PHASE_D_RECEIVE
        return await self.command(nothing)

    # Phase D with error correction -----------------------------------------------------------

    async def _pps(self, signal: Signal) -> Signal | None:
        """PPS: ask for what is missing of the block, or take it and answer.

        One without its counters says nothing of how many frames there were: it must come again.
        """
        pps, agreed = read_pps(signal.fif), self._agreed
        self._call.phase = Phase.D
        if pps is None or not pps.frames or agreed is None or not agreed.parameters.ec:
            return await self.command(Hangup.COMREC_PHASE_D_RECEIVE)
        if self._inbox.storing or self._blocks.repeated(pps, agreed):
            return await self._again(agreed)
        ppr = self._blocks.missing(pps)
        if ppr is not None:
            await self._exchange.answer(ppr, self._blocks.seconds_missing(agreed))
            return await self._page(agreed)
        self._blocks.complete(pps, agreed)
        self._inbox.check_length()
        if pps.ending is not None:
            return await self._reply(await self._inbox.keep(pps.ending, corrected=True))
        await self._exchange.answer(Message(FCF.MCF))
        return await self._page(agreed)

    async def _again(self, agreed: Agreement) -> Signal | None:
        """Our answer to a whole block is asked for again: a page's, or a block's within a page."""
        if self._inbox.storing:
            return await self._reply(await self._inbox.stored())
        if self._inbox.answer is not None and not self._inbox.arriving:
            return await self._say(self._inbox.answer)
        await self._exchange.answer(Message(FCF.MCF))
        return await self._page(agreed)

    async def _rr(self, _: Signal) -> Signal | None:
        """RR: the far end asks for the answer that it has not heard."""
        if self._agreed is None or not (self._inbox.answer or self._inbox.storing):
            return await self.command(Hangup.COMREC_PHASE_D_RECEIVE)
        return await self._again(self._agreed)

    async def _ctc(self, signal: Signal) -> Signal | None:
        """CTC: the same block at another rate."""
        self._call.phase = Phase.D
        slower = read_dcs(signal.fif)
        if slower is None or self._agreed is None:
            return await self.command(Hangup.COMREC_PHASE_D_RECEIVE)
        parameters = replace(self._agreed.parameters, br=slower.parameters.br)
        self._agreed = replace(self._agreed, parameters=parameters, modulation=slower.modulation)
        self._call.parameters = parameters
        self._blocks.retrained()
        return await self._continue_to_correct(self._agreed)

    async def _continue_to_correct(self, agreed: Agreement) -> Signal:
        """CTR, and the frames after it."""
        await self._exchange.answer(Message(FCF.CTR))
        return await self._page(agreed)

    async def _eor(self, signal: Signal) -> Signal | None:
        """EOR: the far end gives the block up; keep what there is, and never confirm it."""
        eor, agreed = read_pps(signal.fif), self._agreed
        if eor is None or agreed is None or not agreed.parameters.ec:
            return await self.command(Hangup.COMREC_PHASE_D_RECEIVE)
        in_hand = self._blocks.in_hand or self._inbox.arriving
        self._blocks.complete(None, agreed)
        if eor.ending is not None and in_hand:
            await self._inbox.give_up(eor.ending, agreed)
        await self._exchange.send(Message(FCF.ERR))
        if eor.ending is FCF.EOP:
            return await self.command(Hangup.RSPREC_PHASE_D_RECEIVE)
        return await (self._next_document() if eor.ending is FCF.EOM else self._page(agreed))

    # Phase E ---------------------------------------------------------------------------------

    async def _closing(self) -> Signal | None:
        """All is stored and said: wait for DCN, in case the far end has not heard us."""
        try:
            signal = await self._exchange.command(COMMANDS, timers.T2)
        except LineError:
            return None
        return None if signal is None or signal.fcf is FCF.DCN else signal

    async def _next_document(self) -> Signal:
        """After EOM: T2 for a repeated EOM, then a new phase B; the caller hears the DIS in it."""
        if self._call.calling:
            return await self._phase_b(Hangup.T1_AFTER_EOM)
        signal = await self._exchange.command(COMMANDS, timers.T2)
        return signal or await self._phase_b(Hangup.T1_AFTER_EOM)

    # Every phase -----------------------------------------------------------------------------

    async def command(self, nothing: Hangup, timeout: float = timers.T2) -> Signal:
        """The box "command received?", T2 long."""
        signal = await self._exchange.command(COMMANDS, timeout)
        if signal is None:
            raise Disconnect(nothing)
        return signal

    async def break_off(self) -> None:
        """What there is of a page will not go on: keep it, unconfirmed."""
        await self._inbox.finish_storing()
        if self._agreed is not None:
            self._blocks.complete(None, self._agreed)
        await self._inbox.keep_partial()
