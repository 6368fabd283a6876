"""Calls over a simulated exchange, for the tests of the lines and of what runs over them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from modems.simulated import Exchange, Fault, SimulatedDialler, SimulatedLine
from modems.simulated.signals import ANSWER_SILENCE, CED, TURN_ROUND

CALLING = "+48221000001"
CALLED = "+48222000002"


def two_lines(
    exchange: Exchange, faults: Iterable[Fault] = ()
) -> tuple[SimulatedDialler, SimulatedDialler]:
    """A calling line and a called one; the faults are the called one's."""
    return SimulatedDialler(exchange, CALLING), SimulatedDialler(exchange, CALLED, faults=faults)


async def connected(
    exchange: Exchange, faults: Iterable[Fault] = ()
) -> tuple[SimulatedLine, SimulatedLine]:
    """Both ends of a call in which CED has just been sent; neither end has lived further."""
    calling, called = two_lines(exchange, faults)

    async def dial() -> SimulatedLine:
        line = await calling.dial(CALLED)
        await line.pause(ANSWER_SILENCE + CED + TURN_ROUND)
        return line

    async def answer() -> SimulatedLine:
        return await called.answer(await called.wait_for_call())

    return await asyncio.gather(dial(), answer())
