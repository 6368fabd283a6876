"""One end of a simulated call as T.30 sees it: the verbs of `modems.t30.line.Line`.

Half-duplex as modems are: what comes while nobody listens is lost; who listens late misses the
frames that have begun, and the whole of a fast signal whose training he missed; while one end sends
it hears nothing. A carrier of another modulation than the one listened for raises WrongCarrier.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager

from modems.simulated.call import Call, End
from modems.simulated.faults import TCF, name_of
from modems.simulated.signals import (
    ANSWER_SILENCE,
    CED,
    JOIN,
    TURN_ROUND,
    FrameBurst,
    Signal,
    frame_burst,
    page_signal,
    training_check,
)
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier

CHUNK = 0.2  # s; how much of a page is handed over at a time
DETECTION = 0.04  # s; how long a modem needs to know a carrier as the wrong one
LONGEST_TALK = 60.0  # s; who has not been silent by then never will be


class SimulatedLine:
    """A `Line` over one end of a call. `released` is called once, when it hangs up."""

    def __init__(self, call: Call, end: End, released: Callable[[], None]) -> None:
        self._call = call
        self._end = end
        self._released = released
        self._closed = False

    def now(self) -> float:
        """Seconds of line time since the exchange's clock began."""
        return self._end.now()

    async def pause(self, seconds: float) -> None:
        """Be silent for so long."""
        with self._living() as begin:
            await self._end.live_until(lambda: begin + seconds)

    async def wait_for_silence(self, seconds: float) -> None:
        """Wait until the far end has been silent for so long, at most a minute."""
        with self._living() as begin:

            def silent() -> float:
                quiet = max(begin, self._end.last_heard()) + seconds
                return min(quiet, begin + LONGEST_TALK)

            await self._end.live_knowing(silent)

    async def send_frames(self, frames: Sequence[Frame], on: Modulation = Modulation.V21) -> None:
        """Send frames in one burst: preamble, frames with flags between, carrier off."""
        faults = self._call.faults
        with self._living() as begin:
            if on is not Modulation.V21:
                cut = faults.cut_in_page()
                await self._send(frame_burst(begin, on, faults.damaged_frames(frames)), cut)
                faults.page_went_out()
                return
            burst = FrameBurst(begin, on)
            for frame in frames:
                burst.add(frame, lost=faults.loses(frame))
            faults.follow(frames)
            await self._send(burst.signal(), faults.cut_in_burst(map(name_of, frames)))

    async def receive_frames(
        self, *, timeout: float, on: Modulation = Modulation.V21
    ) -> list[Frame]:
        """The frames of one burst that begins within `timeout` seconds, once its carrier ends."""
        with self._living() as begin:
            signal = await self._hear(on, begin, timeout)
            await self._end.live_until(lambda: self._end.audible_end(signal))
            return signal.frames_from(begin - self._call.delay)

    async def send_training(self, on: Modulation) -> None:
        """Training and TCF."""
        faults = self._call.faults
        with self._living() as begin:
            good = not faults.spoils_training(on.bit_rate)
            await self._send(training_check(begin, on, good=good), faults.cut_in_burst([TCF]))

    async def receive_training(self, on: Modulation, *, timeout: float) -> bool:
        """Whether the TCF that begins within `timeout` seconds was good and whole."""
        with self._living() as begin:
            signal = await self._hear(on, begin, timeout)
            planned = signal.end
            await self._end.live_until(lambda: self._end.audible_end(signal))
            return signal.training_good is True and signal.end == planned

    async def send_page(self, on: Modulation, coded: bytes) -> None:
        """Training and the page; lasts as long as its bits do."""
        faults = self._call.faults
        with self._living() as begin:
            signal = page_signal(begin, on, faults.damaged(coded))
            cut = faults.cut_in_page()
            await self._send(signal, cut)
            faults.page_went_out()

    async def receive_page(self, on: Modulation, *, timeout: float) -> AsyncIterator[bytes]:
        """The octets of one page as they arrive, until the carrier ends."""
        end = self._end
        with self._living() as begin:
            signal = await self._hear(on, begin, timeout)
        at, given = signal.data + self._call.delay, 0

        def chunk_end() -> float:
            return min(at, end.audible_end(signal))

        lost = None
        while lost is None and end.place < end.audible_end(signal):
            at += CHUNK
            try:
                with self._living():
                    await end.live_until(chunk_end)
            except CallDropped as dropped:
                lost = dropped  # once what had come is handed over
            come = signal.octets_by(end.place - self._call.delay)
            if come > given:
                yield signal.page[given:come]
                given = come
        if lost:
            raise lost

    async def hang_up(self) -> None:
        """End the call."""
        if not self._closed:
            self._closed = True
            self._call.drop(self._end.now() + self._call.delay)
            self._end.leave()
            self._released()

    async def play_answer_tone(self) -> None:
        """Silence, CED, silence: what an answering terminal does first; a lost call ends it."""
        try:
            await self.pause(ANSWER_SILENCE + CED + TURN_ROUND)
        except CallDropped:
            return  # the first verb of the session will say so

    @contextmanager
    def _living(self) -> Iterator[float]:
        """Around each verb: the line time at which it begins."""
        if self._closed:
            raise CallDropped
        with self._end.living() as begin:
            yield begin

    async def _send(self, signal: Signal, cut: float | None) -> None:
        if cut is not None:
            self._call.drop(signal.start + cut * (signal.end - signal.start) + self._call.delay)
        await self._end.send(signal)

    async def _hear(self, on: Modulation, begin: float, timeout: float) -> Signal:
        """The signal that comes; it is noticed as the far end's from `begin` on."""
        since = begin - self._call.delay
        signal = await self._end.listen(begin + timeout, lambda s: audible(s, on, since))
        if signal is None:
            raise NoCarrier
        if signal.on is not on:
            known = max(begin, signal.start + self._call.delay) + DETECTION
            await self._end.live_until(lambda: known)
            raise WrongCarrier
        return signal


def audible(signal: Signal, on: Modulation, since: float) -> bool:
    """Whether someone who listens for carrier `on` from `since` notices this signal at all."""
    if signal.on is not on:
        return signal.end - max(since, signal.start) > JOIN
    if on is Modulation.V21:
        return bool(signal.frames_from(since))
    return since <= signal.start + JOIN
