from __future__ import annotations

import asyncio

import pytest

from modems.simulated import Exchange, Fault, SimulatedLine
from modems.simulated.line import DETECTION, LONGEST_TALK
from modems.simulated.signals import TCF, TRAINING, frame_burst
from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import CallDropped, Frame, Modulation, NoCarrier, WrongCarrier
from tests.modems.conformance import page_of
from tests.modems.simulated.telephones import connected

pytestmark = pytest.mark.virtual_time

FAST = Modulation.V17_14400
MPS = build([Message(FCF.MPS)], x=True)
TSI_DCS = build([Message(FCF.TSI, b" " * 20), Message(FCF.DCS, b"\x00\x46\x78")], x=True)


@pytest.fixture
async def pair() -> tuple[SimulatedLine, SimulatedLine]:
    """Both ends of a call."""
    return await connected(Exchange())


Pair = tuple[SimulatedLine, SimulatedLine]


async def test_what_nobody_listens_to_is_lost(pair: Pair) -> None:
    """A burst that ended before anyone listened is never heard."""
    ours, theirs = pair
    sending = asyncio.create_task(ours.send_frames(MPS))
    await theirs.pause(5)

    with pytest.raises(NoCarrier):
        await theirs.receive_frames(timeout=2)
    await sending


async def test_late_listeners_hear_what_is_left(pair: Pair) -> None:
    """Who begins to listen in the middle of a burst gets the frames that begin afterwards."""
    ours, theirs = pair
    sending = asyncio.create_task(ours.send_frames(TSI_DCS))
    await theirs.pause(1.2)

    assert await theirs.receive_frames(timeout=2) == TSI_DCS[1:]
    await sending


async def test_a_burst_with_no_frame_left_is_not_heard(pair: Pair) -> None:
    """Who joins after the last frame has begun waits for the next burst."""
    ours, theirs = pair

    async def twice() -> None:
        await ours.send_frames(MPS)
        await ours.pause(1)
        await ours.send_frames(TSI_DCS)

    sending = asyncio.create_task(twice())
    await theirs.pause(1.1)

    assert await theirs.receive_frames(timeout=3) == TSI_DCS
    await sending


async def test_both_talking_at_once_hear_nothing(pair: Pair) -> None:
    """Two bursts at the same time are lost to both ends."""
    ours, theirs = pair
    await asyncio.gather(ours.send_frames(MPS), theirs.send_frames(MPS))

    for line in pair:
        with pytest.raises(NoCarrier):
            await line.receive_frames(timeout=1)


@pytest.mark.parametrize("late", [0.02, 0.05])
async def test_a_missed_training_is_a_missed_page(pair: Pair, late: float) -> None:
    """A receiver that misses more than 25 ms of a fast training misses the whole signal."""
    ours, theirs = pair
    sending = asyncio.create_task(ours.send_page(FAST.short, bytes(3600)))
    await theirs.pause(late)

    heard = asyncio.create_task(page_of(theirs, on=FAST.short, timeout=3))
    await asyncio.wait([heard])
    assert isinstance(heard.exception(), NoCarrier) == (late > 0.025)
    await sending


@pytest.mark.parametrize("on", [m for m in Modulation if m is m.long and m is not Modulation.V21])
async def test_tcf_takes_training_and_its_time(pair: Pair, on: Modulation) -> None:
    """Both ends are busy with TCF for the training and 1.5 s."""
    ours, theirs = pair
    began = theirs.now()
    await asyncio.gather(ours.send_training(on), theirs.receive_training(on, timeout=3))

    assert theirs.now() - began == pytest.approx(TRAINING[on] + TCF)
    assert ours.now() == pytest.approx(theirs.now())


