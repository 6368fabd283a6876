"""What every `Line` must do: one suite, run over each driver.

A driver's tests subclass `LineConformance` and give it `pair`: two lines of one connected call,
both ready for phase B, and `tolerance`: how far, in seconds of line time, its times may be off.
Where a real modem may add noise before or after a page, the suite asks that the page is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from modems.t30.fcf import FCF
from modems.t30.frames import Message, build
from modems.t30.line import CallDropped, Frame, Line, Modulation, NoCarrier, WrongCarrier

T = TypeVar("T")
Pair = tuple[Line, Line]

FAST = Modulation.V29_9600
PAGE = bytes(range(256)) * 12  # 2.6 s at 9600 bit/s
DIS = build([Message(FCF.CSI, b"2 1" + b" " * 17), Message(FCF.DIS, b"\x00\x4e\xf8")], x=False)
DCN = build([Message(FCF.DCN)], x=True)

VERBS: dict[str, Callable[[Line], Awaitable[object]]] = {
    "pause": lambda line: line.pause(0.1),
    "wait_for_silence": lambda line: line.wait_for_silence(0.1),
    "send_frames": lambda line: line.send_frames(DIS),
    "receive_frames": lambda line: line.receive_frames(timeout=1),
    "send_training": lambda line: line.send_training(FAST),
    "receive_training": lambda line: line.receive_training(FAST, timeout=1),
    "send_page": lambda line: line.send_page(FAST, PAGE),
    "receive_page": lambda line: page_of(line, timeout=1),
}


async def both(one: Awaitable[object], other: Awaitable[T]) -> T:
    """Let both ends act at once; what the second returns."""
    _, result = await asyncio.gather(one, other)
    return result


async def page_of(line: Line, *, timeout: float, on: Modulation = FAST) -> bytes:
    """A whole page."""
    return b"".join([chunk async for chunk in line.receive_page(on, timeout=timeout)])


async def repeated(line: Line, verb: str, *, seconds: float) -> None:
    """One verb again and again for so long."""
    began = line.now()
    while line.now() < began + seconds:
        await VERBS[verb](line)


class LineConformance:
    """The rules; a subclass supplies the fixture `pair`."""

    tolerance = 0.1

    @pytest.fixture
    async def pair(self) -> Pair:
        """The calling and the called end of one call."""
        raise AssertionError("a driver's tests give the pair")

    async def test_a_burst_arrives_whole_and_in_order(self, pair: Pair) -> None:
        """All frames of one burst come together, in order and undamaged."""
        calling, called = pair

        assert await both(called.send_frames(DIS), calling.receive_frames(timeout=5)) == DIS

    async def test_a_burst_takes_its_time(self, pair: Pair) -> None:
        """A V.21 burst lasts a second of flags and its bits at 300 bit/s, and both ends agree."""
        calling, called = pair
        began, heard_from = called.now(), calling.now()

        async def timed() -> float:
            await called.send_frames(DIS)
            return called.now() - began

        sent = asyncio.create_task(timed())
        await calling.receive_frames(timeout=5)
        heard = calling.now() - heard_from

        bits = sum(8 * (len(frame.octets) + 2) for frame in DIS)
        assert await sent == pytest.approx(heard, abs=self.tolerance)
        assert 0.85 + bits / 300 <= heard + self.tolerance
        assert heard <= 1.15 + 1.2 * bits / 300 + self.tolerance

    async def test_training_is_judged(self, pair: Pair) -> None:
        """An undisturbed TCF is good, and both ends spend at least its 1.5 s."""
        calling, called = pair
        began = called.now()

        assert await both(calling.send_training(FAST), called.receive_training(FAST, timeout=5))
        assert called.now() - began >= 1.5 * 0.9

    async def test_a_page_arrives_as_it_was_sent(self, pair: Pair) -> None:
        """The octets of a page arrive in their order, none missing."""
        calling, called = pair

        assert PAGE in await both(calling.send_page(FAST, PAGE), page_of(called, timeout=5))

    async def test_a_page_arrives_in_pieces(self, pair: Pair) -> None:
        """A page is handed over while it comes, not at its end."""
        calling, called = pair

        async def times() -> list[float]:
            return [called.now() async for _ in called.receive_page(FAST, timeout=5)]

        at = await both(calling.send_page(FAST, PAGE), times())
        assert len(at) > 3
        assert at == sorted(at)
        assert at[-1] - at[0] > 1

    async def test_silence_is_no_carrier(self, pair: Pair) -> None:
        """Who hears nothing within the time-out is told so when it ends, not much later."""
        calling, called = pair
        began = calling.now()
        silent = asyncio.create_task(called.pause(3))

        with pytest.raises(NoCarrier):
            await calling.receive_frames(timeout=2)
        assert calling.now() - began == pytest.approx(2, abs=max(0.3, self.tolerance))
        await silent

    async def test_fast_instead_of_v21_is_a_wrong_carrier(self, pair: Pair) -> None:
        """Who listens for V.21 and hears a fast carrier is told so."""
        calling, called = pair

        with pytest.raises(WrongCarrier):
            await both(calling.send_training(FAST), called.receive_frames(timeout=5))

    async def test_v21_instead_of_fast_is_a_wrong_carrier(self, pair: Pair) -> None:
        """Who listens for a page and hears V.21 is told so, and can then listen to the rest."""
        calling, called = pair
        sending = asyncio.create_task(calling.send_frames(DIS))

        with pytest.raises(WrongCarrier):
            await page_of(called, timeout=5)
        assert await called.receive_frames(timeout=3) == DIS
        await sending

    async def test_the_roles_change(self, pair: Pair) -> None:
        """After one end has sent, the other answers 75 ms later on another carrier."""
        calling, called = pair

        async def command() -> list[Frame]:
            await calling.send_frames(DIS)
            await calling.pause(0.075)
            await calling.send_training(FAST)
            return await calling.receive_frames(timeout=3)

        async def response() -> bool:
            await called.receive_frames(timeout=5)
            good = await called.receive_training(FAST, timeout=5)
            await called.pause(0.075)
            await called.send_frames(DIS)
            return good

        answer, good = await asyncio.gather(command(), response())
        assert answer == DIS
        assert good

    async def test_a_pause_is_as_long_as_asked(self, pair: Pair) -> None:
        """A pause takes its seconds of line time."""
        calling, _ = pair
        began = calling.now()
        await calling.pause(0.5)

        assert calling.now() - began == pytest.approx(0.5, abs=self.tolerance)

    async def test_silence_is_awaited(self, pair: Pair) -> None:
        """Waiting for silence outlasts what the far end is sending."""
        calling, called = pair
        began = calling.now()
        await both(called.send_frames(DIS), calling.wait_for_silence(0.2))

        assert calling.now() - began >= 1.0

    async def test_the_last_words_are_heard(self, pair: Pair) -> None:
        """What was sent just before a hang-up still arrives."""
        calling, called = pair

        async def leave() -> None:
            await calling.send_frames(DCN)
            await calling.hang_up()

        assert await both(leave(), called.receive_frames(timeout=5)) == DCN

    @pytest.mark.parametrize("verb", VERBS)
    async def test_every_verb_notices_that_the_far_end_has_gone(
        self, pair: Pair, verb: str
    ) -> None:
        """Once the far end has hung up, every verb raises CallDropped, at once or soon after."""
        calling, called = pair
        await calling.hang_up()

        with pytest.raises(CallDropped):
            await repeated(called, verb, seconds=5)

    @pytest.mark.parametrize("verb", VERBS)
    async def test_no_verb_works_after_our_own_hang_up(self, pair: Pair, verb: str) -> None:
        """After hang_up, which may be repeated, every verb raises CallDropped."""
        calling, _ = pair
        await calling.hang_up()
        await calling.hang_up()

        with pytest.raises(CallDropped):
            await VERBS[verb](calling)
