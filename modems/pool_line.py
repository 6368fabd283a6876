"""One line of the pool: what it is used for, what it is doing, and the words to say so.

The pool moves the state between calls, the line's own terminal (`modems.watched`) within one.
Everything here is for the event loop that the pool runs on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from modems.dialler import IncomingCall
from modems.terminal import Identity, Terminal
from modems.watched import WatchedTerminal


class LineState(Enum):
    """What a line is doing."""

    IDLE = "idle"
    TAKEN = "about to send"
    SENDING = "sending"
    RINGING = "ringing"
    RECEIVING = "receiving"
    FAILED = "failed"


WITH_FAR_END = {LineState.SENDING: "to", LineState.RECEIVING: "from", LineState.RINGING: "from"}


@dataclass(frozen=True, slots=True)
class LineStatus:
    """A line for people. `far` is the other number; `page` of `pages` of this call, 0 for none."""

    name: str
    number: str
    sends: bool
    receives: bool
    state: LineState
    since: datetime
    far: str = ""
    page: int = 0
    pages: int = 0
    failure: str = ""

    def __str__(self) -> str:
        far = f" {WITH_FAR_END[self.state]} {self.far}" if self.far else ""
        page = f", page {self.page}" if self.page else ""
        of = f" of {self.pages}" if self.page and self.pages else ""
        failure = f": {self.failure}" if self.failure else ""
        return f"{self.state.value}{far}{page}{of}{failure}"


class PoolLine:
    """A terminal under a name. `number` is its own, `identity` its CSI and TSI (else the number),
    `sender` the name that people know it by.

    `terminal` is to be used as it is; it keeps the state and the page count by itself.
    """

    def __init__(
        self,
        name: str,
        terminal: Terminal,
        *,
        number: str = "",
        identity: str = "",
        sender: str = "",
        sends: bool = True,
        receives: bool = True,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.close = close  # lets go of what the line holds: a modem's port
        self.name = name
        self.number = number
        self.identity = Identity(identity or number)
        self.sender = sender
        self.sends = sends
        self.receives = receives
        self.state = LineState.IDLE
        self.failure = ""
        self.failures = 0  # in a row
        self.terminal = WatchedTerminal(terminal, self)
        self._free = asyncio.Event()
        self._free.set()
        self._listening: asyncio.Task[IncomingCall] | None = None
        self._stopped: asyncio.Task[IncomingCall] | None = None
        self._far, self._page, self._pages = "", 0, 0

    def attach(
        self, now: Callable[[], datetime], on_change: Callable[[LineStatus], None] | None
    ) -> None:
        """Join a pool, its clock and its listener."""
        self._now = now
        self._since = now()
        self._on_change = on_change

    def status(self) -> LineStatus:
        """What the line is doing."""
        return LineStatus(
            self.name,
            self.number,
            self.sends,
            self.receives,
            self.state,
            self._since,
            self._far,
            self._page,
            self._pages,
            self.failure,
        )

    # What the terminal tells ----------------------------------------------------------------------

    def sending(self, number: str, pages: int) -> None:
        """A call to `number` begins."""
        self.become(LineState.SENDING, far=number, pages=pages)

    def receiving(self, call: IncomingCall) -> None:
        """A call is answered."""
        self.become(LineState.RECEIVING, far=call.caller)

    def at_page(self, page: int) -> None:
        """Page `page` of this call is on the line."""
        self._page = page
        self._tell()

    def worked(self) -> None:
        """A call ended, well or badly, and not by the line's own fault."""
        self.failure, self.failures = "", 0

    def failed(self, why: str) -> None:
        """The line itself does not work."""
        self.failure = why
        self.failures += 1

    # What the pool does ---------------------------------------------------------------------------

    def become(self, state: LineState, *, far: str = "", pages: int = 0) -> None:
        """Do something else from now on."""
        self.state = state
        self._far, self._page, self._pages = far, 0, pages
        self._since = self._now()
        (self._free.set if state is LineState.IDLE else self._free.clear)()
        self._tell()

    async def wait_until_idle(self) -> None:
        """Wait until nobody uses the line."""
        await self._free.wait()

    async def wait_for_call(self) -> IncomingCall | None:
        """The call that rings; None when a sender has taken the line, or it failed."""
        self._listening = task = asyncio.create_task(self.terminal.wait_for_call())
        try:
            await asyncio.wait([task])
        finally:
            await cancelled(task)
            self._listening = None
        if task.cancelled():
            return None
        if error := task.exception():
            self.failed(str(error) or type(error).__name__)
            return None
        self.become(LineState.RINGING, far=task.result().caller)
        return task.result()

    def is_idle(self) -> bool:
        """Whether a sender may take the line: it is idle, and does not ring this very moment."""
        rings = self._listening is not None and self._listening.done()
        return self.state is LineState.IDLE and not rings

    def take(self) -> None:
        """Keep the line for a sender, and stop waiting for calls."""
        self.become(LineState.TAKEN)
        self._stopped = self._listening
        if self._stopped:
            self._stopped.cancel()

    async def has_stopped_listening(self) -> bool:
        """After `take`: whether that was in time; False when the line rang or failed first."""
        return self._stopped is None or await cancelled(self._stopped)

    def _tell(self) -> None:
        if self._on_change:
            self._on_change(self.status())


async def cancelled(task: asyncio.Task[IncomingCall]) -> bool:
    """End a task; whether that was before it had a result."""
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()
