"""An event loop whose seconds are line seconds: everything that waits on it waits less.

Soft modems run several times faster than life; a driver whose time-outs kept to life's clock would
be too patient by that factor. What computes is not faster, so a test at speed 4 asks four times as
much of it as a telephone line does.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Hurried(selectors.DefaultSelector):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._speed)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs `speed` times as fast as life."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        super().__init__(_Hurried(speed))

    def time(self) -> float:
        """Line seconds since the loop was made."""
        return (time.monotonic() - self._began) * self._speed


def run(work: Coroutine[Any, Any, T], speed: float) -> T:
    """Run a coroutine on such a loop."""
    with asyncio.Runner(loop_factory=lambda: FastLoop(speed)) as runner:
        return runner.run(work)
