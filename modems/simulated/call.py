"""A call: two ends that hear each other, each with its own exact place in line time.

An end moves through line time only by living: being silent, sending, listening. While its program
computes what to do next, the clock stands still. The ends keep each other honest: an end that waits
in vain gives up only once the far end's doings up to that moment are known. So the relations of
T.30 hold to the microsecond, however late the event loop is, and what one end sends is heard by the
other exactly if a real line would have carried it in time.

Only `line` uses this. The only exception that leaves is `CallDropped`.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from modems.simulated.clock import LineClock
from modems.simulated.faults import CallFaults, FaultBook
from modems.simulated.signals import Signal
from modems.t30.line import CallDropped

REMEMBERED = 16  # signals of an end that the far end may still turn to


class Call:
    """A connected call that begins now. `delay` s is how long a signal travels, one way."""

    def __init__(self, clock: LineClock, *, delay: float, faults: Sequence[FaultBook]) -> None:
        self.clock = clock
        self.delay = delay
        self.faults = CallFaults(faults)
        self.dropped_at = math.inf
        start = clock.now()
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
    to the far end: it will not begin to send before. `acting` while in a verb, `late` when it
    computes beyond the clock's grace: then its present is the clock's.
    """

    far: End

    def __init__(self, call: Call, start: float) -> None:
        self.call = call
        self.place = self.silent_until = start
        self.acting = self.late = self.left = False
        self.sent: deque[Signal] = deque(maxlen=REMEMBERED)
        self.news = asyncio.Event()
        call.clock.hold(self, self._overdue)

    def now(self) -> float:
        """Where this end is in line time."""
        present = self.acting or self.late
        return max(self.place, self.call.clock.now()) if present else self.place

    @contextmanager
    def living(self) -> Iterator[float]:
        """Around each verb: the line time at which it begins; computing before it is over."""
        self.place, self.late = self.now(), False
        if self.call.dropped_at <= self.place:
            raise CallDropped
        self.acting = True
        self.call.clock.release(self)
        try:
            yield self.place
        finally:
            self.acting = False
            if not self.left:
                self._tell(self.place)
                self.call.clock.hold(self, self._overdue)

    def leave(self) -> None:
        """Never act again."""
        self.left = True
        self.call.clock.release(self)
        self._tell(math.inf)

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

    async def live_knowing(self, when: Callable[[], float]) -> None:
        """As `live_until`, and everything that could be heard until then is known."""
        await self.live_until(when)
        while not self._knows(when()):
            await self._news()  # `when()` has come: only the far end can still tell
            await self.live_until(when)

    async def send(self, signal: Signal) -> None:
        """Put a signal on the line, from now to its end."""
        self.sent.append(signal)
        try:
            await self.live_until(lambda: signal.end)
        except asyncio.CancelledError:
            signal.end = min(signal.end, self.place)
            raise

    async def listen(self, until: float, heard: Callable[[Signal], bool]) -> Signal | None:
        """The far end's first signal that `heard` accepts and that begins by `until`, or None.

        Returns as soon as it is known; the place is then where listening began, or `until`.
        """
        while True:
            if signal := self._audible(until, heard):
                self._tell(signal.start + self.call.delay)
                return signal
            self._tell(until)
            dropped = self.call.dropped_at
            come = self.call.clock.reached(min(until, dropped))
            if come and (dropped <= until or self._knows(until)):
                await self.live_until(lambda: until)
                return None
            await (self._news() if come else self._news_or(min(until, dropped)))

    def has_unread_news(self) -> bool:
        """Whether this end is about to wake up and may think again of what it promised."""
        return self.acting and self.news.is_set()

    def audible_end(self, signal: Signal) -> float:
        """When the far end's signal ends here."""
        return signal.end + self.call.delay

    def last_heard(self) -> float:
        """When the far end's latest signal ends here; -inf when it never sent."""
        return max((self.audible_end(s) for s in self.far.sent), default=-math.inf)

    def _audible(self, until: float, heard: Callable[[Signal], bool]) -> Signal | None:
        for signal in self.far.sent:
            begins = signal.start + self.call.delay
            if self.place < self.audible_end(signal) and begins <= until and heard(signal):
                return signal
        return None

    def _knows(self, when: float) -> bool:
        """Whether all that could be heard here up to `when` is known, or was waited for enough.

        Asked once `when` has come.
        """
        far = self.far
        promised = far.silent_until + self.call.delay >= when and not far.has_unread_news()
        return promised or far.late

    def _tell(self, until: float) -> None:
        if until != self.silent_until:
            self.silent_until = until
            self.far.news.set()

    def _overdue(self) -> None:
        self.late = True
        self.far.news.set()

    async def _news_or(self, when: float) -> None:
        """Wait for news, or for line time `when`, which may come in this very moment."""
        alarm = self.call.clock.call_at(when, self.news.set)
        try:
            await self._news()
        finally:
            alarm.cancel()

    async def _news(self) -> None:
        """Wait for news of the far end or of the call."""
        if self.far.has_unread_news():
            await asyncio.sleep(0)  # it is to read them first
            self.news.clear()
            return
        try:
            await self.news.wait()
        except asyncio.CancelledError:
            self.place = max(self.place, self.call.clock.now())
            raise
        finally:
            self.news.clear()
