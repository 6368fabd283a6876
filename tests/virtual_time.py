"""Virtual time for asyncio: when every task waits for the clock, the clock jumps to the next timer.

A test marked `virtual_time` runs on this loop: an hour of retries or a three-minute call passes in
milliseconds, exactly and repeatably, and `asyncio.sleep` needs no stand-in. What really happens
outside the loop still happens. While a thread works for the loop (`to_thread`, `run_in_executor`,
a database library with a thread of its own) the clock stands still, so that computing costs no
line time; sockets and pipes are given a short moment of real time before each jump; while a child
process runs, time passes as in life.

Not here: threads that nobody awaits, and a wait that no timer ends (pytest's own time-out ends it).
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

QUIET = 0.005  # s, real; how long sockets and pipes must have been quiet before a jump
LONGEST_JOB = 20.0  # s, real; a thread that works longer no longer stops the clock
THREADED = ("aiosqlite",)  # libraries whose own threads resolve the futures that they create
CHILD_WATCHER = "asyncio-waitpid"  # the thread that asyncio keeps for each child process


class JumpingSelector(selectors.DefaultSelector):
    """Waits for real events as long as `outside` says so, then moves the clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 0.0
        self.jobs = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Like a selector, but a wait for a timer takes no real time."""
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if child_running():
            return self._as_in_life(timeout)
        events = super().select(self._moment())
        if not events:
            self.clock += timeout
        return events

    def _moment(self) -> float:
        if self.jobs:
            return LONGEST_JOB
        return QUIET if len(self.get_map()) > 1 else 0.0  # one: the loop's own wake-up pipe

    def _as_in_life(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        before = time.monotonic()
        events = super().select(timeout)
        self.clock += min(timeout, time.monotonic() - before)
        return events


def child_running() -> bool:
    """Whether asyncio waits for a child process to end."""
    return any(thread.name.startswith(CHILD_WATCHER) for thread in threading.enumerate())


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time` starts at 0 and jumps."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds since the loop was made, on its own clock."""
        return self._jumping.clock

    def create_future(self) -> asyncio.Future[Any]:
        """Count the futures that a library's thread will resolve."""
        future = super().create_future()
        if sys._getframe(1).f_globals.get("__name__", "").startswith(THREADED):
            self._count(future)
        return future

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Count the jobs that executors do for us."""
        future = super().run_in_executor(executor, func, *args)
        self._count(future)
        return future

    def _count(self, future: asyncio.Future[Any]) -> None:
        self._jumping.jobs += 1
        future.add_done_callback(self._uncount)

    def _uncount(self, future: asyncio.Future[Any]) -> None:
        self._jumping.jobs -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a fresh virtual loop: for tests that need one loop per example."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
