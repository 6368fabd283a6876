"""What a Class 1 modem hears: V.21 frame by frame, fast carriers as a stream.

+FRH and +FRM until their carrier is there (`listen`), then what it brings. The modem unpacks V.21
and judges the FCS; its verdict and the FCS itself, where it is handed on, are both heeded. Frames
on a fast carrier are unpacked here (`modems.hdlc`).

T.31 8.3.4, 8.3.6. Raises what a `Line` raises, and nothing else.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable
from typing import Final

from modems.class1.actions import Actions, Mode
from modems.dle import Unshield
from modems.hdlc import Deframer, is_good
from modems.results import Result
from modems.t30.fcf import FCF
from modems.t30.frames import FINAL, parse
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier

# Seconds of real time.
LONGEST_FRAME: Final = 10.0  # of V.21: 3.45 s and some; some modems hang after CONNECT
LONGEST_BURST: Final = 20.0  # of V.21: a preamble and all optional frames of one side take 15 s
NEXT_FRAME: Final = 1.0  # to the CONNECT of the next frame in a burst
STALL: Final = 5.0  # a carrier that brings nothing for so long has gone
CARRIER_GONE: Final = 0.4  # after an RCP: the far end has nothing more to say
EARLY: Final = 0.3  # +FCERROR: the V.21 carrier before may not have gone yet, ask again
ASK_AGAIN: Final = 0.02  # s before that

BLOCK_BITS: Final = 256 * 266 * 8 * 6 // 5  # of the longest fast burst, all zeros stuffed
MOST_FRAMES: Final = 64  # of a V.21 burst
MOST_FAST_FRAMES: Final = 1024  # of a fast burst: 256, RCPs, and what noise makes
HASTY: Final = 30  # +FRH that only says NO CARRIER (T.31 lets it, noise makes it) at once; then
BREATH: Final = 0.2  # s before the next
LONGEST_V21: Final = 400  # octets of a frame
V21_FCS: Final = 2  # octets
LINE_ENDS: Final = b"\r\n\0"  # none of which begins a frame: its address is FF
RESULT_INSTEAD: Final = re.compile(rb"\r\n(NO CARRIER|OK|ERROR|\+FCERROR)\r\n")


class Ear:
    """The hearing of one call."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._fcs_delivered = False  # the modem hands the FCS of V.21 frames on

    async def listen(self, action: str, timeout: float, *, once: bool = False) -> None:
        """Until the carrier that was asked for is there. Raises NoCarrier, WrongCarrier.

        NO CARRIER is one that has come and gone, and is asked for again unless `once`.
        """
        began = self._actions.now()
        for tries in itertools.count():
            if tries > HASTY:
                await asyncio.sleep(BREATH)
            passed = self._actions.now() - began
            if passed >= timeout:
                raise NoCarrier
            result = await self._actions.start(action, timeout - passed)
            if result is Result.CONNECT:
                return
            if result is None:
                raise NoCarrier
            early = self._actions.now() - began < EARLY
            if result is Result.FCERROR and action != "FRH=3" and early:
                await asyncio.sleep(ASK_AGAIN)
                continue
            if result in {Result.FCERROR, Result.FRH3}:
                raise WrongCarrier
            if result not in {Result.NO_CARRIER, Result.OK}:
                raise CallDropped
            if once:
                raise NoCarrier

    async def frames(self, timeout: float) -> list[Frame]:
        """The frames of one V.21 burst; a carrier without a frame is noise and not waited for."""
        until = self._actions.now() + timeout
        first = timeout
        tries = 0
        while True:
            tries += 1
            if tries > HASTY:  # a modem that finds a carrier in everything
                await asyncio.sleep(BREATH)
            if not self._actions.take_implied(Mode.HEARING):
                await self.listen("FRH=3", until - self._actions.now())
                first = LONGEST_FRAME
            if frames := await self._burst(first):
                return frames

    async def fast_frames(self, carrier: int, timeout: float) -> list[Frame]:
        """The frames of one burst on a fast carrier, which may go on for as long as a block."""
        await self.listen(f"FRM={carrier}", timeout)
        burst, now = FastBurst(), self._actions.now
        until = now() + BLOCK_BITS / Modulation(carrier).bit_rate + STALL
        async for chunk in self.stream(lambda: min(burst.patience(), until - now())):
            burst.feed(chunk)
        return burst.frames

    async def stream(self, limit: Callable[[], float] = lambda: STALL) -> AsyncIterator[bytes]:
        """Data until their end, or until none come for `limit()` seconds."""
        stretch = Unshield()
        while data := await self._actions.receive(stretch, max(limit(), 0.0)):
            yield data
        if data is not None:
            await self._actions.result()

    async def _burst(self, first: float) -> list[Frame]:
        """Frame after frame until the final one, or until the carrier ends.

        Raises NoCarrier when nothing of the first frame comes within `first` seconds.
        """
        frames: list[Frame] = []
        until = self._actions.now() + LONGEST_BURST
        while len(frames) < MOST_FRAMES and self._actions.now() < until:
            frame = await self._frame(LONGEST_FRAME if frames else first)
            if frame is None:
                break
            frames.append(frame)
            if frame.ok and frame.octets[1:2] and frame.octets[1] & FINAL:
                break
            try:
                await self.listen("FRH=3", NEXT_FRAME, once=True)
            except (NoCarrier, WrongCarrier):
                break
        return frames

    async def _frame(self, limit: float) -> Frame | None:
        """The frame after CONNECT; None where its carrier ends without one."""
        octets = bytearray()
        stretch, until = Unshield(), self._actions.now() + limit
        while data := await self._actions.receive(stretch, until - self._actions.now()):
            octets += data
            if RESULT_INSTEAD.match(octets):  # where the modem owes DLE ETX
                self._actions.carrier_lost()
                return None
            if len(octets) > LONGEST_V21:
                await self._actions.rest()
                return Frame(b"", ok=False)
        if data is None and not octets:
            raise NoCarrier
        if data is None:
            return Frame(b"", ok=False)
        good = await self._actions.result() is Result.OK
        return self._checked(bytes(octets), good=good) if octets else None

    def _checked(self, octets: bytes, *, good: bool) -> Frame:
        """Take off the FCS, which only some old modems leave out, and heed it.

        What is left of the CONNECT line of a modem that ends its lines oddly is no part of it.
        """
        octets = octets.lstrip(LINE_ENDS)
        if is_good(octets):
            self._fcs_delivered = True
            return Frame(octets[:-V21_FCS])
        if good and not self._fcs_delivered:
            return Frame(octets)
        return Frame(octets[:-V21_FCS], ok=False)


class FastBurst:
    """Frames out of the stream of a fast carrier."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._deframer = Deframer()

    def feed(self, chunk: bytes) -> None:
        """Take octets of the stream."""
        self.frames += self._deframer.feed(chunk)
        del self.frames[MOST_FAST_FRAMES:]

    def patience(self) -> float:
        """How long to wait for more; nothing follows RCP."""
        last = parse(self.frames[-1]) if self.frames else None
        return CARRIER_GONE if last is not None and last.fcf is FCF.RCP else STALL
