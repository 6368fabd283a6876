"""Lines of a simulated exchange in a pool, callers of them, and drivers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from modems.dialler import IncomingCall
from modems.line_terminal import LineTerminal
from modems.pool import Pool
from modems.pool_line import LineStatus, PoolLine
from modems.simulated import Exchange, SimulatedDialler
from modems.terminal import (
    CallReport,
    Identity,
    Observer,
    PageSink,
    PageSource,
)
from tests.modems.documents import Charts, Keeper, chart

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PAGES = [chart(1, 60), chart(2, 60)]


def now() -> datetime:
    """The loop's time as people read it."""
    return START + timedelta(seconds=asyncio.get_running_loop().time())


class Office:
    """Lines of one exchange, named by their numbers: `pool` has some, the rest are strangers."""

    def __init__(self, sink: PageSink | None = None) -> None:
        self.exchange = Exchange()
        self.sink = sink
        self.changes: list[str] = []
        self.reports: list[CallReport] = []

    def terminal(self, number: str) -> LineTerminal:
        """A terminal on a new line."""
        dialler = SimulatedDialler(self.exchange, number)
        return LineTerminal(dialler, clock=dialler.now)

    def line(self, number: str, *, sends: bool = True, receives: bool = True) -> PoolLine:
        """A line for the pool."""
        terminal = self.terminal(number)
        return PoolLine(number, terminal, number=number, sends=sends, receives=receives)

    @asynccontextmanager
    async def pool(self, *lines: PoolLine) -> AsyncIterator[Pool]:
        """A pool of these lines that answers every call."""
        pool = Pool(lines, self.answer, now, self.note)
        running = asyncio.create_task(pool.run())
        await asyncio.sleep(0.001)
        yield pool
        running.cancel()
        await asyncio.wait([running])

    async def answer(self, line: PoolLine, call: IncomingCall) -> None:
        """Take a fax."""
        self.reports.append(await line.terminal.receive(call, self.sink or Keeper(), line.identity))

    def note(self, status: LineStatus) -> None:
        """Remember what a line did."""
        self.changes.append(f"{status.name}: {status}")

    def states(self, pool: Pool) -> list[str]:
        """What the lines do now."""
        return [status.state.value for status in pool.status()]


class Broken:
    """A driver that raises whatever it is asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def send(
        self, number: str, source: PageSource, identity: Identity, observer: Observer | None = None
    ) -> CallReport:
        """Fail."""
        raise OSError("the port is gone")

    async def wait_for_call(self) -> IncomingCall:
        """Fail."""
        self.asked.append(asyncio.get_running_loop().time())
        raise OSError("the port is gone")

    async def receive(
        self,
        call: IncomingCall,
        sink: PageSink,
        identity: Identity,
        observer: Observer | None = None,
    ) -> CallReport:
        """Fail."""
        raise OSError


class Stubborn(Broken):
    """A driver that, told to stop waiting, says that it rings."""

    async def wait_for_call(self) -> IncomingCall:
        """Ring when cancelled, once; then never."""
        try:
            await asyncio.sleep(1e9)
        except asyncio.CancelledError:
            if self.asked:
                raise
        self.asked.append(0.0)
        return IncomingCall(caller="+99")


async def send(line: PoolLine, number: str, pages: Charts | None = None) -> CallReport:
    """Send a document on a seized line."""
    return await line.terminal.send(number, pages or Charts(PAGES), line.identity)


async def call(office: Office, caller: str, called: str) -> CallReport:
    """A stranger calls."""
    return await office.terminal(caller).send(called, Charts(PAGES), Identity(caller))
