from __future__ import annotations

import asyncio

import pytest

from modems.dialler import DialFailed, IncomingCall
from modems.session import Dialled
from modems.simulated import Exchange, SimulatedDialler, SimulatedLine
from modems.simulated.exchange import SET_UP, T0
from modems.simulated.signals import ANSWER_SILENCE, CED, TURN_ROUND
from modems.t30.line import CallDropped, NoCarrier
from tests.modems.simulated.telephones import CALLED, CALLING, connected, two_lines

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def exchange() -> Exchange:
    """An exchange at the speed of life."""
    return Exchange()


async def outcome(line: SimulatedDialler, number: str) -> Dialled:
    """What a dial came to."""
    try:
        await line.dial(number)
    except DialFailed as failed:
        return failed.dialled
    return Dialled.CONNECTED


def seconds() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


async def test_the_called_line_knows_both_numbers(exchange: Exchange) -> None:
    """A ringing line is told who calls and which number was dialled."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial("+48 222 000-002"))
    call = await called.wait_for_call()

    assert (call.caller, call.called) == (CALLING, "+48 222 000-002")
    dialling.cancel()


async def test_an_answer_connects_after_ced(exchange: Exchange) -> None:
    """The answering end is ready to speak when silence, CED and the turn-round are over."""
    calling, called = two_lines(exchange)

    async def dial() -> float:
        return (await calling.dial(CALLED)).now()

    dialling = asyncio.create_task(dial())
    call = await called.wait_for_call()
    rang = called.now()
    theirs = await called.answer(call)

    assert await dialling == pytest.approx(rang)
    assert theirs.now() - rang == pytest.approx(ANSWER_SILENCE + CED + TURN_ROUND)


async def test_an_unknown_number_is_not_in_service(exchange: Exchange) -> None:
    """A number without a line is answered by the exchange."""
    calling, _ = two_lines(exchange)

    assert await outcome(calling, "+48229999999") is Dialled.NOT_IN_SERVICE
    assert seconds() == SET_UP
    assert not calling.engaged


async def test_nobody_answers(exchange: Exchange) -> None:
    """A line that nobody answers rings until T0, and then both lines are free."""
    calling, called = two_lines(exchange)

    assert await outcome(calling, CALLED) is Dialled.NO_ANSWER
    assert seconds() == pytest.approx(SET_UP + T0)
    assert not calling.engaged
    assert not called.engaged


async def test_a_rejected_call_is_not_offered_again(exchange: Exchange) -> None:
    """A call that is left unanswered rings on for its caller, and nobody is told of it again."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(outcome(calling, CALLED))
    await called.reject(await called.wait_for_call())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(called.wait_for_call(), 10)
    assert called.engaged
    assert await dialling is Dialled.NO_ANSWER


async def test_a_call_that_does_not_ring_cannot_be_rejected(exchange: Exchange) -> None:
    """Rejecting a call that has gone touches no other."""
    calling, called = two_lines(exchange)
    await called.reject(IncomingCall())
    dialling = asyncio.create_task(calling.dial(CALLED))
    call = await called.wait_for_call()
    await called.reject(IncomingCall(caller="+48229999999"))

    assert await called.wait_for_call() == call
    dialling.cancel()


async def test_a_call_is_offered_until_it_is_dealt_with(exchange: Exchange) -> None:
    """Who stops waiting, or forgets, loses no call: it is offered again while it rings."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    await asyncio.sleep(SET_UP + 5)
    first = await called.wait_for_call()

    assert await called.wait_for_call() == first
    dialling.cancel()


async def test_a_line_in_a_call_is_busy(exchange: Exchange) -> None:
    """Until its own end has hung up, a line is busy for others."""
    ours, theirs = await connected(exchange)
    third = SimulatedDialler(exchange, "+48223000003")

    assert await outcome(third, CALLED) is Dialled.BUSY
    assert await outcome(third, CALLING) is Dialled.BUSY
    await ours.hang_up()
    assert await outcome(third, CALLED) is Dialled.BUSY
    await theirs.hang_up()
    assert await outcome(third, CALLED) is Dialled.NO_ANSWER


async def test_a_ringing_line_is_busy(exchange: Exchange) -> None:
    """A line rings for one caller; the next one finds it busy."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    await called.wait_for_call()

    assert await outcome(SimulatedDialler(exchange, "+48223000003"), CALLED) is Dialled.BUSY
    dialling.cancel()


