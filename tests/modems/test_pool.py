from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from modems.dialler import IncomingCall
from modems.line_terminal import LineTerminal
from modems.pool import FIRST_REST, LONGEST_REST, NEXT_RING, Pool
from modems.pool_line import LineState, LineStatus, PoolLine
from modems.session import Dialled, Hangup
from modems.simulated import Exchange, SimulatedDialler
from modems.terminal import (
    CallReport,
    Identity,
    Observer,
    PageForm,
    PageSink,
    PageSource,
    Terminal,
)
from tests.modems.documents import Charts, Keeper, KeepingWriter, chart

pytestmark = pytest.mark.virtual_time

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


async def test_a_call_is_answered_and_another_after_it() -> None:
    """A receiving line hands each call to the callback, and waits for the next one afterwards."""
    office = Office()
    async with office.pool(office.line("+1", sends=False)):
        first = await call(office, "+91", "+1")
        second = await call(office, "+92", "+1")

    assert first.succeeded
    assert second.succeeded
    assert [report.number for report in office.reports] == ["+91", "+92"]


async def test_people_see_what_a_line_does() -> None:
    """Each change of a line is told in words, with the far number and the page."""
    office = Office()
    async with office.pool(office.line("+1", sends=False), office.line("+2")) as pool:
        line = await pool.seize()
        await send(line, "+1")
        pool.release(line)
        await asyncio.sleep(1)

        assert [str(status) for status in pool.status()] == ["idle", "idle"]
    assert [c for c in office.changes if c.startswith("+2")] == [
        "+2: about to send",
        "+2: sending to +1",
        "+2: sending to +1, page 1 of 2",
        "+2: sending to +1, page 2 of 2",
        "+2: idle",
    ]
    assert [c for c in office.changes if c.startswith("+1")] == [
        "+1: ringing from +2",
        "+1: receiving from +2",
        "+1: receiving from +2, page 1",
        "+1: receiving from +2, page 2",
        "+1: idle",
    ]


async def test_since_is_when_it_began() -> None:
    """`since` is the time of the last change of state, not of page."""
    office = Office()
    async with office.pool(office.line("+2", receives=False)) as pool:
        await asyncio.sleep(60)
        line = await pool.seize()
        seized = now()
        await asyncio.sleep(5)
        line.at_page(1)

        assert [status.since for status in pool.status()] == [seized]
        pool.release(line)


async def test_a_both_way_line_stops_waiting_while_it_sends() -> None:
    """A both-way line that was seized is not answered; afterwards it waits for calls again."""
    office = Office()
    office.terminal("+9")
    async with office.pool(office.line("+1")) as pool:
        line = await pool.seize()
        sending = asyncio.create_task(send(line, "+9"))
        await asyncio.sleep(2)
        missed = await call(office, "+91", "+1")
        await sending
        pool.release(line)
        answered = await call(office, "+92", "+1")

    assert missed.dialled is Dialled.BUSY
    assert answered.succeeded


async def test_send_only_lines_come_first() -> None:
    """Both-way lines are kept free for callers while a send-only line is idle."""
    office = Office()
    async with office.pool(office.line("+1"), office.line("+2", receives=False)) as pool:
        assert [(await pool.seize()).name, (await pool.seize()).name] == ["+2", "+1"]


async def test_lines_take_turns() -> None:
    """Among equal lines the one that was idle longest is next."""
    office = Office()
    lines = [office.line(f"+{i}", receives=False) for i in (1, 2, 3)]
    async with office.pool(*lines) as pool:
        used = []
        for _ in range(6):
            line = await pool.seize()
            used.append(line.name)
            pool.release(line)

    assert used == ["+1", "+2", "+3"] * 2


async def test_senders_are_served_in_their_order() -> None:
    """Who waits longest for a line gets the next one; who gave up is passed over."""
    office = Office()
    async with office.pool(office.line("+1", receives=False)) as pool:
        line = await pool.seize()
        served: list[str] = []

        async def wait(name: str) -> None:
            served.append(f"{name} {(await pool.seize()).name}")

        waiting = []
        for name in ("a", "b", "c"):
            waiting.append(asyncio.create_task(wait(name)))
            await asyncio.sleep(0.1)
        waiting[1].cancel()
        pool.release(line)
        await asyncio.sleep(0.1)
        pool.release(line)
        await asyncio.wait(waiting)

    assert served == ["a +1", "c +1"]


