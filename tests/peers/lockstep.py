"""A call with spandsp's fax machine in one process, whose clock is the line's own.

Nothing happens at our end that the line does not wait for: whenever our event loop has nothing left
to do, the exchange moves on by 20 ms. So a call takes as long as it computes, some fifty times
faster than life, and goes the same way each time. What cannot show here is a program that is too
slow for the line; calls over a pty (`calls`) show that.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.cli.fax_files import FilePages, TiffSink, read_files
from gateway.config.model import Class1Modem
from gateway.lines import class1_terminal
from modems.class1 import ModemSettings, SerialModem
from modems.t30.memory import Memory
from modems.terminal import CallReport, PageSource
from tests.peers.channel import Impairment
from tests.peers.exchange import Exchange
from tests.peers.fax_machine import FaxMachine, Machine
from tests.peers.ours import US
from tests.peers.paper import document, same
from tests.peers.soft_modem import XOFF, XON, SoftModem

MACHINE: Final = "200"
OURS: Final = "100"
ENDING: Final = 30.0  # s, for the machine to come to its end after ours
LONGEST: Final = 3600.0  # s of a call
ROOM: Final = 4096  # octets on their way to the modem, above which who writes waits


class Cable:
    """A `Port` of ours and the `Wire` of a modem, joined in memory, with XON and XOFF."""

    uses_software_flow = True

    def __init__(self) -> None:
        self._in = bytearray()
        self._out = bytearray()
        self._flow = False
        self._stopped = False
        self._moved = asyncio.Event()

    # The modem's side ---------------------------------------------------------------------------

    def give(self, octets: bytes) -> int:
        """Octets for us."""
        if self._flow:
            for octet in octets:
                self._stopped = octet == XOFF[0] or (self._stopped and octet != XON[0])
        self._in += octets.translate(None, XON + XOFF) if self._flow else octets
        self._moved.set()
        return len(octets)

    def take(self, most: int) -> bytes:
        """Octets of ours."""
        if self._stopped:
            return b""
        taken, self._out = bytes(self._out[:most]), self._out[most:]
        self._moved.set()
        return taken

    # Ours ---------------------------------------------------------------------------------------

    async def read(self) -> bytes:
        """At least one octet."""
        while not self._in:
            await self._change()
        return self.pending()

    def pending(self) -> bytes:
        """What has come."""
        data = bytes(self._in)
        self._in.clear()
        return data

    def write(self, data: bytes) -> None:
        """Send octets."""
        self._out += data

    async def room(self) -> None:
        """Wait until little is on its way."""
        while len(self._out) > ROOM:
            await self._change()

    async def drained(self) -> None:
        """Wait until the modem has everything."""
        while self._out:
            await self._change()

    async def _change(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def discard(self) -> None:
        """Forget what the modem has not taken."""
        self._out.clear()

    def software_flow(self, on: bool) -> None:
        """Whether XON and XOFF are the modem's own, or data."""
        self._flow = on
        self._stopped = self._stopped and on

    async def drop_dtr(self) -> bool:
        """There is no such wire."""
        return False

    async def carrier(self) -> bool | None:
        """Nor such a one."""
        return None

    async def close(self) -> None:
        """The modem stays."""


class _Idle(selectors.DefaultSelector):
    """Where the loop would wait, the line moves on."""

    def __init__(self, step: Callable[[], None]) -> None:
        super().__init__()
        self._step = step

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0:
            self._step()
        return ready


class LineLoop(asyncio.SelectorEventLoop):
    """A loop that has no other clock than the exchange; what is given to threads takes no time."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        super().__init__(_Idle(exchange.step))

    def time(self) -> float:
        """Seconds of the line."""
        return self._exchange.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """At once."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: our report, the machine's words ("OK" if well) and log, and the pages."""

    report: CallReport
    words: str
    identical: bool
    log: tuple[str, ...]

    @property
    def delivered(self) -> bool:
        """Whether every page is there, pel by pel, and we say so."""
        return self.report.succeeded and self.identical

    def __str__(self) -> str:
        ours = "\n".join(map(str, self.report.trace))
        return f"{self.report.cause} / {self.words}\n{ours}\n" + "\n".join(self.log)


