"""Receive a document: the order of phases on the receiving side of T.30's flow charts.

Each box gives the command that the far end sent next, or None when the call has ended in order; so
a call is a walk from box to box, and a guard ends one that gets nowhere.

T.30 figures 5-2d to 5-2f. Not here: who repeats a command (`exchange`), phases C and D
(`receive_pages`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from modems.session import Hangup
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, read_dcs, read_dis, write_dis
from modems.t30.exchange import Failure, Signal
from modems.t30.fcf import FCF
from modems.t30.frames import Message, named, text
from modems.t30.inbox import Inbox, PatientSink
from modems.t30.line import LineError, NoCarrier, WrongCarrier
from modems.t30.quality import CopyQuality
from modems.t30.receive_pages import COMMANDS, Box, PageReceiver
from modems.t30.send import Sender
from modems.t30.trace import modulation_name
from modems.terminal import Offer

_DTC_FAILS: Final = Failure(Hangup.COMREC_RECEIVE, Hangup.RSPREC_RECEIVE)
_GOES_BY: Final = timers.LONGEST_TRAINING + timers.TCF  # a TCF that we do not listen for
# Before the first DCS there is no block to speak of.
_FIRST_COMMANDS: Final = COMMANDS - {FCF.PPS, FCF.EOR, FCF.CTC, FCF.RR}
_GETS_NOWHERE: Final = "The other fax machine kept trying, but page {page} never came through."
_IN_PART: Final = (
    "Only {whole} of {count} pages came whole; the other fax machine gave up on the rest."
)
_NOTHING_THERE: Final = "The other fax machine has no document to fetch."
_NOTHING_OFFERED: Final = "The caller wanted to fetch a document; none is offered here."
_STORED_TOO_LATE: Final = (
    "Page {page} arrived, but storing it took longer than the other fax machine waited."
)
_NOT_WELCOME: Final = "Faxes of this caller are not taken here."
_NOT_TAKEN: Final = "The other fax machine does not accept the password or the name asked for."
_NOT_ALLOWED: Final = "The caller wanted to fetch a document, but with the wrong password or name."


class Receiver:
    """Receives pages into `sink` over a call that is connected."""

    def __init__(
        self, call: Call, sink: PatientSink, quality: CopyQuality, offer: Offer | None = None
    ) -> None:
        self._call = call
        self._offer = offer
        self._sentence = ""  # of a call that went well, once it is known
        self._exchange = call.exchange
        self._inbox = Inbox(call, sink, quality)
        self._pages = PageReceiver(call, self._inbox, self._phase_b)
        self._boxes: dict[FCF, Box] = {
            FCF.DCS: self._dcs,
            FCF.DTC: self._dtc,
            FCF.DCN: self._dcn,
            **self._pages.boxes,
        }

    async def procedure(self) -> str:
        """Phases B to E; the sentence of a call that went well."""
        try:
            command: Signal | None = await self._phase_b(Hangup.NO_ANSWER_T1)
            while command is not None and await self._goes_on(command):
                command = await self._boxes[command.fcf](command)
        except (Disconnect, LineError):
            await self._pages.break_off()
            raise
        if self._sentence:
            return self._sentence
        pages = self._call.pages
        count, whole = len(pages), sum(page.verdict.confirmed for page in pages)
        if whole < count:
            return _IN_PART.format(whole=whole, count=count)
        return "The page was received." if count == 1 else f"All {count} pages were received."

    # Phase B ---------------------------------------------------------------------------------

    async def _phase_b(self, nothing: Hangup) -> Signal:
        """Until the far end gives a command: offer what we can, or ask for a document."""
        return await (self._poll(nothing) if self._call.calling else self._offer_dis(nothing))

    async def _offer_dis(self, nothing: Hangup) -> Signal:
        """Say what we can, every T4 until T1, to whoever is there."""
        self._call.phase = Phase.B
        commands = _FIRST_COMMANDS if self._call.parameters is None else COMMANDS
        until = self._call.line.now() + timers.T1
        for _ in range(timers.COMMANDS):
            await self._identify()
            signal = await self._exchange.command(commands, timers.T4)
            if signal is not None:
                return signal
            if self._call.line.now() >= until:
                break
        raise Disconnect(nothing)

    async def _identify(self) -> None:
        """CSI and DIS."""
        can, offer = self._call.capabilities, self._offer
        if offer is not None:
            can = replace(
                can,
                document_to_poll=True,
                password=bool(offer.password),
                selective_polling=bool(offer.selective),
            )
        csi = named({FCF.CSI: self._call.identity.number})
        await self._exchange.send(*csi, Message(FCF.DIS, write_dis(can)))

    async def _poll(self, nothing: Hangup) -> Signal:
        """We have called to fetch a document: wait for a DIS until T1, and ask."""
        line = self._call.line
        until = line.now() + timers.T1
        for _ in range(timers.COMMANDS):
            left = max(until - line.now(), 0.0)
            signal = await self._exchange.command(COMMANDS | {FCF.DIS}, left)
            if signal is not None:
                return signal if signal.fcf is not FCF.DIS else await self._ask(signal)
            if line.now() >= until:
                break
        raise Disconnect(nothing)

    async def _ask(self, dis: Signal) -> Signal:
        """DTC, with what the far end wants to know first, until its DCS."""
        self._call.phase = Phase.B
        self._call.met(dis, FCF.CSI, FCF.NSF)
        if not read_dis(dis.fif).document_to_poll:
            raise Disconnect(Hangup.REMOTE_CANNOT, _NOTHING_THERE)
        me = self._call.identity
        said = named({FCF.PWD: me.password, FCF.SEP: me.selective, FCF.CIG: me.number})
        can = replace(
            self._call.capabilities,
            subaddress=False,
            password=bool(me.password),
            selective_polling=bool(me.selective),
        )
        say = partial(self._exchange.send, *said, Message(FCF.DTC, write_dis(can)))
        command = await self._exchange.ask(say, COMMANDS | {FCF.FNV}, _DTC_FAILS)
        if command.fcf is FCF.FNV:
            raise Disconnect(
                Hangup.RSPREC_RECEIVE, _NOT_TAKEN if me.password or me.selective else ""
            )
        return command

    async def _dcs(self, dcs: Signal) -> Signal | None:
        """The transmitter has chosen: judge its TCF, and let the page come."""
        self._call.phase = Phase.B
        await self._pages.break_off()
        self._call.met(dcs, FCF.TSI, FCF.NSS)
        self._call.subaddress = text(dcs.fif_of(FCF.SUB)) or self._call.subaddress
        if not self._call.identity.welcome(self._call.remote_identity, self._call.subaddress):
            await self._let_tcf_pass()
            raise Disconnect(Hangup.ABORTED, _NOT_WELCOME)
        agreed = read_dcs(dcs.fif)
        if agreed is not None and agreed.foreign:
            await self._let_tcf_pass()
            raise Disconnect(
                Hangup.COMREC_RECEIVE, "The other fax machine used a coding not offered here."
            )
        try:
            good = await self._training(agreed)
        except WrongCarrier:  # the far end may speak again: hear it out before answering
            command = await self._exchange.command(COMMANDS, _GOES_BY)
            if command is not None:
                return command
            good = False
        if agreed is not None and good:
            await self._exchange.send(Message(FCF.CFR))
            return await self._pages.begin(agreed)
        await self._exchange.send(Message(FCF.FTT))
        return await self._pages.command(Hangup.COMREC_RECEIVE)

    async def _training(self, agreed: Agreement | None) -> bool:
        """Whether the TCF was good; one that is not heard at all was not."""
        line = self._call.line
        if agreed is None:  # we have no modem for it
            await self._let_tcf_pass()
            return False
        try:
            good = await line.receive_training(agreed.modulation, timeout=timers.T4)
        except NoCarrier:
            good = False
        name = modulation_name(agreed.modulation)
        self._call.trace.note(f"TCF {'good' if good else 'bad'}, {name}")
        return good

    async def _let_tcf_pass(self) -> None:
        """Speak after the TCF, not into it: the far end does not listen before."""
        await self._call.line.pause(timers.TURN + _GOES_BY)

    async def _dtc(self, dtc: Signal) -> Signal | None:
        """The caller wants to fetch a document: from now on we send."""
        call, offer = self._call, self._offer
        call.met(dtc, FCF.CIG, FCF.NSC)
        if offer is None:
            raise Disconnect(Hangup.COMREC_RECEIVE, _NOTHING_OFFERED)
        asked = {FCF.PWD: offer.password, FCF.SEP: offer.selective}
        if any(need and text(dtc.fif_of(fcf)) != need for fcf, need in asked.items()):
            raise Disconnect(Hangup.COMREC_RECEIVE, _NOT_ALLOWED)
        call.sending = True
        self._sentence = await Sender(call, offer.source, self._phase_b).send_to(dtc)
        return None

    # Phase E ---------------------------------------------------------------------------------

    async def _dcn(self, _: Signal) -> Signal | None:
        """The far end gives up."""
        answer = self._inbox.answer
        if self._inbox.storing:
            raise Disconnect(Hangup.DCE_OVERFLOW, _STORED_TOO_LATE, dcn=False)
        if self._inbox.arriving:
            status = Hangup.COMREC_PHASE_D_RECEIVE
        elif answer is None:
            status = Hangup.PHASE_B_RECEIVE
        elif not answer.verdict.confirmed:
            status = Hangup.RSPREC_PHASE_D_RECEIVE
        else:
            status = Hangup.PHASE_D_RECEIVE
        raise Disconnect(status, dcn=False)

    async def _goes_on(self, command: Signal) -> bool:
        """End a call in which commands come and pages do not; False where all had come before."""
        self._pages.idle += 1
        if self._pages.idle <= timers.COMMANDS:
            return True
        if command.fcf is FCF.DCS:
            await self._let_tcf_pass()
        if not self._inbox.closed:
            raise Disconnect(Hangup.COMREC_RECEIVE, _GETS_NOWHERE)
        await self._call.disconnect()
        return False