async def test_a_line_that_only_receives_is_never_seized() -> None:
    """With no sending line idle, a sender waits."""
    office = Office()
    async with office.pool(office.line("+1", sends=False)) as pool:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.seize(), 3600)
        assert office.states(pool) == ["idle"]


@pytest.mark.parametrize("hops", range(12))
async def test_a_call_in_the_moment_of_a_seizure_is_not_lost(hops: int) -> None:
    """Whenever the ring comes during a seizure, either the call is answered or the line is free to
    send, and whoever lost is served afterwards.
    """
    office = Office()
    async with office.pool(office.line("+1")) as pool:
        calling = asyncio.create_task(call(office, "+91", "+1"))
        await asyncio.sleep(1 - 1e-9)  # it rings after a second
        for _ in range(hops):
            await asyncio.sleep(0)
        line = await asyncio.wait_for(pool.seize(), 300)
        pool.release(line)
        report = await calling

        assert report.succeeded
        assert office.states(pool) == ["idle"]


@pytest.mark.parametrize("hops", range(8))
async def test_a_sender_who_gives_up_leaves_the_line_free(hops: int) -> None:
    """A seizure that is cancelled at any moment takes no line with it."""
    office = Office()
    async with office.pool(office.line("+1")) as pool:
        seizing = asyncio.create_task(pool.seize())
        for _ in range(hops):
            await asyncio.sleep(0)
        seizing.cancel()
        await asyncio.wait([seizing])
        if not seizing.cancelled():
            pool.release(seizing.result())

        report = await call(office, "+91", "+1")
        assert report.succeeded
        assert (await pool.seize()).name == "+1"


@pytest.mark.parametrize("gives_up", [False, True])
async def test_a_ring_at_the_last_moment_wins(gives_up: bool) -> None:
    """A line that rings although a sender has taken it is answered; the sender waits, or leaves."""
    office = Office()
    answered: list[str] = []

    async def answer(line: PoolLine, incoming: IncomingCall) -> None:
        answered.append(incoming.caller)
        await asyncio.sleep(60)

    pool = Pool([PoolLine("+1", Stubborn())], answer, now)
    running = asyncio.create_task(pool.run())
    await asyncio.sleep(1)
    seizing = asyncio.create_task(pool.seize())
    await asyncio.sleep(0)
    if gives_up:
        seizing.cancel()
    await asyncio.sleep(30)

    assert answered == ["+99"]
    assert [str(status) for status in pool.status()] == ["ringing from +99"]
    await asyncio.wait([seizing])
    assert seizing.cancelled() == gives_up
    assert office.states(pool) == ["ringing" if gives_up else "about to send"]
    running.cancel()


async def test_a_line_given_to_one_who_has_just_left_is_free() -> None:
    """A sender who is cancelled in the moment of his turn leaves the line to the next one."""
    office = Office()
    async with office.pool(office.line("+1", receives=False)) as pool:
        line = await pool.seize()
        waiting = asyncio.create_task(pool.seize())
        await asyncio.sleep(1)
        pool.release(line)
        waiting.cancel()
        await asyncio.wait([waiting])

        assert waiting.cancelled()
        assert office.states(pool) == ["idle"]
        assert await pool.seize() is line


async def test_a_driver_that_raises_is_a_report() -> None:
    """A sender whose line breaks gets a report of a line fault, and the line is put aside."""
    office = Office()
    async with office.pool(PoolLine("bad", Broken(), receives=False)) as pool:
        line = await pool.seize()
        report = await send(line, "+9")
        pool.release(line)

        assert report.dialled is Dialled.LINE_FAULT
        assert report.status is Hangup.NO_LOOP_CURRENT
        assert "bad" in report.cause
        assert "the port is gone" in report.cause
        assert office.states(pool) == ["failed"]
        assert "the port is gone" in str(pool.status()[0])