class Lockstep:
    """Calls between us and a machine, over lines that are all impaired alike."""

    def __init__(self, folder: Path, impairment: Impairment, memory: Memory | None = None) -> None:
        self._folder = folder
        self._impairment = impairment
        self._memory = memory

    def send(self, pages: int, rows: int) -> Ended:
        """We call the machine, and send."""
        paper, got = self._papers(pages, rows)
        return self._made(Machine(MACHINE, receives=str(got), tells_all=True), paper, got, _send)

    def receive(self, pages: int, rows: int) -> Ended:
        """The machine calls us, and sends."""
        paper, got = self._papers(pages, rows)
        return self._made(Machine(MACHINE, sends=str(paper), tells_all=True), paper, got, _receive)

    def without_us(self, pages: int, rows: int) -> bool:
        """Two such machines among themselves; whether every page is there, pel by pel."""
        paper, got = self._papers(pages, rows)
        exchange = Exchange(impairment=self._impairment)
        ended: list[str] = []
        exchange.tell = lambda what, *rest: ended.extend(rest[1:2] * (what == "machine ended"))
        sender = FaxMachine(Machine(OURS, sends=str(paper)))
        exchange.add(sender)
        exchange.add(FaxMachine(Machine(MACHINE, receives=str(got))))
        sender.call_number(MACHINE)
        while len(ended) < 2 and exchange.now < LONGEST:
            exchange.step()
        return set(ended) == {"OK"} and same(paper, got)

    def _papers(self, pages: int, rows: int) -> tuple[Path, Path]:
        """What is sent, and where it is to come out."""
        got = self._folder / "b.tif"
        got.unlink(missing_ok=True)
        return document(self._folder / "a.tif", pages, rows=rows), got

    def _made(self, machine: Machine, paper: Path, got: Path, way: Any) -> Ended:
        ended: list[str] = []
        log: list[str] = []
        exchange = Exchange(impairment=self._impairment)

        def tell(what: str, *rest: Any) -> None:
            if what == "machine ended":
                ended.append(rest[1])
            elif what == "says":
                log.append(f"{exchange.now:8.2f} {rest[0]}")

        exchange.tell = tell
        theirs = FaxMachine(machine)
        exchange.add(theirs)
        with asyncio.Runner(loop_factory=lambda: LineLoop(exchange)) as runner:
            report = runner.run(way(exchange, theirs, paper, got, self._memory))
        until = exchange.now + ENDING
        while not ended and exchange.now < until:
            exchange.step()
        identical = got.exists() and same(paper, got)
        return Ended(report, "".join(ended), identical, tuple(log))


async def _terminal(exchange: Exchange, memory: Memory | None) -> Any:
    cable = Cable()

    async def opened() -> Cable:
        return cable

    exchange.add(SoftModem(OURS, cable))
    line = Class1Modem(device="/dev/null", rings=1)
    modem = SerialModem(ModemSettings(line.device), opened)
    return modem, class1_terminal(line, modem, memory=memory)


async def _send(
    exchange: Exchange, _: FaxMachine, paper: Path, got: Path, memory: Memory | None
) -> CallReport:
    _modem, terminal = await _terminal(exchange, memory)
    pages: PageSource = FilePages(await read_files([paper]), shortest=True)
    async with asyncio.timeout(LONGEST):
        report: CallReport = await terminal.send(MACHINE, pages, US)
    return report


async def _receive(
    exchange: Exchange, theirs: FaxMachine, paper: Path, got: Path, memory: Memory | None
) -> CallReport:
    modem, terminal = await _terminal(exchange, memory)
    await modem.ready()
    theirs.call_number(OURS)
    async with asyncio.timeout(LONGEST):
        call = await terminal.wait_for_call()
        report: CallReport = await terminal.receive(call, TiffSink(got), US)
    return report
