"""A call through a Class 1 modem as T.30 sees it: the verbs of `modems.t30.line.Line` over T.31.

V.21 frames are the modem's (it makes flags and FCS), frames on the fast carriers are made here
(`modems.hdlc`). The silences of T.30 are left to the modem where it can count them: it knows when
its own carrier has really gone, and hears whether the far end's has.

T.31 8.3, TIA-578 annex B. Not here: the commands' ends and aborts (`actions`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from enum import Enum
from typing import Final

from modems.class1.actions import CARRIER_ON, HELD, RESULT, Actions, Mode
from modems.class1.tcf import LONGEST as LONGEST_TCF
from modems.class1.tcf import TrainingJudge
from modems.dle import Unshield
from modems.hdlc import Deframer, framed, is_good
from modems.results import Result
from modems.serial_modem import SerialModem
from modems.t30.fcf import FCF
from modems.t30.frames import parse
from modems.t30.line import (
    CallDropped,
    Frame,
    LineError,
    Modulation,
    NoCarrier,
    WrongCarrier,
)

FINAL: Final = 0x10  # of the control octet: the last frame of a burst
V21_FCS: Final = 2  # octets

# Seconds on the line.
TCF: Final = 1.5
FAST_PREAMBLE: Final = 0.2  # flags before frames on a fast carrier (T.30 A.3)
CLOSING: Final = 0.02  # flags after them, so that the last frame leaves the modem
TRAINING: Final = 2.0  # the longest training, with room

# Seconds of real time.
LONGEST_FRAME: Final = 10.0  # of V.21: 3.45 s and some; some modems hang after CONNECT
NEXT_FRAME: Final = 1.0  # to the CONNECT of the next frame in a burst
PAGE_STALL: Final = 5.0  # a carrier that brings nothing for so long has gone
CARRIER_GONE: Final = 0.4  # after an RCP: the far end has nothing more to say
EARLY: Final = 0.3  # +FCERROR: the V.21 carrier before may not have gone yet, ask again
LONGEST_TALK: Final = 60.0  # who has not been silent by then never will be
LONGEST_COUNT: Final = 2.5  # +FTS and +FRS count to 2.55 s
PATIENCE: Final = 1.0  # beyond a silence that was asked for

MOST_FRAMES: Final = 64  # of a V.21 burst
MOST_FAST_FRAMES: Final = 1024  # of a burst on a fast carrier: 256, RCPs, and what noise makes
MOST_TRIES: Final = 30  # of +FRH that only says NO CARRIER: T.31 lets it, noise makes it
LONGEST_V21: Final = 400  # octets of a frame
CHUNK: Final = 1024  # octets of a page per write


class Last(Enum):
    """What the line carried last."""

    OURS = "we sent"
    THEIRS = "we heard"
    NOTHING = "silence"


class Class1Line:
    """One end of a call. `released` is called once, when it hangs up."""

    def __init__(
        self, modem: SerialModem, actions: Actions, released: Callable[[], None] = lambda: None
    ) -> None:
        self._modem = modem
        self._actions = actions
        self._released = released
        self._closed = False
        self._last = Last.NOTHING
        self._fcs_delivered = False  # the modem hands the FCS of V.21 frames on

    def now(self) -> float:
        """Seconds of the event loop's clock."""
        return self._actions.now()

    # Silence -----------------------------------------------------------------------------------

    async def pause(self, seconds: float) -> None:
        """Be silent for so long, counted from when our carrier, or theirs, has gone."""
        self._check()
        counts = seconds <= LONGEST_COUNT
        if self._last is Last.OURS and counts:
            await self._silence("FTS", seconds, CARRIER_ON)
        elif self._last is Last.THEIRS and counts and self._modem.identity.quirks.waits_for_silence:
            await self._silence("FRS", seconds, PATIENCE)
        else:
            await self._actions.rest()
            await asyncio.sleep(seconds)
        self._last = Last.NOTHING

    async def wait_for_silence(self, seconds: float) -> None:
        """Wait until the far end has been silent for so long, at most a minute."""
        self._check()
        if self._modem.identity.quirks.waits_for_silence:
            await self._silence("FRS", min(seconds, LONGEST_COUNT), LONGEST_TALK)
        else:
            await self._hear_out(seconds)
        self._last = Last.NOTHING

    async def _silence(self, action: str, seconds: float, patience: float) -> None:
        """+FTS or +FRS; a modem that does not come back in time has heard no silence."""
        result = await self._actions.start(f"{action}={seconds * 100:.0f}", seconds + patience)
        if result not in {Result.OK, None}:
            raise CallDropped

    async def _hear_out(self, seconds: float) -> None:
        """Silence without +FRS: no V.21 for so long."""
        until = self.now() + LONGEST_TALK
        with contextlib.suppress(NoCarrier, WrongCarrier):
            while self.now() < until:
                await self.receive_frames(timeout=seconds)

    # Sending -----------------------------------------------------------------------------------

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        """Send frames in one burst: preamble, frames with flags between, carrier off."""
        self._check()
        if on is not Modulation.V21:
            flags = on.bit_rate / 8
            burst = framed(
                frames, preamble=int(FAST_PREAMBLE * flags), closing=1 + int(CLOSING * flags)
            )
            await self._send_fast(on, burst)
            return
        if not self._actions.take_implied(Mode.SENDING):
            await self._carrier("FTH=3")
        for frame in frames:
            await self._actions.send(frame.octets)
            result = await self._actions.end(CARRIER_ON + len(frame.octets) * 10 / on.bit_rate)
            if result not in {Result.CONNECT, Result.OK}:
                raise CallDropped
        await self._actions.rest()  # a last frame that was not marked final
        self._last = Last.OURS

    async def send_training(self, on: Modulation) -> None:
        """Training and TCF."""
        self._check()
        await self._send_fast(on, [bytes(int(TCF * on.bit_rate / 8))])

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        """Training, one coded page as it is, carrier off."""
        self._check()
        zeros = bytes(self._modem.identity.quirks.closing_zeros)
        chunks = [coded[at : at + CHUNK] for at in range(0, len(coded), CHUNK)]
        await self._send_fast(on, [*chunks, zeros])

    async def _send_fast(self, on: Modulation, chunks: Iterable[bytes]) -> None:
        await self._carrier(f"FTM={on.value}")
        written = 0
        for chunk in chunks:
            await self._actions.send(chunk)
            written += len(chunk)
        held = min(written, HELD) * 8 / on.bit_rate
        if await self._actions.end(TRAINING + held + RESULT) is not Result.OK:
            raise CallDropped
        self._last = Last.OURS

    async def _carrier(self, action: str) -> None:
        """Our carrier on."""
        if await self._actions.start(action, CARRIER_ON) is not Result.CONNECT:
            raise CallDropped

    # Hearing -----------------------------------------------------------------------------------

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        """The frames of one burst that begins within `timeout` seconds."""
        self._check()
        if on is not Modulation.V21:
            return await self._receive_fast_frames(on, timeout)
        until = self.now() + timeout
        while True:  # a carrier without a frame is noise
            if not self._actions.take_implied(Mode.HEARING):
                await self._listen("FRH=3", until - self.now())
            if frames := await self._burst():
                return frames

    async def _burst(self) -> list[Frame]:
        """Frame after frame until the final one, or until the carrier ends."""
        frames: list[Frame] = []
        while (frame := await self._frame()) is not None and len(frames) < MOST_FRAMES:
            frames.append(frame)
            if frame.ok and frame.octets[1:2] and frame.octets[1] & FINAL:
                break
            try:
                await self._listen("FRH=3", NEXT_FRAME, tries=1)
            except (NoCarrier, WrongCarrier):
                break
        return frames

    async def _frame(self) -> Frame | None:
        """The frame after CONNECT; None where its carrier ends without one."""
        self._last = Last.THEIRS
        stretch, octets = Unshield(), bytearray()
        until = self.now() + LONGEST_FRAME
        while data := await self._actions.receive(stretch, max(until - self.now(), 0.0)):
            octets += data
            if octets.startswith(b"\r\nNO CARRIER\r\n"):  # a result where the modem owes DLE ETX
                self._actions.carrier_lost()
                return None
            if len(octets) > LONGEST_V21:
                data = None
                break
        if data is None:
            await self._actions.rest()
            return Frame(b"", ok=False)
        result = await self._actions.result()
        if not octets:
            return None
        return self._checked(bytes(octets), good=result is Result.OK)

    def _checked(self, octets: bytes, *, good: bool) -> Frame:
        """Take off the FCS, which only some old modems leave out, and heed it."""
        if is_good(octets):
            self._fcs_delivered = True
            return Frame(octets[:-V21_FCS])
        if good and not self._fcs_delivered:
            return Frame(octets)
        return Frame(octets[:-V21_FCS], ok=False)

    async def _receive_fast_frames(self, on: Modulation, timeout: float) -> list[Frame]:
        """A burst of frames on a fast carrier, read out of the modem's stream."""
        await self._listen(f"FRM={on.value}", timeout)
        burst = FastBurst()
        async for chunk in self._stream(burst.patience):
            burst.feed(chunk)
        return burst.frames

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        """Whether the TCF that begins within `timeout` seconds was good."""
        self._check()
        judge = TrainingJudge(on.bit_rate)
        await self._listen(f"FRM={on.value}", timeout)
        until = self.now() + LONGEST_TCF
        async for chunk in self._stream(lambda: until - self.now()):
            judge.feed(chunk)
        return judge.good

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        """The octets of one page as they arrive, until the carrier ends."""
        self._check()
        await self._listen(f"FRM={on.value}", timeout)
        async for chunk in self._stream(lambda: PAGE_STALL):
            yield chunk

    async def _stream(self, limit: Callable[[], float]) -> AsyncIterator[bytes]:
        """Data until their end, or until none come for `limit()` seconds."""
        self._last = Last.THEIRS
        stretch = Unshield()
        while data := await self._actions.receive(stretch, max(limit(), 0.0)):
            yield data
        if data is not None:
            await self._actions.result()

    async def _listen(self, action: str, timeout: float, tries: int = MOST_TRIES) -> None:
        """Until the carrier that was asked for is there. Raises NoCarrier, WrongCarrier."""
        began = self.now()
        for _ in range(tries):
            left = began + timeout - self.now()
            if left <= 0:
                break
            result = await self._actions.start(action, left)
            if result is Result.CONNECT:
                return
            if result is None:
                break
            if result is Result.FCERROR and action != "FRH=3" and self.now() - began < EARLY:
                continue
            if result in {Result.FCERROR, Result.FRH3}:
                raise WrongCarrier
            if result not in {Result.NO_CARRIER, Result.OK}:
                raise CallDropped
        else:
            if tries == MOST_TRIES:
                raise CallDropped
        self._last = Last.NOTHING
        raise NoCarrier

    # The end -----------------------------------------------------------------------------------

    async def hang_up(self) -> None:
        """On-hook, by whatever it takes."""
        if self._closed:
            return
        self._closed = True
        try:
            with contextlib.suppress(LineError):
                await self._actions.rest()
            await self._modem.hang_up()
        finally:
            self._released()

    def _check(self) -> None:
        if self._closed:
            raise CallDropped


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
        return CARRIER_GONE if last is not None and last.fcf is FCF.RCP else PAGE_STALL
