"""Receive a page with error correction: take bursts, and say which frames are missing.

A block goes on to the page when it is whole, so a decoder never meets a damaged row. A PPS whose
counters are those of the block before is that block's PPS again, because our answer was lost; or
all of the block again, where the same frames came before it. With other frames, or another command,
it is a new block of a far end that does not count.

T.30 Annex A, figures A-5 to A-7. Not here: what follows the page (`receive`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from modems.session import EC
from modems.t30 import timers
from modems.t30.call import Call
from modems.t30.dis import Agreement
from modems.t30.ecm import OCTETS, PPRS, PPS, Block, frame_seconds, write_map
from modems.t30.fcf import FCF
from modems.t30.frames import Message, parse
from modems.t30.inbox import Inbox
from modems.t30.line import WrongCarrier

MCF: Final = Message(FCF.MCF)


@dataclass(slots=True)
class BlockReceiver:
    """The block in hand, and the counters of the one before it."""

    call: Call
    inbox: Inbox
    _block: Block = field(default_factory=lambda: Block(OCTETS[EC.ECM_256]))
    _before: PPS | None = None
    _contents: list[bytes] = field(default_factory=list)  # of the block before
    heard: bool = False  # anything of the block in hand
    ended: bool = False  # RCP has come after the last burst
    _retrained: bool = False  # the next burst begins with long training
    _pprs: int = 0  # that were heard, for the block in hand and since the last CTC
    _asked: bool = False  # by a PPR that may not have been heard
    _ctrs: int = 0  # that may be said again while nothing comes of the last

    def begin(self, agreed: Agreement) -> None:
        """A DCS: what was held of an unfinished block is of no use under it."""
        self._block = Block(OCTETS[agreed.parameters.ec])
        self._before = None  # a PPS after this is never about a block from before it
        self.heard = self.ended = self._retrained = self._asked = False
        self._pprs = 0

    def retrained(self) -> None:
        """A CTC: the block in hand goes on, after long training."""
        self._retrained, self._ctrs = True, timers.TRIES - 1
        self._pprs = 0

    def unheard(self) -> bool:
        """Whether CTR is to be said again: a far end that missed it may not know how to ask."""
        again = self._retrained and self._ctrs > 0
        self._ctrs -= again
        return again

    async def take(self, agreed: Agreement) -> bool:
        """Phase C: one burst of frames; whether it brought any that was missing.

        Raises NoCarrier and WrongCarrier as the line does.
        """
        carrier = agreed.modulation.long if self._retrained else agreed.modulation.short
        timeout = timers.T2 if self._retrained and self._ctrs else timers.PAGE_WAIT
        try:
            frames = await self.call.line.receive_frames(timeout=timeout, on=carrier)
        except WrongCarrier:  # a command; what follows it is trained for shortly, but after CTC
            self._retrained = False
            raise
        self._retrained = False
        known = [m for m in map(parse, frames) if m is not None]
        messages = [m for m in known if m.fcf is FCF.FCD]
        self.ended = any(m.fcf is FCF.RCP for m in known)
        if not self.ended:
            self.call.exchange.rhythm.lost(self.call.line.now(), 0.1)
        self.inbox.came(sum(len(frame.octets) for frame in frames) * 8 / carrier.bit_rate)
        before = self._block.held
        for message in messages:
            self._block.add(message)
        self.heard = self.heard or bool(messages)
        self._pprs += self._asked
        self._asked = False
        self.call.trace.note(f"{len(messages)} frames of page {self.call.page} received")
        return self._block.held > before

    @property
    def ctc_due(self) -> bool:
        """Whether the far end has been asked so often that it says CTC next, or EOR."""
        return self._asked and self._pprs == PPRS - 1

    @property
    def in_hand(self) -> bool:
        """Whether there is a block that has not been answered for."""
        return self.heard or self._asked or self._pprs > 0

    def repeated(self, pps: PPS, agreed: Agreement) -> bool:
        """Whether this is the PPS of the block before, again; its frames, if they came, are left.

        Frames that are missing yet are asked for first.
        """
        before, contents = self._before, self._contents
        if before is None or (pps.page, pps.block) != (before.page, before.block):
            return False
        anew = pps.ending is not before.ending or pps.frames > len(contents)
        if self.heard and (anew or self._block.contents != contents):
            return False
        self.begin(agreed)
        self._before, self._contents = before, contents
        return True

    def missing(self, pps: PPS) -> Message | None:
        """The PPR for what is missing of the block; None when it is whole."""
        self._block.expect(pps.frames)
        missing = self._block.missing
        if not missing:
            return None
        self._asked = True
        return Message(FCF.PPR, write_map(missing))

    def seconds_missing(self, agreed: Agreement) -> float:
        """What the frames that are missing will take."""
        parameters = agreed.parameters
        return len(self._block.missing) * frame_seconds(agreed.modulation.bit_rate, parameters.ec)

    def complete(self, pps: PPS | None, agreed: Agreement) -> None:
        """Hand the block on to the page; without a PPS, as far as it is whole."""
        contents = self._block.contents
        for octets in contents:
            self.inbox.feed(octets, agreed)
        self.begin(agreed)
        if pps is not None:
            self._before, self._contents = pps, contents
