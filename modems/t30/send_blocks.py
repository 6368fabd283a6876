"""Send one page with error correction: blocks, and the frames of them that are asked for again.

A block goes out until the far end has all of it, in bursts as long as the line lets through. Every
fourth PPR is answered by CTC, which lowers the rate where that is to blame for the losses; when
there is none left to lower, or nothing is asked for that could be sent, EOR says that we give the
block up, and the call ends: a page with a hole in it is not what was to be sent.

T.30 Annex A, figures A-1 to A-4. Not here: what follows the page (`send`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, NoReturn

from modems.session import BR, Hangup
from modems.t30 import timers
from modems.t30.burst import BurstLength
from modems.t30.call import Call
from modems.t30.causes import Disconnect, Phase
from modems.t30.dis import Agreement, write_dcs
from modems.t30.ecm import OCTETS, PPRS, PPS, RCP, cut, frame_seconds, read_map, write_pps
from modems.t30.exchange import Failure, Signal
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import Modulation

LONGER: Final = 1.3  # s that the long training of V.17 adds to its short one

_REJECTIONS: Final = frozenset((FCF.RTN, FCF.PIN))
_CONFIRMATIONS: Final = frozenset((FCF.MCF, FCF.RTP, FCF.PIP))  # of a block, be it the last or not
_ANSWERS: Final = _CONFIRMATIONS | _REJECTIONS | {FCF.PPR}
_CTC_FAILS: Final = Failure(Hangup.DCS_NO_ANSWER, Hangup.RSPREC_INVALID_TRANSMIT)


class _Wanted:
    """The frames of a block that the far end still lacks, as its PPRs say."""

    def __init__(self, count: int) -> None:
        self.frames: list[int] = list(range(count))
        self.asked = 0  # PPRs so far
        self.deaf = True  # not one frame has come through
        self._count = count
        self._first_lost = 0  # bursts in a row of which the first frame was lost

    def asked_for(self, sent: list[int], missing: Set[int]) -> None:
        """Take the PPR after a burst."""
        self.frames = sorted(missing & set(range(self._count)))
        self.asked += 1
        self.deaf = self.deaf and len(self.frames) == self._count
        self._first_lost = self._first_lost + 1 if set(sent[:1]) & missing else 0

    def again(self, burst: list[int]) -> list[int]:
        """The first frame twice, for a receiver that loses that of every burst."""
        return burst[:1] * (self._first_lost > 1) + burst


@dataclass(slots=True)
class BlockSender:
    """Sends the pages of one call; keeps the page counter and the rate."""

    call: Call
    slower: Callable[[], Modulation | None]  # the next rate down, None when there is none
    pages: int = 0
    _length: BurstLength = field(default_factory=BurstLength)
    _begin: float = 0.5  # s before the first frame of a burst with short training
    _ended: float = 0.0  # when the last burst did
    _took: float = 0.0  # s

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
            ec = agreed.parameters.ec
            left = -(-len(coded) // OCTETS[ec]) or 1
            most, _ = self._fit(agreed, agreed.modulation.short, min(self._most(agreed), left))
            block, coded = cut(coded, ec, most)
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

    def _fit(self, agreed: Agreement, carrier: Modulation, most: int) -> tuple[int, float]:
        """Frames of the next burst and how long to wait for it, between two drop-outs."""
        begin = self._begin + (LONGER if carrier is not carrier.short else 0.0)
        frame = frame_seconds(agreed.modulation.bit_rate, agreed.parameters.ec)
        now = self.call.line.now() + timers.TURN
        return self.call.exchange.rhythm.fit(now, most, begin, frame, timers.PAGE_LATER)

    async def _block(
        self,
        agreed: Agreement,
        block: tuple[Message, ...],
        pps: PPS,
        failure: Failure,
        risk: Callable[[], Awaitable[None]],
    ) -> tuple[Signal, Agreement]:
        """Send a block until an answer other than PPR comes."""
        wanted = _Wanted(len(block))
        carrier = agreed.modulation.short
        while True:  # until the ladder ends: four bursts of which nothing arrives take a rung of it
            most, wait = self._fit(agreed, carrier, min(len(wanted.frames), self._most(agreed)))
            burst = wanted.frames[: most if wanted.asked else len(block)]
            await self._burst([block[n] for n in wanted.again(burst)], carrier, wait)
            if pps.ending is not None:
                await risk()
            answer = await self._ask(replace(pps, frames=len(burst)), failure)
            missing = read_map(answer.fif) if answer.fcf is FCF.PPR else frozenset()
            self._length.learn(burst, missing)
            self._lost(agreed, burst, missing)
            if answer.fcf is not FCF.PPR:
                return answer, agreed
            wanted.asked_for(burst, missing)
            carrier = agreed.modulation.short
            if wanted.asked % PPRS == 0:
                if not wanted.frames:
                    await self._end_of_retransmission(pps, failure)
                agreed = await self._continue_to_correct(agreed, pps, failure, deaf=wanted.deaf)
                carrier = agreed.modulation.long

    async def _burst(self, frames: list[Message], carrier: Modulation, wait: float) -> None:
        """Phase C: frames and RCP on the fast carrier, after `wait` seconds."""
        line = self.call.line
        self.call.phase = Phase.C
        await line.pause(timers.TURN + wait)
        began = line.now()
        await line.send_frames(build([*frames, *RCP], x=self.call.calling, final=False), carrier)
        self._ended, self._took = line.now(), line.now() - began
        self.call.trace.note(f"{len(frames)} frames of page {self.call.page} sent")

    def _lost(self, agreed: Agreement, burst: list[int], missing: Set[int]) -> None:
        """Note when a drop-out took the end of a burst with it, or a stretch of its middle."""
        frame = frame_seconds(agreed.modulation.bit_rate, agreed.parameters.ec)
        begin = max(self._took - len(burst) * frame, 0.0)
        lost = [place for place, number in enumerate(burst) if number in missing]
        if not lost:
            self._begin = begin
        elif len(lost) == len(burst):
            self.call.exchange.rhythm.lost(self._ended - self._took + begin / 2, begin / 2)
        elif lost[-1] - lost[0] == len(lost) - 1:
            after = (len(burst) - lost[0] - 0.5) * frame
            self.call.exchange.rhythm.lost(self._ended - after, frame)

    async def _ask(self, pps: PPS, failure: Failure) -> Signal:
        """PPS until an answer."""
        self.call.phase = Phase.C if pps.ending is None else Phase.D
        say = Message(FCF.PPS, write_pps(pps, x=self.call.calling))
        return await self._say(say, _ANSWERS, failure)

    async def _say(self, say: Message, answers: Set[FCF], failure: Failure) -> Signal:
        """A command until an answer; RR while the far end is not ready, T5 at most."""
        exchange, now = self.call.exchange, self.call.line.now
        ask = partial(exchange.ask_after_page, answers=answers | {FCF.RNR}, failure=failure)
        answer = await ask(partial(exchange.send, say))
        until = now() + timers.T5
        while answer.fcf is FCF.RNR:
            if now() > until:
                raise Disconnect(failure.silent)
            answer = await ask(partial(exchange.send, Message(FCF.RR)))
        return answer

    async def _end_of_retransmission(self, pps: PPS, failure: Failure) -> NoReturn:
        """EOR: the block is given up, and the call with it."""
        eor = Message(FCF.EOR, write_pps(pps, x=self.call.calling)[:1])
        await self._say(eor, frozenset((FCF.ERR, FCF.PIN)), failure)
        raise Disconnect(Hangup.TRAINING_FAILED)

    async def _continue_to_correct(
        self, agreed: Agreement, pps: PPS, failure: Failure, *, deaf: bool
    ) -> Agreement:
        """CTC: go on with the same block, one rate lower where the rate is to blame.

        Where not one frame has come through by V.17, its short training may be what fails: some
        machines have it wrong. Then no rate of V.17 is tried any more.
        """
        modulation = self.slower() if self._length.judged() else agreed.modulation
        while modulation is not None and deaf and modulation.v17:
            modulation = self.slower()
        if modulation is None:
            await self._end_of_retransmission(pps, failure)
        parameters = replace(agreed.parameters, br=BR(modulation.bit_rate // 2400 - 1))
        agreed = replace(agreed, parameters=parameters, modulation=modulation)
        ctc = Message(FCF.CTC, write_dcs(agreed)[:2])
        await self._say(ctc, frozenset((FCF.CTR,)), _CTC_FAILS)
        self.call.parameters, self.call.modulation = parameters, modulation
        self.call.trace.note(f"continuing at {modulation.bit_rate} bit/s")
        return agreed