async def test_a_dialling_line_is_busy(exchange: Exchange) -> None:
    """A line that has gone off-hook to dial is busy for others, and for itself."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(outcome(calling, CALLED))
    await asyncio.sleep(SET_UP / 2)
    assert await outcome(called, called.number) is Dialled.BUSY

    assert await dialling is Dialled.BUSY


async def test_an_engaged_line_cannot_dial(exchange: Exchange) -> None:
    """A line that rings has no dial tone for us."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    await called.wait_for_call()

    assert await outcome(called, "+48223000003") is Dialled.NO_DIALTONE
    dialling.cancel()


async def test_a_caller_who_gives_up_frees_both_lines(exchange: Exchange) -> None:
    """When the caller hangs up while it rings, an answer comes too late and says so."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    call = await called.wait_for_call()
    dialling.cancel()
    await asyncio.wait([dialling])

    with pytest.raises(DialFailed) as failed:
        await called.answer(call)
    assert failed.value.dialled is Dialled.NO_CARRIER
    assert not calling.engaged
    assert not called.engaged


async def test_giving_up_at_the_moment_of_the_answer_ends_the_call(exchange: Exchange) -> None:
    """A caller who is cancelled just as the call is answered hangs up; nothing stays engaged."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    call = await called.wait_for_call()
    answering = asyncio.create_task(called.answer(call))
    await asyncio.sleep(0)
    dialling.cancel()
    theirs = await answering

    with pytest.raises(CallDropped):
        await theirs.pause(1)
    await theirs.hang_up()
    assert not calling.engaged
    assert not called.engaged


async def test_an_answer_that_is_given_up_hangs_up(exchange: Exchange) -> None:
    """Cancelled during CED, the called line goes on-hook and the caller notices."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    answering = asyncio.create_task(called.answer(await called.wait_for_call()))
    ours = await dialling
    await asyncio.sleep(1)
    answering.cancel()

    with pytest.raises(CallDropped):
        await ours.receive_frames(timeout=35)
    assert not called.engaged


async def test_a_caller_who_leaves_during_ced_gives_a_dead_line(exchange: Exchange) -> None:
    """A call lost during CED is still answered: its line says that the call is gone."""
    calling, called = two_lines(exchange)
    dialling = asyncio.create_task(calling.dial(CALLED))
    answering = asyncio.create_task(called.answer(await called.wait_for_call()))
    await (await dialling).hang_up()
    theirs = await answering

    with pytest.raises(CallDropped):
        await theirs.pause(1)


async def test_a_silent_far_end_is_no_carrier(exchange: Exchange) -> None:
    """A called line that says nothing after CED leaves the caller with T1."""
    ours, theirs = await connected(exchange)

    async def sleep_through() -> None:
        await theirs.pause(60)

    asleep = asyncio.create_task(sleep_through())
    with pytest.raises(NoCarrier):
        await ours.receive_frames(timeout=35)
    asleep.cancel()


def test_a_number_is_given_once(exchange: Exchange) -> None:
    """Two lines cannot have one number."""
    SimulatedDialler(exchange, CALLED)

    with pytest.raises(ValueError, match="already connected"):
        SimulatedDialler(exchange, "+48 222 000 002")


async def test_calls_at_the_same_time_do_not_meet(exchange: Exchange) -> None:
    """Each call has its own two ends."""
    lines = [SimulatedDialler(exchange, f"+4822300000{i}") for i in range(4)]

    async def answer(line: SimulatedDialler) -> SimulatedLine:
        return await line.answer(await line.wait_for_call())

    first, second, _, _ = await asyncio.gather(
        lines[0].dial(lines[1].number),
        lines[2].dial(lines[3].number),
        answer(lines[1]),
        answer(lines[3]),
    )
    await first.hang_up()
    await second.pause(1)

    assert not lines[0].engaged
    assert lines[2].engaged