async def test_the_wrong_rate_is_a_wrong_carrier(pair: Pair) -> None:
    """A carrier of another rate than the one listened for is known as wrong within 40 ms."""
    ours, theirs = pair
    began = theirs.now()
    sending = asyncio.create_task(ours.send_page(Modulation.V17_9600_SHORT, bytes(100)))

    with pytest.raises(WrongCarrier):
        await page_of(theirs, on=Modulation.V17_14400_SHORT, timeout=3)
    assert theirs.now() - began == pytest.approx(DETECTION)
    await sending


async def test_a_page_is_no_good_tcf(pair: Pair) -> None:
    """Data where zeros should be fails the training check."""
    ours, theirs = pair

    _, good = await asyncio.gather(
        ours.send_page(FAST, bytes(2700)), theirs.receive_training(FAST, timeout=3)
    )
    assert not good


async def test_a_cut_tcf_is_not_good(pair: Pair) -> None:
    """A TCF whose sender stops in the middle fails, when the carrier ends."""
    ours, theirs = pair
    sending = asyncio.create_task(ours.send_training(FAST))
    receiving = asyncio.create_task(theirs.receive_training(FAST, timeout=3))
    began = theirs.now()
    await asyncio.sleep(2)
    sending.cancel()

    assert not await receiving
    assert theirs.now() - began == pytest.approx(2)


async def test_a_page_lasts_as_long_as_its_bits(pair: Pair) -> None:
    """Short training, then eight bits an octet at the rate of the carrier."""
    ours, theirs = pair
    began = theirs.now()
    await asyncio.gather(
        ours.send_page(FAST.short, bytes(18_000)), page_of(theirs, on=FAST.short, timeout=3)
    )

    assert theirs.now() - began == pytest.approx(0.142 + 10)


async def test_a_hang_up_in_a_page_leaves_what_had_come(pair: Pair) -> None:
    """The octets up to a hang-up are handed over before the call is known as lost."""
    ours, theirs = pair
    come = bytearray()

    async def receive() -> None:
        async for chunk in theirs.receive_page(FAST.short, timeout=3):
            come.extend(chunk)

    receiving = asyncio.create_task(receive())
    sending = asyncio.create_task(ours.send_page(FAST.short, bytes(18_000)))
    await asyncio.sleep(5.142)
    await ours.hang_up()

    with pytest.raises(CallDropped):
        await receiving
    with pytest.raises(CallDropped):
        await sending
    assert len(come) == pytest.approx(9000, abs=360)


async def test_silence_is_counted_from_the_last_sound(pair: Pair) -> None:
    """Silence of n seconds ends n seconds after the far end's last carrier."""
    ours, theirs = pair

    async def speak() -> float:
        await ours.send_frames(MPS)
        return ours.now()

    speaking = asyncio.create_task(speak())
    await theirs.pause(0.5)
    await theirs.wait_for_silence(0.2)

    assert theirs.now() == pytest.approx(await speaking + 0.2)


async def test_silence_is_not_awaited_for_ever(pair: Pair) -> None:
    """Someone who never stops talking is waited for at most a minute."""
    ours, theirs = pair
    began = theirs.now()
    talking = asyncio.create_task(ours.send_page(Modulation.V27TER_2400, bytes(36_000)))
    await theirs.wait_for_silence(0.2)

    assert theirs.now() - began == pytest.approx(LONGEST_TALK)
    talking.cancel()


async def test_silence_waits_for_one_who_is_about_to_speak() -> None:
    """While the far end only computes, its silence is not yet known, and line time stands still."""
    ours, theirs = await connected(Exchange(speed=8))

    async def speak_soon() -> float:
        await asyncio.sleep(0.2)
        await theirs.send_frames(MPS)
        return theirs.now()

    speaking = asyncio.create_task(speak_soon())
    await ours.wait_for_silence(0.3)

    assert ours.now() == pytest.approx(await speaking + 0.3)


async def test_silence_is_known_when_the_far_end_has_thought(pair: Pair) -> None:
    """When a wait and the far end's pause end together, silence is known once that has chosen."""
    ours, theirs = pair
    began = ours.now()

    async def speak() -> None:
        await theirs.pause(1)
        await theirs.send_frames(MPS)

    speaking = asyncio.create_task(speak())
    await ours.wait_for_silence(1 + 1e-9)

    await speaking
    assert ours.now() == pytest.approx(began + 1 + frame_burst(0, Modulation.V21, MPS).end + 1)


