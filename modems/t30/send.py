"""Send a document: the transmitting side of T.30's flow charts, one box to a function.

A page that the far end has confirmed is never sent again in this call, and the source is told of a
page's risk before the command that may confirm it, and of the answer at once. Pages of one form
follow each other with MPS; where the form changes, EOM leads back to phase B. A rejected page goes
out again one rate lower, `SENDS` times in all.

T.30 figures 5-2a to 5-2c (boxes A to D), 5.3.6.1. Not here: who repeats a command (`exchange`),
what to choose (`negotiate`), error correction (`send_blocks`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Final

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, Capabilities, read_dis, write_dcs
from modems.t30.exchange import BackInPhaseB, Failure, Signal
from modems.t30.fcf import FCF
from modems.t30.frames import Message, named
from modems.t30.line import Modulation
from modems.t30.negotiate import fits, form, ladder, settle
from modems.t30.send_blocks import BlockSender
from modems.t30.trace import modulation_name
from modems.terminal import PageReport, PageSource, PageVerdict

SENDS: Final = 3  # of one page, in all
RESTARTS: Final = 6  # of one page, by a far end that goes back to phase B in the middle of it

_DCS_FAILS: Final = Failure(Hangup.DCS_NO_ANSWER, Hangup.RSPREC_INVALID_TRANSMIT)
_DCS_ANSWERS: Final = frozenset((FCF.CFR, FCF.FTT, FCF.DIS, FCF.DTC, FCF.FNV))
_NOT_TAKEN: Final = "The other fax machine does not accept the subaddress or the password."
_POST_PAGE_FAILS: Final = {
    FCF.MPS: Failure(Hangup.MPS_NO_ANSWER, Hangup.MPS_INVALID_ANSWER),
    FCF.EOM: Failure(Hangup.EOM_NO_ANSWER, Hangup.EOM_INVALID_ANSWER),
    FCF.EOP: Failure(Hangup.EOP_NO_ANSWER, Hangup.EOP_INVALID_ANSWER),
}
_VERDICTS: Final = {
    FCF.MCF: PageVerdict.MCF,
    FCF.RTP: PageVerdict.RTP,
    FCF.RTN: PageVerdict.RTN,
    FCF.PIP: PageVerdict.PIP,
    FCF.PIN: PageVerdict.PIN,
}


# How phase B begins again after EOM; its argument is the status of a call in which it does not.
Identified = Callable[[Hangup], Awaitable[Signal]]


class Next(Enum):
    """Where a page's answer leads."""

    PAGE = "the next page, without training"
    TRAINING = "DCS and training, then the page in hand"
    PHASE_B = "a new DIS"
    PHASE_E = "DCN"


