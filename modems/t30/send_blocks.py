"""Send one page with error correction: blocks, and the frames of them that are asked for again.

A block goes out until the far end has all of it, in bursts as long as the line lets through. Every
fourth PPR is answered by CTC, which lowers the rate where that is to blame for the losses; when
there is none left to lower, the call ends. EOR, which would go on with a hole in the page, is
never sent: a page that cannot be whole is not sent.

T.30 Annex A, figures A-1 to A-4. Not here: what follows the page (`send`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from modems.session import BR, Hangup
from modems.t30 import timers
from modems.t30.burst import BurstLength
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, write_dcs
from modems.t30.ecm import PPS, RCP, cut, read_map, write_pps
from modems.t30.exchange import Failure, Signal
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Modulation

PPRS: Final = 4  # for one block, before CTC

_REJECTIONS: Final = frozenset((FCF.RTN, FCF.PIN))
_CONFIRMATIONS: Final = frozenset((FCF.MCF, FCF.RTP, FCF.PIP))  # of a block, be it the last or not
_ANSWERS: Final = _CONFIRMATIONS | _REJECTIONS | {FCF.PPR, FCF.RNR}


@dataclass(slots=True)
class BlockSender:
    """Sends the pages of one call; keeps the page counter and the rate."""

    call: Call
    slower: Callable[[], Modulation | None]  # the next rate down, None when there is none
    pages: int = 0
    _length: BurstLength = field(default_factory=BurstLength)

    async def page(
        self,
        agreed: Agreement,
        coded: bytes,
        ending: FCF,
        failure: Failure,
        risk: Callable[[], Awaitable[None]],
    ) -> tuple[Signal, Agreement]:
        """Send a page; gives the answer to its last block and what the rate has become.

        `risk` is awaited before the command that may confirm the page.
        """
        number = 0
        self._length.begin()
        while True:
            block, coded = cut(coded, agreed.parameters.ec, self._most(agreed))
            pps = PPS(None if coded else ending, self.pages, number)
            answer, agreed = await self._block(agreed, block, pps, failure, risk)
            if answer.fcf in _REJECTIONS or not coded:
                break
            number += 1
        self.pages += answer.fcf in _CONFIRMATIONS
        return answer, agreed

    def _most(self, agreed: Agreement) -> int:
        """Frames of the next burst."""
        return self._length.most(agreed, shaky=self.call.shaky)

    async def _block(
        self,
        agreed: Agreement,
        block: tuple[Message, ...],
        pps: PPS,
        failure: Failure,
        risk: Callable[[], Awaitable[None]],
    ) -> tuple[Signal, Agreement]:
        """Send a block until an answer other than PPR comes."""
        wanted: Collection[int] = range(len(block))
        carrier = agreed.modulation.short
        asked = 0
        while True:  # until the ladder ends: four bursts of which nothing arrives take a rung of it
            burst = sorted(wanted)[: self._most(agreed)]
            await self._burst([block[n] for n in burst], carrier)
            if pps.ending is not None:
                await risk()
            answer = await self._ask(replace(pps, frames=len(burst)), failure)
            asked_for = read_map(answer.fif) if answer.fcf is FCF.PPR else frozenset()
            wanted = asked_for & set(range(len(block)))
            self._length.learn(burst, wanted)
            if answer.fcf is not FCF.PPR:
                return answer, agreed
            carrier = agreed.modulation.short
            asked += 1
            if asked % PPRS == 0:
                agreed = await self._continue_to_correct(agreed)
                carrier = agreed.modulation.long

    async def _burst(self, frames: list[Message], carrier: Modulation) -> None:
        """Phase C: frames and RCP on the fast carrier."""
        line = self.call.line
        self.call.phase = Phase.C
        await line.pause(timers.TURN)
        await line.send_frames(build([*frames, *RCP], x=self.call.calling, final=False), carrier)
        self.call.trace.note(f"{len(frames)} frames of page {self.call.page} sent")

    async def _ask(self, pps: PPS, failure: Failure) -> Signal:
        """PPS until an answer; RR while the far end is not ready, T5 at most."""
        call = self.call
        call.phase = Phase.C if pps.ending is None else Phase.D
        say = Message(FCF.PPS, write_pps(pps, x=call.calling))
        ask = call.exchange.ask_after_page
        answer = await ask(partial(call.exchange.send, say), _ANSWERS, failure)
        until = call.line.now() + timers.T5
        while answer.fcf is FCF.RNR:
            if call.line.now() > until:
                raise Disconnect(failure.silent)
            answer = await ask(partial(call.exchange.send, Message(FCF.RR)), _ANSWERS, failure)
        return answer

    async def _continue_to_correct(self, agreed: Agreement) -> Agreement:
        """CTC: go on with the same block, one rate lower where the rate is to blame."""
        modulation = self.slower() if self._length.judged() else agreed.modulation
        if modulation is None:
            raise Disconnect(Hangup.TRAINING_FAILED)
        parameters = replace(agreed.parameters, br=BR(modulation.bit_rate // 2400 - 1))
        agreed = replace(agreed, parameters=parameters, modulation=modulation)
        ctc = Message(FCF.CTC, write_dcs(agreed)[:2])
        failure = Failure(Hangup.DCS_NO_ANSWER, Hangup.RSPREC_INVALID_TRANSMIT)
        await self.call.exchange.ask_after_page(
            partial(self.call.exchange.send, ctc), frozenset((FCF.CTR,)), failure
        )
        self.call.parameters, self.call.modulation = parameters, modulation
        self.call.trace.note(f"continuing at {modulation.bit_rate} bit/s")
        return agreed
