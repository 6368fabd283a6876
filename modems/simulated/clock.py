"""Line time: seconds as a telephone line counts them, on a loop that may have less of them.

`speed` line seconds pass in one second of the loop. What a program computes between two signals
would then weigh `speed` times too much; therefore the clock stands still while an end of a call
computes, but no longer than `grace` seconds of the loop: a delay beyond that really happened, and
counts. Everyone on an exchange shares one clock. A loop that is late delays the clock's alarms, not
its time; who was to act at a line time acts as of that time (`modems.simulated.call`).
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

GRACE_AT_LIFE_SPEED = 0.01  # s; a few callbacks
GRACE_WHEN_FASTER = 0.5  # s; coding a page, one slow commit, a busy machine
RESOLUTION = 2e-9  # s; times that an event loop cannot tell apart


@dataclass(order=True, slots=True)
class Alarm:
    """A call-back that is due at line time `when`."""

    when: float
    number: int
    callback: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Forget it."""
        self.callback = None


class LineClock:
    """Seconds of line time since the clock's first use. `speed` > 0; `grace` in loop seconds."""

    def __init__(self, speed: float = 1.0, grace: float | None = None) -> None:
        assert speed > 0
        usual = GRACE_WHEN_FASTER if speed > 1 else GRACE_AT_LIFE_SPEED
        self._speed = speed
        self._grace = usual if grace is None else grace
        self._stopped_at = 0.0  # line time of the latest stop
        self._since: float | None = None  # loop time since which it runs again; None: it stands
        self._held: dict[object, asyncio.TimerHandle] = {}
        self._alarms: list[Alarm] = []
        self._numbers = 0
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """The line time."""
        if self._since is None and not self._held:
            self._since = asyncio.get_running_loop().time()
        if self._since is None:
            return self._stopped_at
        passed = asyncio.get_running_loop().time() - self._since
        return self._stopped_at + passed * self._speed

    def reached(self, when: float) -> bool:
        """Whether line time `when` has come."""
        return self.now() >= when - RESOLUTION * self._speed

    def call_at(self, when: float, callback: Callable[[], None]) -> Alarm:
        """Call back at line time `when`."""
        self._numbers += 1
        alarm = Alarm(when, self._numbers, callback)
        heapq.heappush(self._alarms, alarm)
        if self._alarms[0] is alarm:
            self._arm()
        return alarm

    async def sleep(self, seconds: float) -> None:
        """Wait for so much line time."""
        over = asyncio.Event()
        alarm = self.call_at(self.now() + seconds, over.set)
        try:
            await over.wait()
        finally:
            alarm.cancel()

    def hold(self, holder: object, overdue: Callable[[], None]) -> None:
        """Stand still while `holder` computes; `overdue` is called when the grace is over."""

        def over() -> None:
            self.release(holder)
            overdue()

        assert holder not in self._held
        self._stopped_at, self._since = self.now(), None
        self._held[holder] = asyncio.get_running_loop().call_later(self._grace, over)
        self._arm()

    def release(self, holder: object) -> None:
        """`holder` has computed."""
        if timer := self._held.pop(holder, None):
            timer.cancel()
            if not self._held:
                self.now()  # runs again from here
                self._arm()

    def _arm(self) -> None:
        """Have the loop wake us for the next alarm, if the clock runs."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._alarms and self._alarms[0].callback is None:
            heapq.heappop(self._alarms)
        if self._alarms and not self._held:
            away = max(0.0, self._alarms[0].when - self.now())
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(loop.time() + away / self._speed, self._ring)

    def _ring(self) -> None:
        while self._alarms and self.reached(self._alarms[0].when):
            if callback := heapq.heappop(self._alarms).callback:
                callback()
        self._arm()