class Sender:
    """Sends the pages of `source` over a call that is connected."""

    def __init__(
        self, call: Call, source: PageSource, identified: Identified | None = None
    ) -> None:
        self._call = call
        self._exchange = call.exchange
        self._source = source
        self._identified = identified or self._dis_received
        self._shapes = tuple(source.shapes)
        self._index = 0  # of the page in hand
        self._sends = 0  # of the page in hand, so far
        self._restarts = 0  # of the page in hand
        self._theirs = Capabilities()
        self._addressed = False  # a subaddress or password went with the last DCS
        self._ladder: tuple[Modulation, ...] = ()
        self._blocks = BlockSender(call, self._slower)
        self._agreed: Agreement
        self._report: PageReport  # of the page in hand
        self._begun = 0.0

    async def procedure(self) -> str:
        """Phases B to E; the sentence of a call that went well."""
        return await self.send_to(await self._dis_received(Hangup.NO_ANSWER_T1))

    async def send_to(self, dis: Signal) -> str:
        """The same from a DIS, or a DTC where we were called, on."""
        self._phase_b(dis)
        following = Next.TRAINING
        while following is not Next.PHASE_E:
            if following is Next.PHASE_B:
                self._phase_b(await self._identified(Hangup.COMREC_TRANSMIT))
            following = await self._train_and_send()
        await self._call.disconnect()
        count = len(self._shapes)
        return "The page was confirmed." if count == 1 else f"All {count} pages were confirmed."

    # Phase B ---------------------------------------------------------------------------------

    async def _dis_received(self, nothing: Hangup) -> Signal:
        """Wait for a DIS until T1."""
        line = self._call.line
        until = line.now() + timers.T1
        for _ in range(timers.COMMANDS):
            signal = await self._exchange.command({FCF.DIS}, max(until - line.now(), 0.0))
            if signal is not None and signal.fcf is FCF.DCN:
                raise Disconnect(Hangup.RSPREC_INVALID_TRANSMIT, dcn=False)
            if signal is not None:
                return signal
            if line.now() >= until:
                break
        raise Disconnect(nothing)

    def _phase_b(self, dis: Signal) -> None:
        """Read a DIS or DTC: who is there, and which rates are left to try."""
        self._call.phase = Phase.B
        if dis.fcf not in {FCF.DIS, FCF.DTC}:
            raise Disconnect(Hangup.COMREC_TRANSMIT)
        polled = dis.fcf is FCF.DTC
        self._call.met(dis, FCF.CIG if polled else FCF.CSI, FCF.NSC if polled else FCF.NSF)
        self._theirs = read_dis(dis.fif)
        if not polled and not self._theirs.receives:
            raise Disconnect(Hangup.REMOTE_CANNOT)
        rungs = ladder(self._call.capabilities, self._theirs)
        if self._ladder:  # an earlier document has found out what the line carries
            rungs = tuple(m for m in rungs if m.bit_rate <= self._ladder[0].bit_rate) or rungs[-1:]
        self._ladder = (*rungs, rungs[-1])  # the lowest gets a second chance

    async def _train(self) -> Agreement:
        """DCS and TCF until CFR, one rung of the ladder lower after each FTT."""
        unheard = 0
        while True:
            agreed = self._settle(self._index, self._ladder[0])
            say = partial(self._dcs_and_tcf, agreed)
            answer = await self._exchange.ask(say, _DCS_ANSWERS, _DCS_FAILS, timers.T4_AFTER_TCF)
            if answer.fcf is FCF.CFR:
                self._call.parameters = agreed.parameters
                self._call.trace.note(f"negotiated {agreed.parameters}")
                return agreed
            if answer.fcf is FCF.FNV and self._addressed:
                raise Disconnect(Hangup.REMOTE_CANNOT, _NOT_TAKEN)
            self._exchange.troubled = True
            if answer.fcf is FCF.FTT:
                if self._slower() is None:
                    raise Disconnect(Hangup.TRAINING_FAILED)
            elif (unheard := unheard + 1) == timers.TRIES:
                raise Disconnect(Hangup.DIS_AFTER_DCS)
            elif answer.fcf is not FCF.FNV:
                self._phase_b(answer)  # it may say something else now

    async def _dcs_and_tcf(self, agreed: Agreement) -> None:
        """Say who we are and how we send, then let the far end judge the line."""
        self._call.phase, self._call.modulation = Phase.B, agreed.modulation
        self._call.began_at = self._call.began_at or agreed.modulation
        me, theirs = self._call.identity, self._theirs
        said = {
            FCF.SUB: me.subaddress if theirs.subaddress else "",
            FCF.SID: me.password if theirs.password else "",
            FCF.TSI: me.number,
        }
        self._call.subaddress = said[FCF.SUB]
        self._addressed = bool(said[FCF.SUB] or said[FCF.SID])
        fif = write_dcs(agreed, subaddress=bool(said[FCF.SUB]), sender_password=bool(said[FCF.SID]))
        await self._exchange.send(*named(said), Message(FCF.DCS, fif))
        await self._call.line.pause(timers.TURN)
        await self._call.line.send_training(agreed.modulation)
        self._call.trace.note(f"TCF sent, {modulation_name(agreed.modulation)}")

    def _settle(self, index: int, modulation: Modulation) -> Agreement:
        return settle(self._shapes[index:], self._call.capabilities, self._theirs, modulation)

    def _slower(self) -> Modulation | None:
        """One rung down the ladder; None at its end."""
        if len(self._ladder) == 1:
            return None
        self._ladder = self._ladder[1:]
        return self._ladder[0]

    async def _train_and_send(self) -> Next:
        """One training and the pages that go out under it."""
        self._agreed = await self._train()
        following = Next.PAGE
        while following is Next.PAGE:
            following = await self._page(self._agreed)
        return following

    # Phases C and D --------------------------------------------------------------------------

    async def _page(self, agreed: Agreement) -> Next:
        """One page, the command after it, and what its answer leads to."""
        self._call.check_length()
        self._call.page = self._index + 1
        self._sends += 1
        coded = await self._source.coded(self._index, form(agreed.parameters))
        command = self._post_page_command(agreed)
        self._begin(agreed, len(coded))
        way = self._in_blocks if agreed.parameters.ec else self._in_one
        try:
            answer = await way(agreed, coded, command)
        except BackInPhaseB as begun:
            return self._begin_again(begun.signal)
        verdict = await self._answered(_VERDICTS[answer.fcf])
        following = self._follow(command, verdict)
        if answer.leaves and following is not Next.PHASE_E:
            raise Disconnect(Hangup.RSPREC_INVALID_TRANSMIT, dcn=False)
        return following

    def _post_page_command(self, agreed: Agreement) -> FCF:
        """MPS, EOM or EOP, by what comes after the page in hand."""
        if self._index + 1 == len(self._shapes):
            return FCF.EOP
        following = self._settle(self._index + 1, agreed.modulation)
        parted = self._shapes[self._index + 1].begins_document
        return FCF.MPS if not parted and fits(following.parameters, agreed.parameters) else FCF.EOM

    async def _in_one(self, agreed: Agreement, coded: bytes, command: FCF) -> Signal:
        """Phase C without error correction, then MPS, EOM or EOP."""
        call = self._call
        call.phase = Phase.C
        await call.line.pause(timers.TURN)
        await call.line.send_page(agreed.modulation.short, coded)
        call.trace.note(f"page {call.page} sent, {len(coded)} octets")
        call.phase = Phase.D
        await self._at_risk()
        say = partial(self._exchange.send, Message(command))
        failure = _POST_PAGE_FAILS[command]
        return await self._exchange.ask_after_page(say, _VERDICTS.keys(), failure)

    async def _in_blocks(self, agreed: Agreement, coded: bytes, command: FCF) -> Signal:
        """The same with error correction, which may lower the rate."""
        failure = _POST_PAGE_FAILS[command]
        answer, self._agreed = await self._blocks.page(
            agreed, coded, command, failure, self._at_risk
        )
        return answer

    def _begin(self, agreed: Agreement, octets: int) -> None:
        """Note what goes out now, and when."""
        self._begun = self._call.line.now()
        self._report = PageReport(
            number=self._call.page,
            form=form(agreed.parameters),
            bit_rate=agreed.modulation.bit_rate,
            octets=octets,
            seconds=0.0,
            verdict=PageVerdict.NONE,
            attempts=self._sends,
        )

    async def _at_risk(self) -> None:
        """From now on the page counts as perhaps arrived."""
        if self._report not in self._call.pages:
            await self._source.confirming(self._index)
            self._call.file(self._report)

    async def _answered(self, verdict: PageVerdict) -> PageVerdict:
        """The far end has spoken: tell the source before anything else happens."""
        call = self._call
        seconds = round(call.line.now() - self._begun, 3)
        bit_rate = self._agreed.modulation.bit_rate
        report = replace(self._report, seconds=seconds, verdict=verdict, bit_rate=bit_rate)
        call.file(report)
        await self._source.confirmed(self._index, report)
        call.trace.note(f"page {report.number} {verdict.value} ({verdict.name}) {seconds:.1f} s")
        return verdict

    def _begin_again(self, dis: Signal) -> Next:
        """The far end has not heard how the page went on, and given it up: all of it once more."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise Disconnect(Hangup.DIS_AFTER_DCS)
        self._sends -= 1  # nobody has rejected it
        self._exchange.troubled = True
        self._phase_b(dis)
        return Next.TRAINING

    def _follow(self, command: FCF, verdict: PageVerdict) -> Next:
        """What comes after an answer (T.30 figures 5-2b, 5-2c)."""
        if not verdict.confirmed:
            if self._sends == SENDS:
                raise Disconnect(Hangup.CANNOT_CONTINUE)
            self._slower()
            return Next.TRAINING
        self._index, self._sends, self._restarts = self._index + 1, 0, 0
        if command is FCF.EOP:
            return Next.PHASE_E
        self._call.page = self._index + 1
        if command is FCF.EOM:
            return Next.PHASE_B
        return Next.PAGE if verdict is PageVerdict.MCF else Next.TRAINING
