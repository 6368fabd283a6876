"""The lines of one gateway: who may send on which, who answers, and what each is doing.

`Pool.seize` gives the longest idle sending line to the sender that has waited longest, lines that
only send first, so that both-way lines stay free for callers. `Pool.run` waits for calls on all
receiving lines and hands each to `on_call`; a both-way line stops waiting while it sends. A call
that rings in the very moment of a seizure wins: the sender gets another line.

A line that fails (its driver raises, or it reports its own fault) is put aside and tried again
later, each time after twice as long; it never takes the others with it. Not here: what is sent,
where received pages go, and making the terminals.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from modems.dialler import IncomingCall
from modems.pool_line import LineState, LineStatus, PoolLine

log = logging.getLogger(__name__)

FIRST_REST = 5.0  # s; how long a failed line is put aside the first time
LONGEST_REST = 60.0  # s; and at most: so soon is a modem found that was plugged in again
DOUBLINGS = 8
NEXT_RING = 5.0  # s; from one ring to the next

OnCall = Callable[[PoolLine, IncomingCall], Awaitable[object]]


class Pool:
    """The lines, in the order of the configuration. `now` is the clock that people read."""

    def __init__(
        self,
        lines: Sequence[PoolLine],
        on_call: OnCall,
        now: Callable[[], datetime],
        on_change: Callable[[LineStatus], None] | None = None,
    ) -> None:
        self._lines = tuple(lines)
        self._on_call = on_call
        self._waiting: deque[asyncio.Future[PoolLine]] = deque()
        self._idle_since = {line.name: i for i, line in enumerate(lines)}
        self._turn = len(lines)
        self._answering = True
        self._answerers: list[tuple[PoolLine, asyncio.Task[None]]] = []
        for line in lines:
            line.attach(now, on_change)

    def status(self) -> tuple[LineStatus, ...]:
        """What every line is doing."""
        return tuple(line.status() for line in self._lines)

    async def run(self) -> None:
        """Wait for calls and have them answered, until cancelled or told to stop."""
        async with asyncio.TaskGroup() as group:
            for line in self._lines:
                if line.receives:
                    answer = group.create_task(self._answer(line), name=f"answer {line.name}")
                    self._answerers.append((line, answer))

    def stop_answering(self) -> None:
        """Answer no more calls; those in progress go on, and `run` ends with them."""
        self._answering = False
        for line, answerer in self._answerers:
            if line.state not in {LineState.RINGING, LineState.RECEIVING}:
                answerer.cancel()

    async def close(self) -> None:
        """Let go of the ports of all lines; each may take as long as its driver lets it."""
        closing = (line.close() for line in self._lines if line.close is not None)
        for failure in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(failure, Exception):
                log.error("a line could not be closed", exc_info=failure)

    async def seize(self) -> PoolLine:
        """A sending line for one call; waits in turn, without limit, until one is idle.

        Whoever seizes a line releases it.
        """
        first_in_turn = False
        while True:
            line = await self._next_idle(first_in_turn=first_in_turn)
            try:
                if await line.has_stopped_listening():
                    return line
            except asyncio.CancelledError:
                self._give_up(line)
                raise
            first_in_turn = True  # a call came in between: back to the head of the queue

    def release(self, line: PoolLine) -> None:
        """Give back a seized line."""
        if line.failure:
            self._put_aside(line)
        else:
            self._idle(line)

    async def _next_idle(self, *, first_in_turn: bool) -> PoolLine:
        """An idle sending line, already marked as taken."""
        turn: asyncio.Future[PoolLine] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first_in_turn else self._waiting.append)(turn)
        self._hand_out()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_up(turn.result())
            raise

    def _give_up(self, line: PoolLine) -> None:
        if line.state is LineState.TAKEN:  # a call may have come in between
            self.release(line)

    def _hand_out(self) -> None:
        """Give idle lines to those who wait, first come first served."""
        while self._waiting:
            if self._waiting[0].done():  # cancelled
                self._waiting.popleft()
            elif line := self._longest_idle():
                line.take()
                self._waiting.popleft().set_result(line)
            else:
                return

    def _longest_idle(self) -> PoolLine | None:
        idle = [line for line in self._lines if line.sends and line.is_idle()]
        return min(idle, key=lambda li: (li.receives, self._idle_since[li.name]), default=None)

    def _idle(self, line: PoolLine) -> None:
        self._turn += 1
        self._idle_since[line.name] = self._turn
        line.failure = ""
        line.become(LineState.IDLE)
        self._hand_out()

    def _put_aside(self, line: PoolLine) -> None:
        """Leave a failed line alone for a while."""
        seconds = min(FIRST_REST * 2 ** min(line.failures - 1, DOUBLINGS), LONGEST_REST)
        log.warning("line=%s failed, next try in %.0f s: %s", line.name, seconds, line.failure)
        line.become(LineState.FAILED)
        asyncio.get_running_loop().call_later(seconds, self._idle, line)

    async def _answer(self, line: PoolLine) -> None:
        """Wait for calls on one line, whenever nobody sends on it."""
        while self._answering:
            await line.wait_until_idle()
            if call := await line.wait_for_call():
                await self._handle(line, call)
                self.release(line)
            elif line.failure:
                self._put_aside(line)

    async def _handle(self, line: PoolLine, call: IncomingCall) -> None:
        try:
            await self._on_call(line, call)
        except Exception as error:
            log.exception("line=%s: answering failed", line.name)
            line.failed(str(error) or type(error).__name__)
        if line.state is LineState.RINGING:
            await asyncio.sleep(NEXT_RING)  # left unanswered; if it rings on, it is offered again
