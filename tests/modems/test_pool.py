"""The pool of lines: who gets one, who answers, and that no call is lost in between."""

from __future__ import annotations

import asyncio

import pytest

from modems.dialler import IncomingCall
from modems.pool import NEXT_RING, Pool
from modems.pool_line import LineState, PoolLine
from modems.session import Dialled
from modems.terminal import (
    Identity,
    Terminal,
)
from tests.modems.office import Broken, Office, Stubborn, call, now, send

pytestmark = pytest.mark.virtual_time


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