async def test_computing_takes_no_line_time() -> None:
    """Within the clock's grace, what is computed between two verbs delays nobody."""
    ours, theirs = await connected(Exchange(speed=8))

    async def command() -> list[Frame]:
        await ours.send_frames(TSI_DCS)
        await asyncio.sleep(0.3)  # 2.4 s of line time
        await ours.pause(0.075)
        await ours.send_frames(MPS)
        return await ours.receive_frames(timeout=3)

    async def respond() -> tuple[float, float]:
        await theirs.receive_frames(timeout=5)
        ended = theirs.now()
        await asyncio.sleep(0.1)
        await theirs.receive_frames(timeout=1)
        heard = theirs.now() - ended
        await asyncio.sleep(0.4)  # longer than the caller's 3 s would be
        await theirs.send_frames(MPS)
        return ended, heard

    answer, (_, heard) = await asyncio.gather(command(), respond())
    assert answer == MPS
    assert heard == pytest.approx(0.075 + 1.0 + 50 / 300, abs=0.02)


async def test_real_slowness_counts() -> None:
    """Beyond the grace a delay has happened on the line, and the far end's time-out ends."""
    ours, theirs = await connected(Exchange(speed=8))

    async def respond() -> None:
        await asyncio.sleep(1)
        await theirs.send_frames(MPS)

    responding = asyncio.create_task(respond())
    with pytest.raises(NoCarrier):
        await ours.receive_frames(timeout=3)
    responding.cancel()


async def test_a_signal_travels() -> None:
    """With a delay each way, an answer comes a round trip later."""
    ours, theirs = await connected(Exchange(delay=0.3))

    async def command() -> float:
        await ours.send_frames(MPS)
        ended = ours.now()
        await ours.receive_frames(timeout=3)
        return ours.now() - ended

    async def respond() -> None:
        await theirs.receive_frames(timeout=5)
        await theirs.send_frames(MPS)

    took, _ = await asyncio.gather(command(), respond())
    assert took == pytest.approx(2 * 0.3 + 1 + 50 / 300, abs=0.02)


async def test_a_cancelled_verb_leaves_the_line_usable(pair: Pair) -> None:
    """After a cancelled wait the line goes on from the present."""
    ours, theirs = pair
    waiting = asyncio.create_task(ours.receive_frames(timeout=30))
    await asyncio.sleep(4)
    waiting.cancel()
    await asyncio.wait([waiting])
    sending = asyncio.create_task(theirs.send_frames(MPS))

    assert await ours.receive_frames(timeout=3) == MPS
    await sending


async def test_frames_travel_on_a_fast_carrier() -> None:
    """A block of frames on V.17 arrives whole, those that noise struck marked as damaged."""
    ours, theirs = await connected(Exchange(), [Fault("damage_rows", rows=2)])
    block = [Frame(bytes([0xFF, 0x03, 0x06, n]) + bytes(256)) for n in range(20)]
    sending = asyncio.create_task(ours.send_frames(block, on=FAST))
    heard = await theirs.receive_frames(timeout=3, on=FAST)

    await sending
    assert [frame.octets for frame in heard] == [frame.octets for frame in block]
    assert sum(not frame.ok for frame in heard) == 2


async def test_a_fast_block_can_be_cut_off() -> None:
    """A hang-up in a page also happens in a block of frames."""
    ours, theirs = await connected(Exchange(), [Fault("hang_up", after=0.5)])
    sending = asyncio.create_task(ours.send_frames([Frame(bytes(256))] * 9, on=FAST))

    with pytest.raises(CallDropped):
        await theirs.receive_frames(timeout=3, on=FAST)
    with pytest.raises(CallDropped):
        await sending