async def test_a_failed_line_is_tried_again_later_and_later() -> None:
    """Each time in a row that a line fails it rests twice as long, up to a limit."""
    office = Office()
    broken = Broken()
    async with office.pool(PoolLine("bad", broken)) as pool:
        await asyncio.sleep(2000)
        assert office.states(pool) == ["failed"]

    rests = [b - a for a, b in zip(broken.asked, broken.asked[1:], strict=False)]
    assert rests[:3] == pytest.approx([FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST])
    assert rests[-1] == pytest.approx(LONGEST_REST)


async def test_a_failed_line_does_not_hurt_the_others() -> None:
    """The other lines go on sending and answering."""
    office = Office()
    async with office.pool(PoolLine("bad", Broken()), office.line("+1")):
        assert (await call(office, "+91", "+1")).succeeded


async def test_a_line_that_works_again_is_forgiven() -> None:
    """After a call that went over the line, the next failure rests the short time again."""
    office = Office()
    line = office.line("+1", receives=False)
    async with office.pool(line) as pool:
        line.failed("no modem")
        pool.release(await pool.seize())
        assert office.states(pool) == ["failed"]
        await asyncio.sleep(FIRST_REST + 1)
        await send(await pool.seize(), "+9")

        assert line.failures == 0


async def test_what_our_own_side_raises_is_ours() -> None:
    """An error of the page source or sink passes to its owner; the line is not to blame."""

    class Lost(Charts):
        async def confirming(self, index: int) -> None:
            raise RuntimeError("the claim is lost")

    office = Office()
    async with office.pool(office.line("+1", sends=False), office.line("+2")) as pool:
        line = await pool.seize()
        with pytest.raises(RuntimeError, match="the claim is lost"):
            await send(line, "+1", Lost(PAGES))
        pool.release(line)

        assert office.states(pool)[1] == "idle"


async def test_a_sink_that_raises_ends_the_call() -> None:
    """An error while a received page is kept ends the call unconfirmed, and the line rests."""

    class Full(Keeper):
        def begin(self, form: PageForm) -> KeepingWriter:
            raise OSError("no space left on device")

    office = Office(Full())
    async with office.pool(office.line("+1", sends=False)) as pool:
        report = await call(office, "+91", "+1")

        assert not report.succeeded
        assert [str(status) for status in pool.status()] == ["failed: no space left on device"]


async def test_an_unanswered_call_is_offered_again_at_the_next_ring() -> None:
    """A call that the callback leaves alone rings on, and is offered about every five seconds."""
    office = Office()
    offered: list[float] = []

    async def look(line: PoolLine, incoming: IncomingCall) -> None:
        offered.append(asyncio.get_running_loop().time())

    pool = Pool([office.line("+1")], look, now)
    running = asyncio.create_task(pool.run())
    report = await call(office, "+91", "+1")
    running.cancel()

    assert report.dialled is Dialled.NO_ANSWER
    assert offered == pytest.approx([1 + NEXT_RING * n for n in range(12)], abs=0.01)


async def test_no_call_is_answered_after_the_stop() -> None:
    """Told to stop, the pool finishes the calls in progress and answers no more."""
    office = Office()
    lines = [office.line("+1", sends=False), office.line("+2", sends=False)]
    pool = Pool(lines, office.answer, now)
    running = asyncio.create_task(pool.run())
    calling = asyncio.create_task(call(office, "+91", "+1"))
    await asyncio.sleep(10)
    pool.stop_answering()
    await running

    assert (await calling).succeeded
    assert (await call(office, "+92", "+2")).dialled is Dialled.NO_ANSWER


def test_a_watched_terminal_is_a_terminal() -> None:
    """What the pool hands out can be used wherever a terminal can."""
    line = PoolLine("bad", Broken())
    terminal: Terminal = line.terminal

    assert terminal is line.terminal
    assert line.state is LineState.IDLE
    assert line.identity == Identity("")
