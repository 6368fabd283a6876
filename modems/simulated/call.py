"""A call: two ends that hear each other, each with its own exact place in line time.

An end moves through line time only by living: being silent, sending, listening. What its program
computes in between takes no line time, unless the clock's grace is over. The ends keep each other
honest: an end that waits in vain gives up only once the far end's doings up to that moment are
known. So the relations of T.30 hold to the microsecond, however late the event loop is, and what
one end sends is heard by the other exactly if a real line would have carried it in time.

Only `line` uses this. The only exception that leaves is `CallDropped`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence

from modems.simulated.clock import LineClock
from modems.simulated.faults import CallFaults, FaultBook
from modems.simulated.signals import Signal
from modems.t30.line import CallDropped

REMEMBERED = 16  # signals of an end that the far end may still turn to


class Call:
    """A connected call from line time `start`. `delay` s is how long a signal travels, one way."""

    def __init__(
        self, clock: LineClock, start: float, *, delay: float, faults: Sequence[FaultBook]
    ) -> None:
        self.clock = clock
        self.delay = delay
        self.faults = CallFaults(faults)
        self.dropped_at = math.inf
        self.ends = (End(self, start), End(self, start))
        self.ends[0].far, self.ends[1].far = self.ends[1], self.ends[0]

    def drop(self, at: float) -> None:
        """The call ends at line time `at`, for both ends, unless it ended earlier."""
        self.dropped_at = min(self.dropped_at, at)
        for end in self.ends:
            end.news.set()


class End:
    """One end of a call.

    `place` is where in line time it has come to. `silent_until` is up to when its doings are known
    to the far end: it will not begin to send before.
    """

    far: End

    def __init__(self, call: Call, start: float) -> None:
        self.call = call
        self.place = start
        self.silent_until = start
        self.sent: deque[Signal] = deque(maxlen=REMEMBERED)
        self.news = asyncio.Event()

    def now(self) -> float:
        """Where this end is in line time; later than its last act only when it was really slow."""
        now = self.call.clock.now()
        return now if now - self.place > self.call.clock.grace else self.place

    def begin(self) -> float:
        """Begin a verb: the line time at which it begins."""
        self.place = self.now()
        if self.call.dropped_at <= self.place:
            raise CallDropped
        return self.place

    async def live_until(self, when: Callable[[], float]) -> None:
        """Come to line time `when()`, which may move meanwhile; CallDropped when the call ends."""
        while True:
            target = min(when(), self.call.dropped_at)
            self._tell(target)
            if self.call.clock.reached(target):
                break
            await self._news_or(target)
        self.place = max(self.place, target)
        if self.call.dropped_at < when():
            raise CallDropped

    async def send(self, signal: Signal) -> None:
        """Put a signal on the line, from now to its end."""
        self.sent.append(signal)
        try:
            await self.live_until(lambda: signal.end)
        finally:
            signal.end = min(signal.end, self.place)  # earlier when it was cut off
            self._tell(self.place)

    async def listen(self, until: float, heard: Callable[[Signal], bool]) -> Signal | None:
        """The far end's first signal that `heard` accepts and that begins by `until`, or None.

        Returns as soon as it is known; the place is then where listening began, or `until`.
        """
        while True:
            if signal := self._audible(until, heard):
                self._tell(signal.start + self.call.delay)
                return signal
            if self._nothing_came(until):
                await self.live_until(lambda: until)
                return None
            self._tell(until)
            patience = self.call.clock.grace if self.call.clock.reached(until) else 0.0
            await self._news_or(min(until + patience, max(self.call.dropped_at, self.place)))

    async def live_knowing(self, when: Callable[[], float]) -> None:
        """As `live_until`, and everything that could be heard until then is known."""
        await self.live_until(when)
        while not self.knows(when()):
            await self._news_or(when() + self.call.clock.grace)
            await self.live_until(when)

    def audible_end(self, signal: Signal) -> float:
        """When the far end's signal ends here."""
        return signal.end + self.call.delay

    def last_heard(self) -> float:
        """When the far end's latest signal ends here; -inf when it never sent."""
        return max((self.audible_end(s) for s in self.far.sent), default=-math.inf)

    def knows(self, when: float) -> bool:
        """Whether all that could be heard here up to `when` is known, or has been waited for."""
        clock = self.call.clock
        known = self.far.silent_until + self.call.delay >= when
        return clock.reached(when) and (known or clock.reached(when + clock.grace))

    def _audible(self, until: float, heard: Callable[[Signal], bool]) -> Signal | None:
        for signal in self.far.sent:
            begins = signal.start + self.call.delay
            if self.place < self.audible_end(signal) and begins <= until and heard(signal):
                return signal
        return None

    def _nothing_came(self, until: float) -> bool:
        dropped = self.call.dropped_at
        return self.knows(until) or (dropped <= until and self.call.clock.reached(dropped))

    def _tell(self, until: float) -> None:
        if until != self.silent_until:
            self.silent_until = until
            self.far.news.set()

    async def _news_or(self, when: float) -> None:
        """Wait for news of the far end or of the call, or for line time `when`."""
        timer = self.call.clock.call_at(when, self.news.set)
        try:
            await self.news.wait()
        except asyncio.CancelledError:
            self.place = max(self.place, self.call.clock.now())
            raise
        finally:
            timer.cancel()
            self.news.clear()
