"""Line time: seconds as a telephone line counts them, on a loop that may have less of them.

`speed` line seconds pass in one second of the loop. What a program computes between two signals
would then weigh `speed` times too much, and a late timer would break the 75 ms relations of T.30:
therefore each end of a call keeps its own exact place in line time, and the clock forgives lateness
up to `grace` seconds of the loop. A delay beyond that really happened and counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

GRACE_AT_LIFE_SPEED = 0.01  # s; what a loop's timers and a few callbacks are late by
GRACE_WHEN_FASTER = 0.5  # s; coding a page, one slow commit, a busy machine
RESOLUTION = 2e-9  # s; times that an event loop cannot tell apart


class LineClock:
    """Seconds of line time since its first use. `speed` > 0; `grace` in seconds of the loop."""

    def __init__(self, speed: float = 1.0, grace: float | None = None) -> None:
        assert speed > 0
        self.speed = speed
        usual = GRACE_WHEN_FASTER if speed > 1 else GRACE_AT_LIFE_SPEED
        self.grace = speed * (usual if grace is None else grace)  # line seconds
        self._origin: float | None = None

    def now(self) -> float:
        """The line time that the loop's clock has come to."""
        origin = self._start()
        return (asyncio.get_running_loop().time() - origin) * self.speed

    def reached(self, when: float) -> bool:
        """Whether line time `when` has come."""
        return self.now() >= when - RESOLUTION * self.speed

    def call_at(self, when: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back at line time `when`."""
        return asyncio.get_running_loop().call_at(self._start() + when / self.speed, callback)

    def in_loop_seconds(self, seconds: float) -> float:
        """How long line `seconds` are for the loop, for its own sleeps and time-outs."""
        return seconds / self.speed

    def _start(self) -> float:
        if self._origin is None:
            self._origin = asyncio.get_running_loop().time()
        return self._origin
